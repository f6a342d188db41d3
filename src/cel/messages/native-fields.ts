import { ScalarType } from "@bufbuild/protobuf";
import type { FieldType } from "./field-type.ts";
import { listField, mapField, scalarField } from "./scalar-fields.ts";

/** A text field of a native structure. */
export const textField: FieldType = scalarField(ScalarType.STRING, false);
/** An int field of a native structure. */
export const intField: FieldType = scalarField(ScalarType.INT64, false);
/** A bytes field of a native structure. */
export const bytesField: FieldType = scalarField(ScalarType.BYTES, false);
/** A field of a native structure that maps texts to lists of texts. */
export const textListsField: FieldType = mapField(textField, listField(textField));
/** A bool field of a native structure. */
export const boolField: FieldType = scalarField(ScalarType.BOOL, false);
/** A field of a native structure that maps texts to texts. */
export const textMapField: FieldType = mapField(textField, textField);

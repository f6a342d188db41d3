import type { JsonValue } from "../../model/json.ts";
import type { CelType } from "../types/type.ts";
import type { CelResult, CelValue } from "../values/value.ts";

/** The form of one protobuf field's values in CEL, and in the payload's protobuf JSON form. */
export interface FieldType {
  readonly type: CelType;
  /** What an unset field reads as. */
  readonly unset: CelValue;
  /** Whether an unset field can be told from one that has its default. */
  readonly hasPresence: boolean;
  /** Converts a member of the payload. */
  readonly fromJson: (value: JsonValue) => CelResult;
  /** Converts a value that an expression assigns; undefined when it cannot be assigned. */
  readonly assign: (value: CelValue) => CelValue | undefined;
  /** Returns whether a value is the default of a field without presence. */
  readonly isDefault: (value: CelValue) => boolean;
}

/** A field of a message: its two names, its type. */
export interface MessageField extends FieldType {
  /** As expressions write it: snake_case. */
  readonly name: string;
  /** As the payload has it: camelCase. */
  readonly jsonName: string;
  /** Of the fields of one oneof at most one is set. */
  readonly oneof: string | undefined;
}

import type { CelType } from "../types/type.ts";
import type { CelResult, CelValue } from "../values/value.ts";
import type { MessageField } from "./field-type.ts";

/** A type whose values have fields and can be written as literals. */
export interface MessageShape {
  readonly name: string;
  /** The fields by their CEL names, where the type is a protobuf message whose values in the payload are JSON. */
  readonly fields?: ReadonlyMap<string, MessageField>;
  /** Returns the static type of a field, or undefined when there is no such field. */
  readonly field: (name: string) => CelType | undefined;
  /** Returns the message with these fields, or why it cannot be built; fields not given are unset. */
  readonly build: (fields: ReadonlyMap<string, CelValue>) => CelResult;
}

/** The message types that expressions of a mode may name. */
export interface MessageTypes {
  /** Returns the shape of a type by its full name. */
  readonly shape: (name: string) => MessageShape | undefined;
  /** Returns the int that a qualified name of an enum's value stands for. */
  readonly enumValue: (name: string) => bigint | undefined;
}

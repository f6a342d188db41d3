import type { CelResult, CelValue } from "./value.ts";

/** A protobuf message or a native structure: fields by their CEL names. */
export abstract class CelMessage {
  /** The full name of the message's type. */
  abstract readonly typeName: string;
  /**
   * Returns a field's value, its default when it is not set, or undefined when the type has no such field.
   */
  abstract get(field: string): CelResult | undefined;
  /** Returns whether the field is set: present for messages, not the default for scalars. */
  abstract has(field: string): boolean;
  /** Returns the names and values of the fields that are set. */
  abstract setFields(): Iterable<readonly [string, CelValue]>;
}

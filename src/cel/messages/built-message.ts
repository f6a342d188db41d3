import { valueError } from "../values/errors.ts";
import { CelMessage } from "../values/message.ts";
import type { CelResult, CelValue } from "../values/value.ts";
import type { ReadableShape } from "./json-message.ts";

/** A message that an expression built. Never changed: builders make copies. */
export class BuiltMessage extends CelMessage {
  readonly #shape: ReadableShape;
  readonly #values: ReadonlyMap<string, CelValue>;

  private constructor(shape: ReadableShape, values: ReadonlyMap<string, CelValue>) {
    super();
    this.#shape = shape;
    this.#values = values;
  }

  /** Returns the message with these fields, or why a value cannot be assigned to its field. */
  static create(shape: ReadableShape, values: ReadonlyMap<string, CelValue>): CelResult {
    const assigned = new Map<string, CelValue>();
    for (const [name, value] of values) {
      const field = shape.fields.get(name);
      if (field === undefined) return valueError(`no such field: ${name}`);
      // Null leaves a message or wrapper unset.
      if (value === null && field.hasPresence) continue;
      const own = field.assign(value);
      if (own === undefined) return valueError(`field \`${name}\` does not take this value`);
      if (field.hasPresence || !field.isDefault(own)) assigned.set(name, own);
    }
    return new BuiltMessage(shape, assigned);
  }

  override get typeName(): string {
    return this.#shape.name;
  }

  override get(name: string): CelResult | undefined {
    return this.#values.get(name) ?? this.#shape.fields.get(name)?.unset;
  }

  override has(name: string): boolean {
    return this.#values.has(name);
  }

  override setFields(): Iterable<readonly [string, CelValue]> {
    return this.#values;
  }

  /** Returns a copy in which one field has another value. */
  with(name: string, value: CelValue): BuiltMessage {
    return new BuiltMessage(this.#shape, new Map([...this.#values, [name, value]]));
  }
}

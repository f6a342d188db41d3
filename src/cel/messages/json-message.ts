import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { JsonObject } from "../../model/json.ts";
import { CelMessage } from "../values/message.ts";
import type { CelResult, CelValue } from "../values/value.ts";
import type { MessageField } from "./field-type.ts";

/** The fields of a type, as far as reading a payload needs them. */
export interface ReadableShape {
  readonly name: string;
  readonly fields: ReadonlyMap<string, MessageField>;
}

/** A view of a message in the payload: fields are converted when they are read. */
export class JsonMessage extends CelMessage {
  readonly #shape: ReadableShape;
  readonly json: JsonObject;

  constructor(shape: ReadableShape, json: JsonObject) {
    super();
    this.#shape = shape;
    this.json = json;
  }

  override get typeName(): string {
    return this.#shape.name;
  }

  override get(name: string): CelResult | undefined {
    const field = this.#shape.fields.get(name);
    return field === undefined ? undefined : readJsonField(this.json, field);
  }

  override has(name: string): boolean {
    const field = this.#shape.fields.get(name);
    if (field === undefined || !Object.hasOwn(this.json, field.jsonName)) return false;
    if (field.hasPresence) return true;
    const value = readJsonField(this.json, field);
    return !isEvaluationError(value) && !field.isDefault(value);
  }

  override *setFields(): Iterable<readonly [string, CelValue]> {
    for (const field of this.#shape.fields.values()) {
      if (!this.has(field.name)) continue;
      const value = readJsonField(this.json, field);
      yield [field.name, isEvaluationError(value) ? null : value];
    }
  }
}

/** Returns a field of a message in the payload's form. */
export function readJsonField(json: JsonObject, field: MessageField): CelResult {
  const { jsonName } = field;
  const value = Object.hasOwn(json, jsonName) ? json[jsonName] : undefined;
  return value === undefined ? field.unset : field.fromJson(value);
}

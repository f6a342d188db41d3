import { formatGoSyntax, formatGoValue, quoteGoString } from "../../go-values/go-format.ts";
import { sortedKeys } from "../../go-values/go-string.ts";
import { formatJson } from "../../go-values/json-text.ts";
import { setField } from "../../go-values/semantics.ts";
import {
  GoInt,
  GoStruct,
  ItemsArray,
  type Value,
  type ValueObject,
} from "../../go-values/value.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { JsonValue } from "../../model/json.ts";

/** The address that stands for those Go prints: they differ from run to run. */
const someAddress = "0xc000000000";

/** One field of a Go struct. */
export interface GoField {
  /** The name in Go, upper case first. */
  readonly name: string;
  readonly value: Value;
  /** The name in JSON; absent when the field's own members stand in its place. */
  readonly jsonName?: string;
  /** Whether JSON leaves it out when it is empty. */
  readonly omitEmpty?: boolean;
  /** Whether the fields of its value are found as if they were the struct's own. */
  readonly embedded?: boolean;
}

/** A Go struct, with the names and texts that Go gives it. */
export class GoRecord extends GoStruct {
  readonly typeName: string;
  readonly #fields: readonly GoField[];

  constructor(typeName: string, fields: readonly GoField[]) {
    super();
    this.typeName = typeName;
    this.#fields = fields;
  }

  field(name: string): Value {
    const goName = name.charAt(0).toUpperCase() + name.slice(1);
    const own = this.#fields.find((field) => field.name === goName);
    if (own !== undefined) return own.value;
    for (const { embedded, value } of this.#fields) {
      const promoted = embedded === true && value instanceof GoStruct ? value.field(name) : null;
      if (promoted !== null) return promoted;
    }
    return null;
  }

  toJson(): Value {
    const object: { [key: string]: Value } = {};
    for (const [name, value] of this.#jsonMembers()) setField(object, name, plainJson(value));
    return object;
  }

  override jsonText(): string {
    return this.#textWith(textOfValue);
  }

  override addressableText(): string {
    return this.#textWith(textOfJson);
  }

  #textWith(textOf: (value: Value) => string): string {
    const members = this.#jsonMembers().map(
      ([name, value]) => `${textOfJson(name)}:${textOf(value)}`,
    );
    return `{${members.join(",")}}`;
  }

  override goSyntax(): string {
    const fields = this.#fields.map(({ name, value }) => `${name}:${nestedSyntax(value)}`);
    return `${this.typeName}{${fields.join(", ")}}`;
  }

  override goText(): string {
    return `{${this.#fields.map(({ value }) => nestedText(value)).join(" ")}}`;
  }

  override comparedParts(): readonly Value[] | undefined {
    const values = this.#fields.map(({ value }) => value);
    return values.some(isUncomparable) ? undefined : values;
  }

  #jsonMembers(): (readonly [string, Value])[] {
    return this.#fields.flatMap(({ jsonName, value, omitEmpty }) => {
      if (jsonName === undefined) return value instanceof GoRecord ? value.#jsonMembers() : [];
      return omitEmpty === true && isEmpty(value) ? [] : [[jsonName, value] as const];
    });
  }
}

/**
 * An untyped value of a policy, which sits in a struct of its own as the field `Value`. JSON shows the value alone, but
 * for one that was copied out of what held it: the method that does so belongs to the pointer.
 */
export class GoAny extends GoRecord {
  readonly #value: JsonValue;

  constructor(value: JsonValue) {
    super("v1alpha1.Any", [{ name: "Value", value, jsonName: "value" }]);
    this.#value = value;
  }

  override toJson(): Value {
    return this.#value;
  }

  override jsonText(): string {
    return `{"Value":${textOfJson(this.#value)}}`;
  }

  override addressableText(): string {
    return textOfJson(this.#value);
  }
}

/** A Go pointer to a struct or a number; without a target it is nil, which is not null to a policy. */
export class GoPointer extends GoStruct {
  readonly typeName: string;
  override readonly kind: string = "ptr";
  readonly target: GoStruct | GoInt | undefined;

  constructor(typeName: string, target?: GoStruct | GoInt) {
    super();
    this.typeName = typeName;
    this.target = target;
  }

  field(name: string): Value {
    return this.target instanceof GoStruct ? this.target.field(name) : null;
  }

  toJson(): Value {
    return plainJson(this.target ?? null);
  }

  override jsonText(): string {
    return textOfJson(this.target ?? null);
  }

  override goSyntax(): string {
    return this.target === undefined ? `(${this.typeName})(nil)` : `&${nestedSyntax(this.target)}`;
  }

  /** What `%#v` prints for it inside another value. */
  nestedSyntax(): string {
    return this.target === undefined ? this.goSyntax() : `(${this.typeName})(${someAddress})`;
  }

  override goText(): string {
    return this.target === undefined ? "<nil>" : `&${nestedText(this.target)}`;
  }

  override displayText(): string {
    if (this.target === undefined) return '"null"';
    return this.target instanceof GoStruct ? this.target.displayText() : nestedSyntax(this.target);
  }
}

/** A Go `map[string]string`; nil when there is none, which is not null to a policy. */
export class GoStringMap extends GoStruct {
  readonly typeName: string = "map[string]string";
  override readonly kind: string = "map";
  readonly #members: ValueObject | undefined;

  constructor(members: ValueObject | undefined) {
    super();
    this.#members = members;
  }

  /** Null: an expression does not see into it, only a tree's key does. */
  field(): Value {
    return null;
  }

  override members(): ValueObject {
    return this.#members ?? {};
  }

  override comparedParts(): undefined {
    return undefined;
  }

  toJson(): Value {
    return this.#members ?? null;
  }

  override goSyntax(): string {
    const members = this.#members;
    if (members === undefined) return `${this.typeName}(nil)`;
    const entries = sortedKeys(members).map(
      (key) => `${quoteGoString(key)}:${formatGoSyntax(members[key] ?? null)}`,
    );
    return `${this.typeName}{${entries.join(", ")}}`;
  }

  override goText(): string {
    return formatGoValue(this.members());
  }
}

/** A string of a named Go type, which no plain string can be compared with. */
export class GoNamedString extends GoStruct {
  readonly typeName: string;
  override readonly kind: string = "string";
  readonly #text: string;

  constructor(typeName: string, text: string) {
    super();
    this.typeName = typeName;
    this.#text = text;
  }

  field(): Value {
    return null;
  }

  toJson(): Value {
    return this.#text;
  }

  override goSyntax(): string {
    return quoteGoString(this.#text);
  }

  override goText(): string {
    return this.#text;
  }
}

/** A Go `int64`. */
export class GoInt64 extends GoInt {
  override get kind(): string {
    return "int64";
  }
}

/** Returns whether a field of the value's type keeps its struct from being compared; a JSON value's type shows only there. */
function isUncomparable(value: Value): boolean {
  if (value instanceof ItemsArray) return true;
  return value instanceof GoStruct && value.comparedParts() === undefined;
}

function isEmpty(value: Value): boolean {
  if (value instanceof GoPointer) return value.target === undefined;
  if (value instanceof GoStringMap) return Object.keys(value.members()).length === 0;
  if (value instanceof GoNamedString) return value.toJson() === "";
  if (value instanceof GoInt) return value.value === 0;
  return value instanceof ItemsArray ? value.items.length === 0 : value === "";
}

function plainJson(value: Value): Value {
  if (value instanceof GoStruct) return value.toJson();
  if (value instanceof GoInt) return value.value;
  if (value instanceof ItemsArray) return value.isNil ? null : value.items.map(plainJson);
  return value;
}

/** The JSON text of a field of a struct that is a value: structs in it are values too. */
function textOfValue(value: Value): string {
  return value instanceof GoRecord ? value.jsonText() : textOfJson(value);
}

function textOfJson(value: Value): string {
  if (value instanceof GoStruct) return value.addressableText() ?? textOfJson(value.toJson());
  if (value instanceof ItemsArray) {
    return value.isNil ? "null" : `[${value.items.map(textOfJson).join(",")}]`;
  }
  const text = formatJson(plainJson(value));
  // Only values that no policy file can hold have no JSON form.
  return isEvaluationError(text) ? "null" : text;
}

/** `%#v` of a value inside another one. */
function nestedSyntax(value: Value): string {
  if (value instanceof GoPointer) return value.nestedSyntax();
  if (value instanceof GoStruct) return value.goSyntax();
  if (!(value instanceof ItemsArray)) {
    return value === null ? "interface {}(nil)" : formatGoSyntax(value);
  }
  if (value.isNil) return `${value.typeName}(nil)`;
  return `${value.typeName}{${value.items.map(nestedSyntax).join(", ")}}`;
}

/** `%v` of a value inside another one. */
function nestedText(value: Value): string {
  if (value instanceof GoPointer && value.target !== undefined) return someAddress;
  if (value instanceof GoStruct) return value.goText();
  if (value instanceof ItemsArray) return `[${value.items.map(nestedText).join(" ")}]`;
  return formatGoValue(value);
}

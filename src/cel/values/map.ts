import type { JsonObject, JsonValue } from "../../model/json.ts";
import { CelUint, type CelValue } from "./value.ts";

/** A map. Keys are compared by value: numbers that are equal are one key, whatever their types. */
export abstract class CelMap {
  abstract readonly size: number;
  /** Returns the value of a key, or undefined when there is none. */
  abstract get(key: CelValue): CelValue | undefined;
  /** Returns the keys, in the order in which they were given. */
  abstract keys(): Iterable<CelValue>;
  /** Returns the keys with their values. */
  abstract entries(): Iterable<readonly [CelValue, CelValue]>;

  /** Returns whether the key is there. */
  has(key: CelValue): boolean {
    return this.get(key) !== undefined;
  }
}

/** A map that an expression built; later entries replace earlier ones with the same key. */
export class EntryMap extends CelMap {
  readonly #entries = new Map<unknown, readonly [CelValue, CelValue]>();

  constructor(entries: Iterable<readonly [CelValue, CelValue]>) {
    super();
    for (const entry of entries) this.#entries.set(mapKey(entry[0]), entry);
  }

  override get size(): number {
    return this.#entries.size;
  }

  override get(key: CelValue): CelValue | undefined {
    return this.#entries.get(mapKey(key))?.[1];
  }

  override *keys(): Iterable<CelValue> {
    for (const [key] of this.#entries.values()) yield key;
  }

  override entries(): Iterable<readonly [CelValue, CelValue]> {
    return this.#entries.values();
  }
}

/**
 * Returns what stands for a key in a `Map`: equal keys give the same. Numbers are normalized to ints where they are whole;
 * keys of other types than the language allows are only found again by the same value.
 */
function mapKey(key: CelValue): unknown {
  if (key instanceof CelUint) return key.value;
  if (typeof key === "number" && Number.isInteger(key)) return BigInt(key);
  return key;
}

/** A view of a JSON object of a request: its members are converted when they are read. */
export class JsonMap extends CelMap {
  readonly #object: JsonObject;
  readonly #convert: (value: JsonValue) => CelValue;
  #size: number | undefined;

  constructor(object: JsonObject, convert: (value: JsonValue) => CelValue) {
    super();
    this.#object = object;
    this.#convert = convert;
  }

  override get size(): number {
    return (this.#size ??= Object.keys(this.#object).length);
  }

  override get(key: CelValue): CelValue | undefined {
    if (typeof key !== "string" || !Object.hasOwn(this.#object, key)) return undefined;
    const value = this.#object[key];
    return value === undefined ? undefined : this.#convert(value);
  }

  override has(key: CelValue): boolean {
    return typeof key === "string" && Object.hasOwn(this.#object, key);
  }

  override keys(): Iterable<CelValue> {
    return Object.keys(this.#object);
  }

  override *entries(): Iterable<readonly [CelValue, CelValue]> {
    for (const [key, value] of Object.entries(this.#object)) yield [key, this.#convert(value)];
  }
}

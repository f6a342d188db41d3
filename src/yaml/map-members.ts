import type { JsonValue } from "../model/json.ts";
import { noText, type YamlFault } from "../model/yaml-fault.ts";
import { formatDecoded, formatKey, keyText } from "./go-syntax.ts";
import { isInt64, type ScalarValue } from "./resolve-scalar.ts";
import type { Place } from "./source-offsets.ts";

/** One member of a mapping as written. */
export interface Entry {
  readonly key: ScalarValue;
  readonly offset: number;
  /** The line where the value starts, counted from 0. */
  readonly valueLine: number;
  readonly value: JsonValue;
  /** What keeps the value from becoming JSON. */
  readonly late: readonly YamlFault[];
  readonly place: Place;
}

/** A mapping under construction; all three by the key's text. */
export interface Members {
  readonly object: { [key: string]: JsonValue };
  readonly places: Map<string, Place>;
  readonly entries: Map<string, Entry>;
}

/**
 * Returns the fault of adding an entry, or undefined. The entry is added all the same: the last of several wins.
 *
 * @param uniqueKeys whether a key that is there already is a fault. Keys that differ only as YAML values (`1` and
 *   `"1"`) are one key in JSON: the original keeps a random one, so that is a fault too.
 */
export function addMember(
  members: Members,
  entry: Entry,
  uniqueKeys: boolean,
): YamlFault | undefined {
  const { key, offset, place } = entry;
  const name = keyText(key);
  const earlier = members.entries.get(name);
  members.entries.set(name, entry);
  members.places.set(name, { ...place, offset });
  setOwn(members.object, name, entry.value);
  return earlier === undefined || !uniqueKeys ? undefined : repeatedKey(name, earlier, entry);
}

/**
 * Returns what keeps the members from becoming JSON, in the order of their names. Only now is it known which ones stay: the original looks at nothing that
 * another entry with the same key has replaced.
 */
export function lateFaults({ entries }: Members): readonly YamlFault[] {
  const faulty = [...entries].filter(
    ([, entry]) => isUnsupported(entry.key) || entry.late.length > 0,
  );
  const inOrder = faulty.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return inOrder.flatMap(([, entry]) => {
    const { key, late } = entry;
    return isUnsupported(key) ? [unsupportedKey(entry), ...late] : late;
  });
}

/** Returns whether no JSON key can be made of it. */
function isUnsupported({ kind, digits }: ScalarValue): boolean {
  return kind === "null" || (digits !== undefined && !isInt64(digits));
}

/** `__proto__` has to become an ordinary member as well. */
function setOwn(object: { [key: string]: JsonValue }, name: string, value: JsonValue): void {
  if (name === "__proto__") {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else {
    object[name] = value;
  }
}

function unsupportedKey({ key, offset, value }: Entry): YamlFault {
  const type = key.kind === "null" ? "%!s(<nil>)" : "uint64";
  const originalText = (): string =>
    `unsupported map key of type: ${type}, key: ${formatKey(key)}, value: ${formatDecoded(value)}`;
  const message = key.kind === "null" ? "null cannot be a key" : "the key is too large a number";
  return { code: "POLICY_YAML", stage: "convert", message, offset, originalText };
}

function repeatedKey(name: string, earlier: Entry, entry: Entry): YamlFault {
  const { key, offset, valueLine } = entry;
  const first = `\`${name}\` is already a key of this mapping`;
  if (!isSameKey(earlier.key, key)) {
    const message = `${first}: keys that differ only in their YAML type are one key`;
    return { code: "POLICY_DUPLICATE_KEY", stage: "ours", message, offset, originalText: noText };
  }
  const originalText = (): string =>
    `line ${valueLine + 1}: key ${formatKey(key)} already set in map`;
  return { code: "POLICY_DUPLICATE_KEY", stage: "duplicate", message: first, offset, originalText };
}

function isSameKey(a: ScalarValue, b: ScalarValue): boolean {
  return a.kind === b.kind && a.value === b.value && a.digits === b.digits;
}

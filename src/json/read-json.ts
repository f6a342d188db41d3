import type { JsonValue } from "../model/json.ts";
import { exactDigits, exactnessFault } from "./exact-number.ts";
import { JsonFault } from "./json-fault.ts";
import { Member, refuseRepeated, setMember } from "./json-member.ts";
import { type JsonSelection, selectElement, selectMember, wholeJson } from "./json-selection.ts";
import { isBlank, unescapeJson } from "./native-json.ts";
import { unitsOf } from "./text-units.ts";

/** How a JSON text is read. */
export interface JsonReading {
  /** How deep it may nest. */
  readonly maxDepth: number;
  /** What becomes of half a surrogate pair: Go's decoder replaces it by U+FFFD. */
  readonly halfPairs: "kept" | "replaced";
  /** Whether what two readers could take differently is a fault. */
  readonly isStrict?: boolean;
  /** What is looked at of the value; absent: all of it. */
  readonly selection?: JsonSelection;
}

/**
 * The value of a JSON text, or the first thing that is wrong with it. Of equal keys the last wins. Never throws; takes
 * time in proportion to the text, and of nesting that is too deep no more than what is in front of it.
 *
 * `JSON.parse` is no choice: V8 reads an escaped key as another one that it has met behind the same members
 * (nodejs/node#63785), and takes longer (docs/decisions/013-own-json-reader.md).
 */
export function readJson(text: string, reading: JsonReading): JsonValue | JsonFault {
  try {
    return new JsonReader(text, reading).readDocument();
  } catch (error) {
    if (error instanceof JsonFault) return error;
    throw error;
  }
}

/** How many members are tried that stood there before. */
const maxTries = 4;

/** The engine makes a shape of each new succession of keys, at twenty times of what adding a member else costs. */
const maxShapedKeys = 512;

/**
 * Every method that reads takes where it begins and returns where it ended: a place that is handed on stays in a
 * register, where a field would be written and read again at each step. What was read is left in `#value`.
 */
class JsonReader {
  readonly #text: string;
  readonly #units: Uint16Array;
  readonly #maxDepth: number;
  readonly #isStrict: boolean;
  readonly #root: Member;
  /** Whether half pairs are replaced, and whether the text has some that are not escaped. */
  readonly #replacesHalfPairs: boolean;
  readonly #hasHalfPairs: boolean;
  /** What was read last; null where nothing of it is selected. */
  #value: JsonValue = null;
  /** The member whose lead was read last; undefined at the end of an object. */
  #member: Member | undefined;
  /** How many keys stood where another one was expected, or none. */
  #unexpected = 0;
  /** A number that no double holds: told only when the rest is well-formed, as Go does. */
  #rangeFault: JsonFault | undefined;

  constructor(text: string, reading: JsonReading) {
    const { maxDepth, halfPairs, isStrict = false, selection = wholeJson } = reading;
    this.#text = text;
    this.#units = unitsOf(text);
    this.#maxDepth = maxDepth;
    this.#isStrict = isStrict;
    this.#replacesHalfPairs = halfPairs === "replaced";
    this.#hasHalfPairs = !text.isWellFormed();
    this.#root = new Member("", 0, 0, selection, undefined);
  }

  readDocument(): JsonValue | JsonFault {
    if (this.#isStrict && this.#hasHalfPairs) {
      return new JsonFault("ambiguous", 0, "bytes that are not UTF-8");
    }
    const end = this.#skipBlanks(this.#readValue(0, this.#root, 0));
    if (end < this.#text.length) this.#fail(end, "after top-level value");
    return this.#rangeFault ?? this.#value;
  }

  #readValue(start: number, member: Member, depth: number): number {
    const at = this.#skipBlanks(start);
    const unit = this.#units[at] ?? 0;
    switch (unit) {
      case 0x22: // "
        return this.#readString(at, member.part !== undefined);
      case 0x7b: // {
        return this.#readObject(at, member, depth + 1);
      case 0x5b: // [
        return this.#readArray(at, member, depth + 1);
      case 0x74: // t
        return this.#readWord(at, "true", true);
      case 0x66: // f
        return this.#readWord(at, "false", false);
      case 0x6e: // n
        return this.#readWord(at, "null", null);
      default:
        if (unit === 0x2d || isDigit(unit)) return this.#readNumber(at);
        return this.#failOrEnd(at, "looking for beginning of value");
    }
  }

  #readObject(start: number, owner: Member, depth: number): number {
    if (depth > this.#maxDepth) throw new JsonFault("depth", start);
    const units = this.#units;
    const object = owner.part === undefined ? null : this.#createObject();
    let at = start + 1;
    let previous: Member | undefined;
    for (;;) {
      const behind = this.#takeExpected(at, previous === undefined ? owner.first : previous.next);
      at = behind > 0 ? behind : this.#readLead(at, owner, previous);
      const member = this.#member;
      if (member === undefined) break;
      previous = member;
      const unit = units[at] ?? 0;
      if (unit === 0x22) at = this.#readString(at, member.part !== undefined);
      else if (isDigit(unit)) at = this.#readNumber(at);
      else at = this.#readValue(at, member, depth);
      if (object !== null && member.part !== undefined) setMember(object, member.key, this.#value);
      if (units[at] === 0x7d) {
        at += 1;
        break;
      }
    }
    this.#value = object;
    return at;
  }

  #readArray(start: number, owner: Member, depth: number): number {
    if (depth > this.#maxDepth) throw new JsonFault("depth", start);
    const { part } = owner;
    let array: JsonValue[] | null = part === undefined ? null : [];
    owner.element ??= new Member("", 0, 0, selectElement(part), undefined);
    const { element } = owner;
    let at = this.#skipBlanks(start + 1);
    if (this.#units[at] !== 0x5d) {
      for (;;) {
        const unit = this.#units[at] ?? 0;
        if (unit === 0x7b) at = this.#readObject(at, element, depth + 1);
        else if (isDigit(unit)) at = this.#readNumber(at);
        else at = this.#readValue(at, element, depth);
        // The engine gives an array that grows from nothing room for 17 elements: too much for `[[[[…`.
        if (array !== null) {
          if (array.length === 0) array = [this.#value];
          else array.push(this.#value);
        }
        at = this.#skipBlanks(at);
        if (this.#units[at] !== 0x2c) break;
        at += 1;
      }
      if (this.#units[at] !== 0x5d) this.#failOrEnd(at, "after array element");
    }
    this.#value = array;
    return at + 1;
  }

  /** An object to add members to: from some number of unexpected keys on, one that does without a shape of its own. */
  #createObject(): { [key: string]: JsonValue } {
    return this.#unexpected < maxShapedKeys ? {} : Object.create(null);
  }

  /** The end of what leads to the value of a member that stood there before; 0 when it is none of those. */
  #takeExpected(at: number, first: Member | undefined): number {
    let member = first;
    for (let tries = 0; member !== undefined && tries < maxTries; tries++) {
      const behind = this.#takeLead(at, member);
      if (behind > 0) {
        this.#member = member;
        return behind;
      }
      member = member.other;
    }
    return 0;
  }

  /** The end of what leads to a member's value if it is written as it was there; otherwise 0. */
  #takeLead(at: number, { start, length }: Member): number {
    const units = this.#units;
    for (let i = 0; i < length; i++) if (units[at + i] !== units[start + i]) return 0;
    return at + length;
  }

  /** Reads what leads to a member's value, or the end of the object. */
  #readLead(start: number, owner: Member, previous: Member | undefined): number {
    const units = this.#units;
    let at = this.#skipBlanks(start);
    if (units[at] === 0x7d) {
      this.#member = undefined;
      return at + 1;
    }
    if (previous !== undefined) {
      if (units[at] !== 0x2c) this.#failOrEnd(at, "after object key:value pair");
      at = this.#skipBlanks(at + 1);
    }
    if (units[at] !== 0x22) this.#failOrEnd(at, "looking for beginning of object key string");
    const keyStart = at;
    at = this.#skipBlanks(this.#readString(at, true));
    const key = typeof this.#value === "string" ? this.#value : "";
    if (units[at] !== 0x3a) this.#failOrEnd(at, "after object key");
    at += 1;
    this.#unexpected += 1;
    const part = selectMember(owner.part, key);
    const member = new Member(key, start, at - start, part, previous);
    if (this.#isStrict) refuseRepeated(member, keyStart);
    if (previous === undefined) {
      member.other = owner.first;
      owner.first = member;
    } else {
      member.other = previous.next;
      previous.next = member;
    }
    this.#member = member;
    return at;
  }

  /** Reads the string whose opening quote stands there; it stays empty unless it is wanted. */
  #readString(quote: number, isWanted: boolean): number {
    const units = this.#units;
    const start = quote + 1;
    let at = start;
    let unit = units[at] ?? 0;
    while (unit !== 0x22 && unit !== 0x5c && unit >= 0x20) unit = units[++at] ?? 0;
    if (unit !== 0x22) return this.#readEscaped(start, at, isWanted);
    if (isWanted) {
      const text = this.#text.slice(start, at);
      this.#value = this.#hasHalfPairs ? this.#mendPairs(text, start) : text;
    } else this.#value = "";
    return at + 1;
  }

  /** The rest of a string from the first thing on that is no plain character. */
  #readEscaped(start: number, from: number, isWanted: boolean): number {
    const units = this.#units;
    let at = from;
    let maySplitPairs = this.#hasHalfPairs;
    let unit = units[at] ?? 0;
    while (unit !== 0x22) {
      if (unit === 0x5c) {
        at = this.#takeEscape(at);
        maySplitPairs ||= (unitBefore(units, at, 4) | 0x20) === 0x64;
      } else if (unit < 0x20) this.#failOrEnd(at, "in string literal");
      else at += 1;
      unit = units[at] ?? 0;
    }
    if (isWanted || (this.#isStrict && maySplitPairs)) {
      const quoted = this.#text.slice(start - 1, at + 1);
      // What is escaped and what is not never make a pair together.
      const text = unescapeJson(this.#hasHalfPairs ? this.#mendPairs(quoted, start) : quoted);
      this.#value = maySplitPairs ? this.#mendPairs(text, start) : text;
    } else this.#value = "";
    return at + 1;
  }

  #mendPairs(text: string, start: number): string {
    if (!this.#replacesHalfPairs || text.isWellFormed()) return text;
    if (this.#isStrict) throw new JsonFault("ambiguous", start, "half a surrogate pair");
    return text.toWellFormed();
  }

  /** Checks the escape whose backslash stands there. */
  #takeEscape(backslash: number): number {
    const units = this.#units;
    let at = backslash + 1;
    const kind = units[at] ?? 0;
    if (kind !== 0x75) {
      if (!isSimpleEscape(kind)) this.#fail(at, "in string escape code");
      return at + 1;
    }
    at += 1;
    for (const end = at + 4; at < end; at++) {
      if (!isHexDigit(units[at] ?? 0)) this.#fail(at, "in \\u hexadecimal character escape");
    }
    return at;
  }

  #readWord(start: number, word: string, value: JsonValue): number {
    for (let i = 1; i < word.length; i++) {
      if (this.#units[start + i] === word.charCodeAt(i)) continue;
      this.#fail(start + i, `in literal ${word} (expecting '${word.charAt(i)}')`);
    }
    this.#value = value;
    return start + word.length;
  }

  #readNumber(start: number): number {
    const units = this.#units;
    let at = start;
    let unit = units[at] ?? 0;
    const isNegative = unit === 0x2d;
    if (isNegative) unit = units[++at] ?? 0;
    const firstDigit = at;
    let value = 0;
    if (unit === 0x30) unit = units[++at] ?? 0;
    else {
      while (isDigit(unit)) {
        value = value * 10 + (unit - 0x30);
        unit = units[++at] ?? 0;
      }
    }
    if (at === firstDigit) this.#fail(at, "in numeric literal");
    const isPlain = unit !== 0x2e && (unit | 0x20) !== 0x65;
    if (!isPlain || at - firstDigit > exactDigits) return this.#readRareNumber(start, at);
    this.#value = isNegative ? -value : value;
    return at;
  }

  /** A number with a fraction, an exponent or many digits, from behind those in front. */
  #readRareNumber(start: number, from: number): number {
    const units = this.#units;
    let at = from;
    if (units[at] === 0x2e) at = this.#takeDigits(at + 1, "after decimal point in numeric literal");
    if (((units[at] ?? 0) | 0x20) === 0x65) {
      at += 1;
      if (units[at] === 0x2b || units[at] === 0x2d) at += 1;
      at = this.#takeDigits(at, "in exponent of numeric literal");
    }
    const digits = this.#text.slice(start, at);
    const value = Number(digits);
    if (!Number.isFinite(value)) this.#rangeFault ??= new JsonFault("range", start, digits);
    if (this.#isStrict) {
      const fault = exactnessFault(digits, value);
      if (fault !== undefined) throw new JsonFault("ambiguous", start, fault);
    }
    this.#value = value;
    return at;
  }

  /** Takes one digit or more. */
  #takeDigits(start: number, where: string): number {
    const units = this.#units;
    let at = start;
    while (isDigit(units[at] ?? 0)) at += 1;
    if (at === start) this.#fail(at, where);
    return at;
  }

  #skipBlanks(start: number): number {
    const units = this.#units;
    let at = start;
    while (isBlank(units[at] ?? 0)) at += 1;
    return at;
  }

  #failOrEnd(at: number, where: string): never {
    if (at >= this.#text.length) throw new JsonFault("end", at);
    this.#fail(at, where);
  }

  #fail(at: number, where: string): never {
    throw new JsonFault("syntax", at, where);
  }
}

function unitBefore(units: Uint16Array, at: number, distance: number): number {
  return units[at - distance] ?? 0;
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isHexDigit(unit: number): boolean {
  return isDigit(unit) || ((unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x66);
}

function isSimpleEscape(unit: number): boolean {
  switch (unit) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return true;
    default:
      return false;
  }
}

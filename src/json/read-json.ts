import type { JsonValue } from "../model/json.ts";
import { addMember, type OpenObject } from "./add-member.ts";
import { exactDigits, exactnessFault } from "./exact-number.ts";
import { JsonFault } from "./json-fault.ts";
import { Member, refuseRepeated } from "./json-member.ts";
import { type JsonSelection, selectElement, selectMember, wholeJson } from "./json-selection.ts";
import { isBlank, unescapeJson } from "./native-json.ts";
import { encodeText, endOfPlain, isSame, lagOf } from "./text-bytes.ts";

/** The options of reading a JSON text. */
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
 * Returns the value of a JSON text, or the first thing that is wrong with it. Of equal keys the last wins. Never throws; takes
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
  readonly #bytes: Uint8Array;
  readonly #words: DataView;
  readonly #end: number;
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
  /** The bytes in front of what is read next, less the UTF-16 units there. */
  #lag = 0;
  /** A number that no double holds: told only when the rest is well-formed, as Go does. */
  #rangeFault: JsonFault | undefined;

  constructor(text: string, reading: JsonReading) {
    const { maxDepth, halfPairs, isStrict = false, selection = wholeJson } = reading;
    this.#text = text;
    const { bytes, words, length } = encodeText(text);
    this.#bytes = bytes;
    this.#words = words;
    this.#end = length;
    this.#maxDepth = maxDepth;
    this.#isStrict = isStrict;
    this.#replacesHalfPairs = halfPairs === "replaced";
    this.#hasHalfPairs = !text.isWellFormed();
    this.#root = new Member("", 0, 0, 0, selection, undefined);
  }

  readDocument(): JsonValue | JsonFault {
    if (this.#isStrict && this.#hasHalfPairs) {
      return new JsonFault("ambiguous", 0, "bytes that are not UTF-8");
    }
    const end = this.#skipBlanks(this.#readValue(0, this.#root, 0));
    if (end < this.#end) this.#fail(end, "after top-level value");
    return this.#rangeFault ?? this.#value;
  }

  #readValue(start: number, member: Member, depth: number): number {
    const at = this.#skipBlanks(start);
    const unit = this.#bytes[at] ?? 0;
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
    if (depth > this.#maxDepth) throw new JsonFault("depth", this.#unitAt(start));
    const bytes = this.#bytes;
    const object = owner.part === undefined ? null : this.#createObject();
    let at = start + 1;
    let previous: Member | undefined;
    for (;;) {
      const expected = previous === undefined ? owner.first : previous.next;
      let member = expected;
      if (member !== undefined && this.#isLead(at, member)) {
        at += member.length;
      } else {
        at = this.#readUnexpected(at, owner, previous, expected);
        member = this.#member;
        if (member === undefined) break;
      }
      previous = member;
      const { part } = member;
      const unit = bytes[at] ?? 0;
      if (unit === 0x22) at = this.#readString(at, part !== undefined);
      else if (isDigit(unit)) at = this.#readNumber(at);
      else at = this.#readValue(at, member, depth);
      if (object !== null && part !== undefined) {
        const { add } = member;
        if (add === undefined) addMember(object, member.key, this.#value);
        else add(object, this.#value);
      }
      if (bytes[at] === 0x7d) {
        at += 1;
        break;
      }
    }
    this.#value = object;
    return at;
  }

  #readArray(start: number, owner: Member, depth: number): number {
    if (depth > this.#maxDepth) throw new JsonFault("depth", this.#unitAt(start));
    const { part } = owner;
    let array: JsonValue[] | null = part === undefined ? null : [];
    owner.element ??= new Member("", 0, 0, 0, selectElement(part), undefined);
    const { element } = owner;
    let at = this.#skipBlanks(start + 1);
    if (this.#bytes[at] !== 0x5d) {
      for (;;) {
        const unit = this.#bytes[at] ?? 0;
        if (unit === 0x7b) at = this.#readObject(at, element, depth + 1);
        else if (isDigit(unit)) at = this.#readNumber(at);
        else at = this.#readValue(at, element, depth);
        // The engine gives an array that grows from nothing room for 17 elements: too much for `[[[[…`.
        if (array !== null) {
          if (array.length === 0) array = [this.#value];
          else array.push(this.#value);
        }
        at = this.#skipBlanks(at);
        if (this.#bytes[at] !== 0x2c) break;
        at = this.#skipBlanks(at + 1);
      }
      if (this.#bytes[at] !== 0x5d) this.#failOrEnd(at, "after array element");
    }
    this.#value = array;
    return at + 1;
  }

  /** An object to add members to: from some number of unexpected keys on, one that does without a shape of its own. */
  #createObject(): OpenObject {
    return this.#unexpected < maxShapedKeys ? {} : Object.create(null);
  }

  /** Returns whether what leads to the member's value is written there as it was before. */
  #isLead(at: number, { start, length, lag }: Member): boolean {
    if (!isSame(this.#bytes, this.#words, at, start, length)) return false;
    if (lag === 0) return true;
    // Different halves of pairs are the same bytes.
    if (this.#hasHalfPairs) return false;
    this.#lag += lag;
    return true;
  }

  /** Reads what leads to a value where another member, if any, was expected, or the end of the object. */
  #readUnexpected(
    start: number,
    owner: Member,
    previous: Member | undefined,
    expected: Member | undefined,
  ): number {
    let other = expected?.other;
    for (let tries = 1; other !== undefined && tries < maxTries; tries++) {
      if (this.#isLead(start, other)) {
        this.#member = other;
        return start + other.length;
      }
      other = other.other;
    }
    return this.#readLead(start, owner, previous);
  }

  /** Reads what leads to a member's value, or the end of the object. */
  #readLead(start: number, owner: Member, previous: Member | undefined): number {
    const bytes = this.#bytes;
    const lag = this.#lag;
    let at = this.#skipBlanks(start);
    if (bytes[at] === 0x7d) {
      this.#member = undefined;
      return at + 1;
    }
    if (previous !== undefined) {
      if (bytes[at] !== 0x2c) this.#failOrEnd(at, "after object key:value pair");
      at = this.#skipBlanks(at + 1);
    }
    if (bytes[at] !== 0x22) this.#failOrEnd(at, "looking for beginning of object key string");
    const keyStart = at;
    at = this.#skipBlanks(this.#readString(at, true));
    const key = typeof this.#value === "string" ? this.#value : "";
    if (bytes[at] !== 0x3a) this.#failOrEnd(at, "after object key");
    at += 1;
    this.#unexpected += 1;
    const part = selectMember(owner.part, key);
    const member = new Member(key, start, at - start, this.#lag - lag, part, previous);
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
    const start = quote + 1;
    const at = endOfPlain(this.#words, start);
    if (this.#bytes[at] !== 0x22) return this.#readRareString(start, at, isWanted);
    this.#value = isWanted ? this.#text.slice(start - this.#lag, at - this.#lag) : "";
    return at + 1;
  }

  /** The rest of a string from the first thing on that is no plain character. */
  #readRareString(start: number, from: number, isWanted: boolean): number {
    const bytes = this.#bytes;
    const unitStart = start - this.#lag;
    let at = from;
    let lag = this.#lag;
    let isEscaped = false;
    let maySplitPairs = this.#hasHalfPairs;
    let unit = bytes[at] ?? 0;
    while (unit !== 0x22) {
      if (unit >= 0x80) {
        lag += lagOf(unit);
        at += 1;
      } else if (unit === 0x5c) {
        isEscaped = true;
        at = this.#takeEscape(at);
        maySplitPairs ||= ((bytes[at - 4] ?? 0) | 0x20) === 0x64;
      } else if (unit < 0x20) {
        this.#failOrEnd(at, "in string literal");
      } else {
        at = endOfPlain(this.#words, at);
      }
      unit = bytes[at] ?? 0;
    }
    this.#lag = lag;
    this.#value = "";
    if (isWanted || (this.#isStrict && maySplitPairs)) {
      this.#value = isEscaped
        ? this.#unescape(unitStart, at - lag, maySplitPairs)
        : this.#mendPairs(this.#text.slice(unitStart, at - lag), unitStart);
    }
    return at + 1;
  }

  /** The string between those places in UTF-16 units. What is escaped and what is not never make a pair together. */
  #unescape(start: number, end: number, maySplitPairs: boolean): string {
    const quoted = this.#text.slice(start - 1, end + 1);
    const text = unescapeJson(this.#hasHalfPairs ? this.#mendPairs(quoted, start) : quoted);
    return maySplitPairs ? this.#mendPairs(text, start) : text;
  }

  #mendPairs(text: string, start: number): string {
    if (!this.#replacesHalfPairs || text.isWellFormed()) return text;
    if (this.#isStrict) throw new JsonFault("ambiguous", start, "half a surrogate pair");
    return text.toWellFormed();
  }

  /** Checks the escape whose backslash stands there. */
  #takeEscape(backslash: number): number {
    const bytes = this.#bytes;
    let at = backslash + 1;
    const kind = bytes[at] ?? 0;
    if (kind !== 0x75) {
      if (!isSimpleEscape(kind)) this.#fail(at, "in string escape code");
      return at + 1;
    }
    at += 1;
    for (const end = at + 4; at < end; at++) {
      if (!isHexDigit(bytes[at] ?? 0)) this.#fail(at, "in \\u hexadecimal character escape");
    }
    return at;
  }

  #readWord(start: number, word: string, value: JsonValue): number {
    for (let i = 1; i < word.length; i++) {
      if (this.#bytes[start + i] === word.charCodeAt(i)) continue;
      this.#fail(start + i, `in literal ${word} (expecting '${word.charAt(i)}')`);
    }
    this.#value = value;
    return start + word.length;
  }

  #readNumber(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    let unit = bytes[at] ?? 0;
    const isNegative = unit === 0x2d;
    if (isNegative) unit = bytes[++at] ?? 0;
    const firstDigit = at;
    let value = 0;
    if (unit === 0x30) {
      unit = bytes[++at] ?? 0;
    } else {
      while (isDigit(unit)) {
        value = value * 10 + (unit - 0x30);
        unit = bytes[++at] ?? 0;
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
    const bytes = this.#bytes;
    let at = from;
    if (bytes[at] === 0x2e) at = this.#takeDigits(at + 1, "after decimal point in numeric literal");
    if (((bytes[at] ?? 0) | 0x20) === 0x65) {
      at += 1;
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at += 1;
      at = this.#takeDigits(at, "in exponent of numeric literal");
    }
    const digits = this.#text.slice(start - this.#lag, at - this.#lag);
    const value = Number(digits);
    if (!Number.isFinite(value)) {
      this.#rangeFault ??= new JsonFault("range", start - this.#lag, digits);
    }
    if (this.#isStrict) {
      const fault = exactnessFault(digits, value);
      if (fault !== undefined) throw new JsonFault("ambiguous", start - this.#lag, fault);
    }
    this.#value = value;
    return at;
  }

  /** Takes one digit or more. */
  #takeDigits(start: number, where: string): number {
    const bytes = this.#bytes;
    let at = start;
    while (isDigit(bytes[at] ?? 0)) at += 1;
    if (at === start) this.#fail(at, where);
    return at;
  }

  #skipBlanks(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (isBlank(bytes[at] ?? 0)) at += 1;
    return at;
  }

  #failOrEnd(at: number, where: string): never {
    if (at >= this.#end) throw new JsonFault("end", this.#unitAt(at));
    this.#fail(at, where);
  }

  #fail(at: number, where: string): never {
    throw new JsonFault("syntax", this.#unitAt(at), where);
  }

  /** The place in UTF-16 units. */
  #unitAt(at: number): number {
    let units = at;
    if (this.#end !== this.#text.length) {
      for (let i = 0; i < at; i++) units -= lagOf(this.#bytes[i] ?? 0);
    }
    return units;
  }
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

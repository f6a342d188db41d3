import { isAscii, isUtf8 } from "node:buffer";
import { decodeText, sanitizeText } from "../../payload/sanitize-text.ts";
import { wireType } from "../wire-tags.ts";
import { internName } from "./interned-names.ts";

/** From here on the engine's own decoder is faster than a look at each byte. */
const LONG_TEXT_BYTES = 2_048;
/** A larger message is mostly a body: one copy of it all costs more than is won, and is kept by every text cut from it. */
const MAX_COPIED_BYTES = 131_072;
/** Most bytes of a varint that a double holds exactly. */
const MAX_VARINT_BYTES = 7;
/** The largest number that is taken for a length or an unsigned field: 31 bits. */
const MAX_UINT31 = 0x7fff_ffff;

/**
 * Reads ordinary protobuf. It fails on whatever is broken or unusual, once and for all: then `failed` is set and
 * every loop that goes up to a limit comes to its end; what was read so far means nothing.
 *
 * Limits are offsets of the message's bytes; they are never over its length.
 */
export class WireReader {
  /** The next byte's offset. */
  at = 0;
  failed = false;
  readonly bytes: Buffer;
  /** The bytes, one character each: what is ASCII is cut out of it. Undefined for a large message. */
  readonly #latin1: string | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#latin1 = bytes.length <= MAX_COPIED_BYTES ? bytes.toString("latin1") : undefined;
  }

  /** Gives up. Gives 0, for want of a value. */
  fail(): 0 {
    this.failed = true;
    this.at = this.bytes.length;
    return 0;
  }

  /** The next field's number and wire type: `number << 3 | type`. To be called below the limit. */
  readTag(limit: number): number {
    const byte = this.bytes[this.at] ?? 0;
    if (byte < 0x80) {
      this.at++;
      return byte;
    }
    return this.readUint(limit);
  }

  /** The limit of the message, text or bytes that come next; `at` is where they start. */
  readEnd(limit: number): number {
    const byte = this.bytes[this.at] ?? 0x80;
    let end: number;
    if (byte < 0x80) {
      this.at++;
      end = this.at + byte;
    } else {
      end = this.readUint(limit) + this.at;
    }
    return end <= limit ? end : this.fail();
  }

  /** An unsigned number of at most 31 bits. */
  readUint(limit: number): number {
    const value = this.readVarint(limit);
    return value <= MAX_UINT31 ? value : this.fail();
  }

  /** An unsigned number of at most 49 bits. */
  readVarint(limit: number): number {
    let value = 0;
    let scale = 1;
    const end = Math.min(limit, this.at + MAX_VARINT_BYTES);
    while (this.at < end) {
      const byte = this.bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    return this.fail();
  }

  /** Text; may be a part of a string as large as the message. */
  readText(limit: number): string {
    const end = this.readEnd(limit);
    const start = this.at;
    if (this.failed) return "";
    this.at = end;
    return isShortAscii(this.bytes, start, end) ? this.#cut(start, end) : this.#decode(start, end);
  }

  /** Text that is there: a field at its default is not ordinary. */
  readSetText(limit: number): string {
    const text = this.readText(limit);
    if (text === "") this.fail();
    return text;
  }

  /** Text of which there are few: the same string each time. */
  readName(limit: number): string {
    const end = this.readEnd(limit);
    const start = this.at;
    if (this.failed) return "";
    this.at = end;
    return internName(this.bytes, start, end) ?? this.#decode(start, end);
  }

  /** Bytes as Envoy makes text of them. */
  readSanitized(limit: number): string {
    const end = this.readEnd(limit);
    const start = this.at;
    if (this.failed) return "";
    this.at = end;
    return isShortAscii(this.bytes, start, end)
      ? this.#cut(start, end)
      : sanitizeText(this.bytes.subarray(start, end));
  }

  /** Passes over text that nobody reads; it fails on what is none. */
  skipText(limit: number): void {
    const end = this.readEnd(limit);
    const start = this.at;
    if (this.failed) return;
    this.at = end;
    this.#check(start, end);
  }

  /** Passes over bytes that nobody reads; gives how many they are. */
  skipBytes(limit: number): number {
    const end = this.readEnd(limit);
    const start = this.at;
    if (this.failed) return 0;
    this.at = end;
    return end - start;
  }

  /** A name if `lengths` has a 1 at its number of bytes, or none there; every other text is passed over and gives "". */
  readNameOf(limit: number, lengths: Uint8Array): string {
    const end = this.readEnd(limit);
    const start = this.at;
    if (this.failed) return "";
    this.at = end;
    if (lengths[end - start] === 0) {
      this.#check(start, end);
      return "";
    }
    return internName(this.bytes, start, end) ?? this.#decode(start, end);
  }

  /** Passes over a field that is not known: one whose number is over the last known one. */
  skip(tag: number, lastKnown: number, limit: number): void {
    if (tag >>> 3 <= lastKnown) {
      this.fail();
      return;
    }
    switch (tag & 7) {
      case wireType.varint:
        this.readVarint(limit);
        return;
      case wireType.fixed64:
        this.#pass(8, limit);
        return;
      case wireType.bytes:
        this.at = this.readEnd(limit) || this.at;
        return;
      case wireType.fixed32:
        this.#pass(4, limit);
        return;
      default:
        this.fail();
    }
  }

  #pass(length: number, limit: number): void {
    this.at += length;
    if (this.at > limit) this.fail();
  }

  #check(start: number, end: number): void {
    if (!isShortAscii(this.bytes, start, end) && !isUtf8(this.bytes.subarray(start, end))) {
      this.fail();
    }
  }

  /** Text that is ASCII. */
  #cut(start: number, end: number): string {
    return this.#latin1 === undefined
      ? this.bytes.toString("latin1", start, end)
      : this.#latin1.substring(start, end);
  }

  #decode(start: number, end: number): string {
    const bytes = this.bytes.subarray(start, end);
    // Cutting it out is a copy less than decoding it, or none at all.
    if (isAscii(bytes)) return this.#cut(start, end);
    const text = decodeText(bytes);
    if (text === undefined) {
      this.fail();
      return "";
    }
    return text;
  }
}

function isShortAscii(bytes: Buffer, start: number, end: number): boolean {
  if (end - start >= LONG_TEXT_BYTES) return false;
  let all = 0;
  for (let index = start; index < end; index++) all |= bytes[index] ?? 0;
  return all < 0x80;
}

import { wireType } from "../wire-tags.ts";

/** The longest varint: 64 bits. */
const MAX_VARINT_BYTES = 10;
/** Groups are of no use to the messages that are read here, let alone groups in groups. */
const MAX_GROUP_DEPTH = 10;

/**
 * Goes over the fields of a protobuf message without knowing its type. It fails, once and for all, on a field that
 * does not end within the message.
 */
export class FieldCursor {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** The offset behind the field, and before the first one the start. */
  at: number;
  failed = false;
  number = 0;
  type = 0;
  /** Where the field's tag is. */
  start = 0;
  /** Where a field of type `bytes` has its content. */
  contentStart = 0;

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes;
    this.#end = end;
    this.at = start;
  }

  /** Goes to the next field; false at the end, and after a failure. */
  next(): boolean {
    if (this.failed || this.at >= this.#end) return false;
    this.start = this.at;
    const tag = this.#readVarint();
    this.number = Math.floor(tag / 8);
    this.type = tag % 8;
    this.#pass(this.type, 0);
    return !this.failed;
  }

  #pass(type: number, depth: number): void {
    switch (type) {
      case wireType.varint:
        this.#readVarint();
        return;
      case wireType.fixed64:
        this.#skip(8);
        return;
      case wireType.bytes: {
        const length = this.#readVarint();
        this.contentStart = this.at;
        this.#skip(length);
        return;
      }
      case wireType.groupStart:
        this.#passGroup(depth + 1);
        return;
      case wireType.fixed32:
        this.#skip(4);
        return;
      default:
        this.failed = true;
    }
  }

  #passGroup(depth: number): void {
    if (depth > MAX_GROUP_DEPTH) this.failed = true;
    while (!this.failed) {
      const type = this.at < this.#end ? this.#readVarint() % 8 : -1;
      if (type === wireType.groupEnd) return;
      this.#pass(type, depth);
    }
  }

  #skip(length: number): void {
    this.at += length;
    if (this.at > this.#end) this.failed = true;
  }

  /** The value as far as a double holds it: lengths and tags are smaller. */
  #readVarint(): number {
    let value = 0;
    let scale = 1;
    const end = Math.min(this.#end, this.at + MAX_VARINT_BYTES);
    while (this.at < end) {
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    this.failed = true;
    return 0;
  }
}

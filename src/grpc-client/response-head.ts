/** Static table (RFC 7541, Appendix A): the indexes of `:status`, and the statuses that stand there. */
const FIRST_STATUS = 8;
const LAST_STATUS = 14;
const statuses: readonly number[] = [200, 204, 206, 304, 400, 404, 500];
const STATIC_ENTRIES = 61;

/** The only name of interest that is spelt, in both spellings: plain, and in Huffman code, which is the same every time. */
const plainName: Uint8Array = Buffer.from("grpc-status");
const codedName: Uint8Array = Buffer.from("9acac8b21234da8f", "hex");

/** No number: the value is not made of digits. */
const UNREADABLE = -1;

/**
 * Reads from header blocks (RFC 7541) what tells how a call has ended; all other fields are skipped unread.
 *
 * It has no dynamic table, because the client announces that it keeps none: an index into it is an error. Of the Huffman
 * code it knows the digits, which is all that a status has.
 */
export class ResponseHead {
  /** Of the block read last; undefined when it had none, -1 when what it had is not a number. */
  httpStatus: number | undefined;
  grpcStatus: number | undefined;
  #at = 0;
  #isCoded = false;

  /** Reads the whole block at `[start, end)`; false when it is broken. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    this.httpStatus = undefined;
    this.grpcStatus = undefined;
    this.#at = start;
    while (this.#at < end) if (!this.#readField(bytes, end)) return false;
    return true;
  }

  #readField(bytes: Uint8Array, end: number): boolean {
    const first = bytes[this.#at] ?? 0;
    if (first >= 0x80) {
      const index = this.#readInteger(bytes, end, 0x7f);
      if (index >= FIRST_STATUS && index <= LAST_STATUS) {
        this.httpStatus = statuses[index - FIRST_STATUS];
      }
      return index > 0 && index <= STATIC_ENTRIES;
    }
    // A change of the table's size: none is left, so to zero.
    if (first >= 0x20 && first < 0x40) return this.#readInteger(bytes, end, 0x1f) === 0;
    return this.#readLiteral(bytes, end, first >= 0x40 ? 0x3f : 0x0f);
  }

  #readLiteral(bytes: Uint8Array, end: number, mask: number): boolean {
    const index = this.#readInteger(bytes, end, mask);
    if (index < 0 || index > STATIC_ENTRIES) return false;
    let isGrpcStatus = false;
    if (index === 0) {
      const nameEnd = this.#readString(bytes, end);
      if (nameEnd < 0) return false;
      isGrpcStatus = isSame(bytes, this.#at, nameEnd, this.#isCoded ? codedName : plainName);
      this.#at = nameEnd;
    }
    const valueEnd = this.#readString(bytes, end);
    if (valueEnd < 0) return false;
    if (isGrpcStatus) {
      this.grpcStatus = this.#readDigits(bytes, valueEnd);
    } else if (index >= FIRST_STATUS && index <= LAST_STATUS) {
      this.httpStatus = this.#readDigits(bytes, valueEnd);
    }
    this.#at = valueEnd;
    return true;
  }

  /** Goes to the first byte of a string literal and returns where it ends, or -1. */
  #readString(bytes: Uint8Array, end: number): number {
    if (this.#at >= end) return -1;
    this.#isCoded = (bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#readInteger(bytes, end, 0x7f);
    return length < 0 || length > end - this.#at ? -1 : this.#at + length;
  }

  /** An integer whose prefix is as wide as the mask, or -1 when it is cut off or over 2 ** 21. */
  #readInteger(bytes: Uint8Array, end: number, mask: number): number {
    let value = (bytes[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; shift <= 14 && this.#at < end; shift += 7) {
      const byte = bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }

  #readDigits(bytes: Uint8Array, end: number): number {
    if (this.#isCoded) return readCodedDigits(bytes, this.#at, end);
    let value = this.#at < end ? 0 : UNREADABLE;
    for (let index = this.#at; index < end; index++) {
      const digit = (bytes[index] ?? 0) - 48;
      if (digit < 0 || digit > 9 || value > 9_999) return UNREADABLE;
      value = 10 * value + digit;
    }
    return value;
  }
}

/** In the Huffman code 0 to 2 are five bits, their own value; 3 to 9 are six, 25 to 31; the padding is ones. */
function readCodedDigits(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 3) return UNREADABLE;
  let code = 0;
  for (let index = start; index < end; index++) code = (code << 8) | (bytes[index] ?? 0);
  let bits = 8 * (end - start);
  let value = 0;
  while (bits >= 5) {
    const [five, six] = [(code >>> (bits - 5)) & 0x1f, (code >>> (bits - 6)) & 0x3f];
    if (five > 2 && (bits === 5 || six < 25 || six > 31)) break;
    value = 10 * value + (five > 2 ? six - 22 : five);
    bits -= five > 2 ? 6 : 5;
  }
  const padding = (1 << bits) - 1;
  return bits < 8 && (code & padding) === padding ? value : UNREADABLE;
}

function isSame(bytes: Uint8Array, start: number, end: number, wanted: Uint8Array): boolean {
  if (end - start !== wanted.length) return false;
  for (let index = 0; index < wanted.length; index++) {
    if (bytes[start + index] !== wanted[index]) return false;
  }
  return true;
}

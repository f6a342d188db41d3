/** The tags of the DER elements that certificates are made of. */
export const derTag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  t61String: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Returns the tag of a context-specific element, as the extensions use them. */
export function contextTag(number: number, isConstructed: boolean): number {
  return 0x80 | (isConstructed ? 0x20 : 0) | number;
}

/** One element: its tag, what is in it, and all of its bytes. */
export interface DerElement {
  readonly tag: number;
  readonly content: Uint8Array;
  readonly full: Uint8Array;
}

/** The first fault met by any reader of one document; empty as long as there is none. */
export interface DerFaults {
  message: string;
}

const nothing = new Uint8Array(0);
const noElement: DerElement = { tag: 0, content: nothing, full: nothing };

/**
 * Reads DER elements one after another, with Go's strictness: definite, shortest lengths of up to four bytes, tags below
 * 31. A read that fails notes its message, if it is the first one, and gives something empty; from then on the reader is
 * at its end. So a caller reads on and looks at the faults once.
 */
export class DerReader {
  readonly #bytes: Uint8Array;
  readonly #faults: DerFaults;
  #at = 0;

  constructor(bytes: Uint8Array, faults: DerFaults) {
    this.#bytes = bytes;
    this.#faults = faults;
  }

  /** Returns whether nothing is left to be read, be it because of a fault. */
  get isEmpty(): boolean {
    return this.#faults.message !== "" || this.#at >= this.#bytes.length;
  }

  /** Returns whether an element of that tag comes next. */
  isNext(tag: number): boolean {
    return !this.isEmpty && this.#bytes[this.#at] === tag;
  }

  /** Notes a fault; only the first one counts. */
  fail(message: string): void {
    if (this.#faults.message === "") this.#faults.message = message;
  }

  /** A reader of other bytes that shares the faults. */
  readerOf(bytes: Uint8Array): DerReader {
    return new DerReader(bytes, this.#faults);
  }

  /** The next element, whatever its tag. */
  any(message: string): DerElement {
    const start = this.#at;
    const header = this.isEmpty ? undefined : readHeader(this.#bytes, start);
    if (header === undefined) {
      this.fail(message);
      return noElement;
    }
    this.#at = header.end;
    return {
      tag: header.tag,
      content: this.#bytes.subarray(header.start, header.end),
      full: this.#bytes.subarray(start, header.end),
    };
  }

  /** The next element, which must have the tag. */
  element(tag: number, message: string): DerElement {
    const element = this.any(message);
    if (element.tag === tag) return element;
    this.fail(message);
    return noElement;
  }

  /** The next element if it has the tag. */
  optional(tag: number, message: string): DerElement | undefined {
    return this.isNext(tag) ? this.element(tag, message) : undefined;
  }

  /** A reader of what is in the next element, which must have the tag (a sequence unless given). */
  inside(message: string, tag: number = derTag.sequence): DerReader {
    return this.readerOf(this.element(tag, message).content);
  }

  /** The next element's integer in its shortest form. */
  integer(message: string, tag: number = derTag.integer): bigint {
    const { content } = this.element(tag, message);
    const [first = 0, second = 0] = content;
    const isPadded = content.length > 1 && first === (second < 0x80 ? 0 : 0xff);
    if (content.length === 0 || isPadded) {
      this.fail(message);
      return 0n;
    }
    return BigInt.asIntN(content.length * 8, BigInt(`0x${toHex(content)}`));
  }

  /** The numbers of the next element's object identifier. */
  objectIdentifier(message: string): readonly number[] {
    const { content } = this.element(derTag.objectIdentifier, message);
    const numbers = readIdentifier(content);
    if (numbers === undefined) this.fail(message);
    return numbers ?? [];
  }

  /** The next element's truth value. */
  boolean(message: string): boolean {
    const { content } = this.element(derTag.boolean, message);
    const [value] = content;
    if (content.length !== 1 || (value !== 0 && value !== 0xff)) this.fail(message);
    return value === 0xff;
  }

  /** The next element's bits, with as many unused ones at the end as `paddingBits` says. */
  bitString(message: string): BitString {
    const { content } = this.element(derTag.bitString, message);
    const [paddingBits = 8] = content;
    const bytes = content.subarray(1);
    const unusedBits = (bytes.at(-1) ?? 0) & ((1 << paddingBits) - 1);
    if (paddingBits > 7 || unusedBits !== 0 || (bytes.length === 0 && paddingBits !== 0)) {
      this.fail(message);
    }
    return { bytes, paddingBits };
  }
}

/** A bit string. */
export interface BitString {
  readonly bytes: Uint8Array;
  readonly paddingBits: number;
}

/** Returns the bits as bytes with the unused ones moved to the front. */
export function alignRight({ bytes, paddingBits }: BitString): Uint8Array {
  if (paddingBits === 0) return bytes;
  return bytes.map(
    (byte, index) => (byte >> paddingBits) | ((bytes[index - 1] ?? 0) << (8 - paddingBits)),
  );
}

/** Returns the numbers of an object identifier's content, each below 2^31; undefined when it is malformed. */
export function readIdentifier(content: Uint8Array): readonly number[] | undefined {
  const numbers: number[] = [];
  let number = 0;
  let isFirstByte = true;
  for (const byte of content) {
    if (number >= 2 ** 24 || (isFirstByte && byte === 0x80)) return undefined;
    number = number * 128 + (byte & 0x7f);
    isFirstByte = byte < 0x80;
    if (!isFirstByte) continue;
    if (numbers.length > 0) numbers.push(number);
    else if (number < 80) numbers.push(Math.floor(number / 40), number % 40);
    else numbers.push(2, number - 80);
    number = 0;
  }
  return isFirstByte && numbers.length > 0 ? numbers : undefined;
}

interface Header {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array, at: number): Header | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + lengthBytes;
  if (first === 0x80 || lengthBytes > 4 || start > bytes.length) return undefined;
  let length = first;
  if (lengthBytes > 0) {
    length = Number(`0x${toHex(bytes.subarray(at + 2, start))}`);
    const isShortest = length >= 128 && length >= 256 ** (lengthBytes - 1);
    if (!isShortest) return undefined;
  }
  const end = start + length;
  return end > bytes.length ? undefined : { tag, start, end };
}

/** Returns the bytes in hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Returns the bytes in standard base64, as Go writes byte slices into JSON. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}

import { ENTRY_OVERHEAD_BYTES, HpackDynamicTable } from "./hpack-dynamic-table.ts";
import { BlockMemory, StringMemory } from "./hpack-memory.ts";
import { STATIC_ENTRIES, staticTable } from "./hpack-static-table.ts";
import { decodeHuffman, maxDecodedLength } from "./huffman-decode.ts";

/** A header list as one block gave it. May be shared between calls: nobody may change it. */
export interface HeaderList {
  /** In the order of the block; one character a byte (latin1). */
  readonly names: readonly string[];
  /** The value of each name, one character a byte (latin1). */
  readonly values: readonly string[];
  /** The list's size as RFC 9113 section 6.5.2 counts it: bytes of names and values, and 32 for each entry. */
  readonly sizeBytes: number;
}

/** Why a block gives no header list. A value: the connection decides what to do. */
export class HpackFault {
  /**
   * - `COMPRESSION_ERROR`: the block is broken, the table may be out of step: the connection is lost;
   * - `HEADER_LIST_TOO_LARGE`: the list is over a limit, but the table is right: only the stream is lost.
   */
  readonly code: "COMPRESSION_ERROR" | "HEADER_LIST_TOO_LARGE";

  constructor(code: HpackFault["code"]) {
    this.code = code;
  }
}

/** Bounds of a decoder. */
export interface HpackDecoderOptions {
  /** The largest header list, counted as {@link HeaderList.sizeBytes}. */
  readonly maxHeaderListBytes: number;
  /** How many entries a header list may have. */
  readonly maxHeaders: number;
}

/** The dynamic table's largest size: SETTINGS_HEADER_TABLE_SIZE as it is unless the peer is told otherwise (RFC 9113 section 6.5.2). */
const MAX_TABLE_BYTES = 4_096;
/** A reduction and the final size: what two changes of the setting between two blocks come down to (RFC 7541 section 4.2). */
const MAX_SIZE_UPDATES = 2;
/** Continuation bytes of an integer: values up to 2 ** 28, far over every limit here (RFC 7541 section 5.1). */
const maxContinuationShift = 21;

const broken = new HpackFault("COMPRESSION_ERROR");
const tooLarge = new HpackFault("HEADER_LIST_TOO_LARGE");

const staticNames: readonly string[] = staticTable.map(([name]) => name);
const staticValues: readonly string[] = staticTable.map(([, value]) => value);

const scratch = Buffer.allocUnsafeSlow(16_384);

/** Reads the header blocks of one connection, in their order (RFC 7541). Keeps no reference to the blocks. */
export class HpackDecoder {
  readonly #options: HpackDecoderOptions;
  readonly #table = new HpackDynamicTable(MAX_TABLE_BYTES);
  readonly #blocks = new BlockMemory();
  #plainStrings: StringMemory | undefined;
  #huffmanStrings: StringMemory | undefined;
  #at = 0;
  #name = "";
  #value = "";
  /** Whether the list is too large already: what the table does not keep need only be right, and has no text. */
  #isOver = false;

  constructor(options: HpackDecoderOptions) {
    this.#options = options;
  }

  /**
   * The header list of the whole block at `[start, end)`. After COMPRESSION_ERROR the decoder is of no use any more.
   *
   * The same object may be given again for the same block, so its identity can be used to remember what it means.
   */
  decode(block: Buffer, start: number, end: number): HeaderList | HpackFault {
    const changes = this.#table.changes;
    const remembered = this.#blocks.find(block, start, end, changes);
    if (remembered !== undefined) {
      return remembered;
    }
    const list = this.#readList(block, start, end);
    if (!(list instanceof HpackFault) && this.#table.changes === changes) {
      this.#blocks.remember(block, start, end, list);
    }
    return list;
  }

  #readList(block: Buffer, start: number, end: number): HeaderList | HpackFault {
    this.#at = start;
    if (!this.#readSizeUpdates(block, end)) {
      return broken;
    }
    const { maxHeaders, maxHeaderListBytes } = this.#options;
    const names: string[] = [];
    const values: string[] = [];
    let count = 0;
    let sizeBytes = 0;
    this.#isOver = false;
    while (this.#at < end) {
      if (!this.#readField(block, end)) {
        return broken;
      }
      count++;
      sizeBytes += this.#name.length + this.#value.length + ENTRY_OVERHEAD_BYTES;
      // Over the limits the rest is still read, for what it does to the table.
      this.#isOver ||= count > maxHeaders || sizeBytes > maxHeaderListBytes;
      if (!this.#isOver) {
        names.push(this.#name);
        values.push(this.#value);
      }
    }
    return this.#isOver ? tooLarge : { names, values, sizeBytes };
  }

  /** Reads what may stand only in front of all fields (RFC 7541 section 4.2). */
  #readSizeUpdates(block: Buffer, end: number): boolean {
    for (let updates = 0; ((block[this.#at] ?? 0) & 0xe0) === 0x20 && this.#at < end; updates++) {
      const maxBytes = this.#readInteger(block, end, 0x1f);
      if (maxBytes < 0 || maxBytes > MAX_TABLE_BYTES || updates === MAX_SIZE_UPDATES) {
        return false;
      }
      this.#table.resize(maxBytes);
    }
    return true;
  }

  /** Reads one field into name and value, and does to the table what it says; false when it is broken. */
  #readField(block: Buffer, end: number): boolean {
    const byte = block[this.#at] ?? 0;
    if (byte >= 0x80) {
      const index = this.#readInteger(block, end, 0x7f);
      return this.#setName(index) && this.#setValue(index);
    }
    if (byte >= 0x40) {
      if (!this.#readLiteral(block, end, 0x3f, false)) {
        return false;
      }
      this.#table.add(this.#name, this.#value);
      return true;
    }
    return byte < 0x20 && this.#readLiteral(block, end, 0x0f, this.#isOver);
  }

  /** @param isDropped whether only its form matters */
  #readLiteral(block: Buffer, end: number, mask: number, isDropped: boolean): boolean {
    const index = this.#readInteger(block, end, mask);
    if (index === 0) {
      const name = this.#readString(block, end, isDropped);
      if (name === undefined) {
        return false;
      }
      this.#name = name;
    } else if (!this.#setName(index)) {
      return false;
    }
    const value = this.#readString(block, end, isDropped);
    if (value === undefined) {
      return false;
    }
    this.#value = value;
    return true;
  }

  #setName(index: number): boolean {
    if (index > 0 && index <= STATIC_ENTRIES) {
      this.#name = staticNames[index - 1] ?? "";
      return true;
    }
    const dynamicIndex = index - STATIC_ENTRIES - 1;
    if (dynamicIndex < 0 || dynamicIndex >= this.#table.count) {
      return false;
    }
    this.#name = this.#table.name(dynamicIndex);
    return true;
  }

  /** Takes the value at an index whose name was there. */
  #setValue(index: number): boolean {
    this.#value =
      index <= STATIC_ENTRIES
        ? (staticValues[index - 1] ?? "")
        : this.#table.value(index - STATIC_ENTRIES - 1);
    return true;
  }

  /** An integer whose prefix is as wide as the mask, or -1 when it is cut off or over the limits. */
  #readInteger(block: Buffer, end: number, mask: number): number {
    let value = (block[this.#at++] ?? 0) & mask;
    if (value < mask) {
      return value;
    }
    for (let shift = 0; shift <= maxContinuationShift && this.#at < end; shift += 7) {
      const byte = block[this.#at++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    return -1;
  }

  /** A string literal (RFC 7541 section 5.2), or undefined when it is cut off or its code is broken. */
  #readString(block: Buffer, end: number, isDropped: boolean): string | undefined {
    if (this.#at >= end) {
      return undefined;
    }
    const isHuffman = (block[this.#at] ?? 0) >= 0x80;
    const length = this.#readInteger(block, end, 0x7f);
    const start = this.#at;
    if (length < 0 || length > end - start) {
      return undefined;
    }
    this.#at = start + length;
    if (isHuffman) {
      return this.#readHuffman(block, start, start + length, isDropped);
    }
    return isDropped ? "" : this.#readPlain(block, start, start + length);
  }

  #readPlain(block: Buffer, start: number, end: number): string {
    this.#plainStrings ??= new StringMemory();
    const known = this.#plainStrings.find(block, start, end);
    if (known !== undefined) {
      return known;
    }
    const text = block.toString("latin1", start, end);
    this.#plainStrings.remember(block, start, end, text);
    return text;
  }

  #readHuffman(block: Buffer, start: number, end: number, isDropped: boolean): string | undefined {
    this.#huffmanStrings ??= new StringMemory();
    const known = this.#huffmanStrings.find(block, start, end);
    if (known !== undefined) {
      return known;
    }
    const maxLength = maxDecodedLength(end - start);
    const target = maxLength <= scratch.length ? scratch : Buffer.allocUnsafeSlow(maxLength);
    const length = decodeHuffman(block, start, end, target);
    if (length < 0 || isDropped) {
      return length < 0 ? undefined : "";
    }
    const text = target.toString("latin1", 0, length);
    this.#huffmanStrings.remember(block, start, end, text);
    return text;
  }
}

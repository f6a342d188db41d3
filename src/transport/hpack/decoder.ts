import { BlockMemory, StringMemory } from "./block-memory.ts";
import { DEFAULT_TABLE_BYTES, ENTRY_OVERHEAD_BYTES, HpackDynamicTable } from "./dynamic-table.ts";
import type { HeaderList } from "./header-list.ts";
import { decodeHuffman, maxDecodedLength, minDecodedLength } from "./huffman-decode.ts";
import { STATIC_ENTRIES, staticTable } from "./static-table.ts";

/** The reason why a block gives no header list. A value: the connection decides what to do. */
export class HpackFault {
  /**
   * - `COMPRESSION_ERROR`: the block is broken, the table may be out of step: the connection is lost;
   * - `HEADER_LIST_TOO_LARGE`: the list is over a limit, but the table is right: only the stream is concerned.
   */
  readonly code: "COMPRESSION_ERROR" | "HEADER_LIST_TOO_LARGE";
  /** Of a list that is too large, the fields for which there was room: enough to say what was asked for. */
  readonly kept: HeaderList;

  constructor(
    code: HpackFault["code"],
    kept: HeaderList = { names: [], values: [], sizeBytes: 0 },
  ) {
    this.code = code;
    this.kept = kept;
  }
}

/** Bounds of a decoder. */
export interface HpackDecoderOptions {
  /** The largest header list, counted as {@link HeaderList.sizeBytes}. */
  readonly maxHeaderListBytes: number;
  /** How many entries a header list may have. */
  readonly maxHeaders: number;
}

/** A reduction and the final size: what two changes of the setting between two blocks come down to (RFC 7541 section 4.2). */
const MAX_SIZE_UPDATES = 2;
/** Continuation bytes of an integer: values up to 2 ** 28, far over every limit here (RFC 7541 section 5.1). */
const maxContinuationShift = 21;

const broken = new HpackFault("COMPRESSION_ERROR");

const staticNames: readonly string[] = staticTable.map(([name]) => name);
const staticValues: readonly string[] = staticTable.map(([, value]) => value);

const scratch = Buffer.allocUnsafeSlow(16_384);

/** Reads the header blocks of one connection, in their order (RFC 7541). Keeps no reference to the blocks. */
export class HpackDecoder {
  readonly #options: HpackDecoderOptions;
  /** Never larger than the default: this server does not offer peers another size. */
  readonly #table = new HpackDynamicTable(DEFAULT_TABLE_BYTES);
  readonly #blocks = new BlockMemory();
  #plainStrings: StringMemory | undefined;
  #huffmanStrings: StringMemory | undefined;
  #at = 0;
  #name = "";
  #value = "";
  /** The list that is being read. */
  #names: string[] = [];
  #values: string[] = [];
  #sizeBytes = 0;
  #isCut = false;
  #sizeUpdates = 0;
  /** How long a field's texts may be that the list still has room for; below zero when it has none. */
  #room = 0;
  /** Whether the field is too long for the list, and for the table if it is to go there: its text is not needed. */
  #isDropped = false;
  /** How far the block has to go for the field to be read; 0 when it is broken. */
  #neededTo = 0;
  /** How much follows of a value that is passed over. */
  #skip = 0;

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
    if (remembered !== undefined) return remembered;
    this.begin();
    if (this.readFields(block, start, end) !== end) return broken;
    const list = this.finish();
    if (!(list instanceof HpackFault) && this.#table.changes === changes) {
      this.#blocks.remember(block, start, end, list);
    }
    return list;
  }

  /** Begins a block that comes in parts. */
  begin(): void {
    this.#names = [];
    this.#values = [];
    this.#sizeBytes = 0;
    this.#isCut = false;
    this.#sizeUpdates = 0;
    this.#skip = 0;
  }

  /**
   * Reads the fields of a part; returns where the first begins that is not whole, which has to be given again with
   * what follows it, or -1 when the block is broken.
   */
  readFields(block: Buffer, start: number, end: number): number {
    const skipped = Math.min(this.#skip, end - start);
    this.#skip -= skipped;
    this.#at = start + skipped;
    while (this.#at < end) {
      const begun = this.#at;
      this.#neededTo = 0;
      if (!this.#readOne(block, end)) return this.#neededTo > 0 ? begun : -1;
    }
    return end;
  }

  /** How far the last part would have had to go at the least, for a field more of it to be whole. */
  get neededTo(): number {
    return this.#neededTo;
  }

  /** The header list of the block, whose fields have all been read. */
  finish(): HeaderList | HpackFault {
    if (this.#skip > 0) return broken;
    const list = { names: this.#names, values: this.#values, sizeBytes: this.#sizeBytes };
    return this.#isCut ? new HpackFault("HEADER_LIST_TOO_LARGE", list) : list;
  }

  /** Reads a field, or a change of the table's size, which may stand only in front of all fields (RFC 7541 section 4.2). */
  #readOne(block: Buffer, end: number): boolean {
    if (((block[this.#at] ?? 0) & 0xe0) === 0x20) {
      const isFront = this.#names.length === 0 && !this.#isCut;
      return isFront && this.#readSizeUpdate(block, end);
    }
    const { maxHeaders, maxHeaderListBytes } = this.#options;
    const isFull = this.#names.length === maxHeaders;
    this.#room = isFull ? -1 : maxHeaderListBytes - this.#sizeBytes - ENTRY_OVERHEAD_BYTES;
    this.#isDropped = false;
    if (!this.#readField(block, end)) return false;
    const textBytes = this.#name.length + this.#value.length;
    // What there is no room for is still read, for what it does to the table.
    if (this.#isDropped || textBytes > this.#room) {
      this.#isCut = true;
    } else {
      this.#sizeBytes += textBytes + ENTRY_OVERHEAD_BYTES;
      this.#names.push(this.#name);
      this.#values.push(this.#value);
    }
    return true;
  }

  #readSizeUpdate(block: Buffer, end: number): boolean {
    const maxBytes = this.#readInteger(block, end, 0x1f);
    if (maxBytes < 0 || maxBytes > DEFAULT_TABLE_BYTES || this.#sizeUpdates === MAX_SIZE_UPDATES) {
      return false;
    }
    this.#sizeUpdates++;
    this.#table.resize(maxBytes);
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
      if (!this.#readLiteral(block, end, 0x3f, true)) return false;
      if (this.#isDropped) this.#table.clear();
      else this.#table.add(this.#name, this.#value);
      return true;
    }
    return byte < 0x20 && this.#readLiteral(block, end, 0x0f, false);
  }

  /** @param isIndexed whether it goes into the table, even where the list has no room for it */
  #readLiteral(block: Buffer, end: number, mask: number, isIndexed: boolean): boolean {
    const room = isIndexed ? Math.max(this.#room, DEFAULT_TABLE_BYTES) : this.#room;
    const index = this.#readInteger(block, end, mask);
    if (index === 0) {
      const name = this.#readString(block, end, room, false);
      if (name === undefined) return false;
      this.#name = name;
    } else if (!this.#setName(index)) {
      return false;
    }
    const value = this.#readString(block, end, room, true);
    if (value === undefined) return false;
    this.#value = value;
    return true;
  }

  #setName(index: number): boolean {
    if (index > 0 && index <= STATIC_ENTRIES) {
      this.#name = staticNames[index - 1] ?? "";
      return true;
    }
    const dynamicIndex = index - STATIC_ENTRIES - 1;
    if (dynamicIndex < 0 || dynamicIndex >= this.#table.count) return false;
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
    if (value < mask) return value;
    for (let shift = 0; shift <= maxContinuationShift; shift += 7) {
      if (this.#at >= end) {
        this.#neededTo = end + 1;
        return -1;
      }
      const byte = block[this.#at++] ?? 0;
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    return -1;
  }

  /**
   * A string literal (RFC 7541 section 5.2), or undefined when it is cut off or its code is broken.
   *
   * @param room how long it may be to be of any use; without text when it is longer
   * @param isLast whether nothing of the field follows, so that what is of no use need not be waited for
   */
  #readString(block: Buffer, end: number, room: number, isLast: boolean): string | undefined {
    if (this.#at >= end) {
      this.#neededTo = end + 1;
      return undefined;
    }
    const isHuffman = (block[this.#at] ?? 0) >= 0x80;
    const length = this.#readInteger(block, end, 0x7f);
    if (length < 0) return undefined;
    const start = this.#at;
    const isDropped = (isHuffman ? minDecodedLength(length) : length) > room;
    this.#isDropped ||= isDropped;
    if (length > end - start) {
      if (!isDropped || !isLast) {
        this.#neededTo = start + length;
        return undefined;
      }
      this.#skip = start + length - end;
      this.#at = end;
      return "";
    }
    this.#at = start + length;
    if (isHuffman) return this.#readHuffman(block, start, start + length, isDropped);
    return isDropped ? "" : this.#readPlain(block, start, start + length);
  }

  #readPlain(block: Buffer, start: number, end: number): string {
    this.#plainStrings ??= new StringMemory();
    const known = this.#plainStrings.find(block, start, end);
    if (known !== undefined) return known;
    const text = block.toString("latin1", start, end);
    this.#plainStrings.remember(block, start, end, text);
    return text;
  }

  #readHuffman(block: Buffer, start: number, end: number, isDropped: boolean): string | undefined {
    this.#huffmanStrings ??= new StringMemory();
    const known = this.#huffmanStrings.find(block, start, end);
    if (known !== undefined) return known;
    const maxLength = maxDecodedLength(end - start);
    const target = maxLength <= scratch.length ? scratch : Buffer.allocUnsafeSlow(maxLength);
    const length = decodeHuffman(block, start, end, target);
    if (length < 0 || isDropped) return length < 0 ? undefined : "";
    const text = target.toString("latin1", 0, length);
    this.#huffmanStrings.remember(block, start, end, text);
    return text;
  }
}

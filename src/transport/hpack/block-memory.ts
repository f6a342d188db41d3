import type { HeaderList } from "./header-list.ts";

const blockSlots = 16;
const maxBlockBytes = 512;
/** How many of a block's bytes are looked at to find its slot. */
const sampledBytes = 16;
/** After so many blocks in a row that were new, only one in as many is remembered: keeping costs more than looking. */
const maxMissesInARow = 32;

interface RememberedBlock {
  readonly bytes: Uint8Array;
  readonly list: HeaderList;
}

/** A memory of what blocks meant. A block that changes no table means the same until the dynamic table changes. */
export class BlockMemory {
  #slots: (RememberedBlock | undefined)[] = [];
  #tableChanges = 0;
  #misses = 0;

  /** The header list of a block with the same bytes, read at the same state of the table. */
  find(
    block: Uint8Array,
    start: number,
    end: number,
    tableChanges: number,
  ): HeaderList | undefined {
    if (tableChanges !== this.#tableChanges) {
      this.#tableChanges = tableChanges;
      this.#slots = [];
    }
    const slot = this.#slots[slotOf(block, start, end)];
    if (slot !== undefined && isSame(slot.bytes, block, start, end)) {
      this.#misses = 0;
      return slot.list;
    }
    this.#misses++;
    return undefined;
  }

  /** Keeps a block's meaning, in place of another's; large blocks are not kept. To be called after `find`. */
  remember(block: Uint8Array, start: number, end: number, list: HeaderList): void {
    if (
      end - start > maxBlockBytes ||
      (this.#misses > maxMissesInARow && this.#misses % maxMissesInARow !== 0)
    ) {
      return;
    }
    this.#slots[slotOf(block, start, end)] = { bytes: copyOf(block, start, end), list };
  }
}

const stringSlots = 32;
const maxStringBytes = 64;

/** The texts of string literals by their encoded bytes, so that one sent again is not decoded again. */
export class StringMemory {
  readonly #bytes: Uint8Array = new Uint8Array(stringSlots * maxStringBytes);
  readonly #lengths: Uint8Array = new Uint8Array(stringSlots);
  readonly #texts: string[] = Array.from({ length: stringSlots }, () => "");

  /** The text of the same bytes, or undefined. Bytes with and without Huffman code are kept in two of these. */
  find(block: Uint8Array, start: number, end: number): string | undefined {
    const length = end - start;
    const slot = stringSlotOf(block, start, end);
    if (length === 0 || this.#lengths[slot] !== length) return undefined;
    const bytes = this.#bytes;
    const shift = slot * maxStringBytes - start;
    for (let index = start; index < end; index++) {
      if (bytes[index + shift] !== block[index]) return undefined;
    }
    return this.#texts[slot];
  }

  /** Keeps a text in place of another; long ones are not kept. */
  remember(block: Uint8Array, start: number, end: number, text: string): void {
    const length = end - start;
    if (length > maxStringBytes) return;
    const slot = stringSlotOf(block, start, end);
    const bytes = this.#bytes;
    const shift = slot * maxStringBytes - start;
    for (let index = start; index < end; index++) bytes[index + shift] = block[index] ?? 0;
    this.#lengths[slot] = length;
    this.#texts[slot] = text;
  }
}

function stringSlotOf(block: Uint8Array, start: number, end: number): number {
  const middle = block[(start + end) >> 1] ?? 0;
  const last = block[end - 1] ?? 0;
  return ((end - start) * 7 + (block[start] ?? 0) * 5 + middle * 3 + last) % stringSlots;
}

function slotOf(block: Uint8Array, start: number, end: number): number {
  const step = 1 + Math.floor((end - start) / sampledBytes);
  let hash = end - start;
  for (let index = start; index < end; index += step) {
    hash = (Math.imul(hash, 31) + (block[index] ?? 0)) | 0;
  }
  return (hash >>> 8) % blockSlots;
}

function isSame(bytes: Uint8Array, block: Uint8Array, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let index = 0; index < bytes.length; index++) {
    if (bytes[index] !== block[start + index]) return false;
  }
  return true;
}

function copyOf(block: Uint8Array, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  for (let index = 0; index < bytes.length; index++) bytes[index] = block[start + index] ?? 0;
  return bytes;
}

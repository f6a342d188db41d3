/** The size of a dynamic table until SETTINGS_HEADER_TABLE_SIZE says otherwise, in bytes (RFC 9113 section 6.5.2). */
export const DEFAULT_TABLE_BYTES = 4_096;

/** The size of an entry beyond its bytes (RFC 7541 section 4.1). */
export const ENTRY_OVERHEAD_BYTES = 32;

/** The dynamic table of one direction of one connection (RFC 7541 sections 2.3.2 and 4): a ring, the newest entry has index 0. */
export class HpackDynamicTable {
  #names: (string | undefined)[] = [];
  #values: (string | undefined)[] = [];
  /** Ring slots less one; slots are a power of two. */
  #mask = -1;
  /** The slot behind the newest entry. */
  #head = 0;
  #count = 0;
  #sizeBytes = 0;
  #maxBytes: number;
  #changes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many entries there are. */
  get count(): number {
    return this.#count;
  }

  /** Goes up with every change: what was read from the table holds as long as this does. */
  get changes(): number {
    return this.#changes;
  }

  /** The name at the index, which has to be below `count`. */
  name(index: number): string {
    return this.#names[(this.#head - 1 - index) & this.#mask] ?? "";
  }

  /** The value at the index, which has to be below `count`. */
  value(index: number): string {
    return this.#values[(this.#head - 1 - index) & this.#mask] ?? "";
  }

  /** Adds an entry in front and drops the oldest ones over the size; one that is larger than the table leaves it empty. */
  add(name: string, value: string): void {
    const entryBytes = name.length + value.length + ENTRY_OVERHEAD_BYTES;
    this.#changes++;
    this.#evict(this.#maxBytes - entryBytes);
    if (entryBytes > this.#maxBytes) return;
    if (this.#count > this.#mask) this.#grow();
    const slot = this.#head & this.#mask;
    this.#names[slot] = name;
    this.#values[slot] = value;
    this.#head = (slot + 1) & this.#mask;
    this.#count++;
    this.#sizeBytes += entryBytes;
  }

  /** Drops all entries: what one does that is larger than the table (RFC 7541 section 4.4). */
  clear(): void {
    this.#changes++;
    this.#evict(0);
  }

  /** Changes the size it may have, and drops the oldest entries over it. */
  resize(maxBytes: number): void {
    this.#changes++;
    this.#maxBytes = maxBytes;
    this.#evict(maxBytes);
  }

  #evict(roomBytes: number): void {
    while (this.#count > 0 && this.#sizeBytes > roomBytes) {
      const slot = (this.#head - this.#count) & this.#mask;
      const name = this.#names[slot] ?? "";
      const value = this.#values[slot] ?? "";
      this.#sizeBytes -= name.length + value.length + ENTRY_OVERHEAD_BYTES;
      this.#names[slot] = undefined;
      this.#values[slot] = undefined;
      this.#count--;
    }
  }

  /** Doubles the slots, which a table of the usual size needs three times at most. */
  #grow(): void {
    const names: (string | undefined)[] = [];
    const values: (string | undefined)[] = [];
    for (let index = this.#count - 1; index >= 0; index--) {
      names.push(this.name(index));
      values.push(this.value(index));
    }
    const slots = Math.max(16, 2 * (this.#mask + 1));
    while (names.length < slots) {
      names.push(undefined);
      values.push(undefined);
    }
    this.#names = names;
    this.#values = values;
    this.#head = this.#count;
    this.#mask = slots - 1;
  }
}

/** A header list as one block gave it. May be shared between calls: nobody may change it. */
export interface HeaderList {
  /** In the order of the block; one character a byte (latin1). */
  readonly names: readonly string[];
  /** The value of each name, one character a byte (latin1). */
  readonly values: readonly string[];
  /** The list's size as RFC 9113 section 6.5.2 counts it: bytes of names and values, and 32 for each entry. */
  readonly sizeBytes: number;
}

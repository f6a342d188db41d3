/** A place in a policy file, both 1-based. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

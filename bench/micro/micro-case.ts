/** One thing that is measured. */
export interface MicroCase {
  /** `group: what`. */
  readonly name: string;
  /** How many operations a `run` is; figures are per operation. */
  readonly operations: number;
  /** Done before every `run`, and not counted. */
  readonly prepare?: () => void;
  /** Throws when an answer is not the expected one: a fast wrong answer is no figure. */
  readonly run: () => void;
}

/** Throws unless the answer is the expected one. */
export function expectSame(name: string, got: unknown, want: unknown): void {
  if (got !== want) throw new Error(`${name}: ${String(got)} instead of ${String(want)}`);
}

/** A bounded number of bytes, of which parts are taken and given back; may itself be part of a larger one. */
export class ByteBudget {
  readonly #limit: number;
  readonly #whole: ByteBudget | undefined;
  readonly #onRefused: (() => void) | undefined;
  #taken = 0;

  /** @param onRefused told whenever there are not enough bytes left */
  constructor(limit: number, whole?: ByteBudget, onRefused?: () => void) {
    this.#limit = limit;
    this.#whole = whole;
    this.#onRefused = onRefused;
  }

  /** How many bytes are taken now. */
  get taken(): number {
    return this.#taken;
  }

  /** Takes `size` bytes, or nothing and returns false when there are not so many left. */
  take(size: number): boolean {
    if (this.#taken + size > this.#limit || this.#whole?.take(size) === false) {
      this.#onRefused?.();
      return false;
    }
    this.#taken += size;
    return true;
  }

  /** Gives back what was taken. */
  give(size: number): void {
    this.#taken -= size;
    this.#whole?.give(size);
  }
}

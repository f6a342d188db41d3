/**
 * Remembers what was made from texts, as long as they are in use. Bounded: at most twice `maxEntries`, of which the
 * half not used for longest is dropped at once.
 */
export class RecentCache<Made> {
  readonly #maxEntries: number;
  #recent = new Map<string, Made>();
  #older = new Map<string, Made>();

  constructor(maxEntries: number = 128) {
    this.#maxEntries = maxEntries;
  }

  /** What was kept for the text, or undefined. */
  get(text: string): Made | undefined {
    const recent = this.#recent.get(text);
    if (recent !== undefined) return recent;
    const older = this.#older.get(text);
    if (older !== undefined) this.set(text, older);
    return older;
  }

  set(text: string, made: Made): void {
    if (this.#recent.size >= this.#maxEntries) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(text, made);
  }
}

/**
 * The open streams of a connection.
 *
 * No Map: one from which is taken as much as is put in makes itself new tables all the time, and each dead one keeps
 * the next alive until old space is collected, with all streams that were in it.
 */
export class OpenStreams<Stream extends { readonly id: number }> {
  /** In the order of their numbers, which is that in which they were opened. */
  readonly #streams: Stream[] = [];

  /** How many there are. */
  get size(): number {
    return this.#streams.length;
  }

  /** The stream of that number, if it is open. */
  get(id: number): Stream | undefined {
    // Mostly the frame that comes is of the stream that was opened last.
    const last = this.#streams.at(-1);
    if (last === undefined || last.id <= id) return last?.id === id ? last : undefined;
    const stream = this.#streams[this.#placeOf(id)];
    return stream?.id === id ? stream : undefined;
  }

  /** Adds a stream whose number is higher than all before. */
  add(stream: Stream): void {
    this.#streams.push(stream);
  }

  /** Takes a stream out, if it is in. */
  delete(stream: Stream): void {
    const place = this.#placeOf(stream.id);
    if (this.#streams[place] === stream) this.#streams.splice(place, 1);
  }

  /** All of them as they are now: streams may be closed while they are gone through. */
  all(): readonly Stream[] {
    return [...this.#streams];
  }

  /** Where the first stream is whose number is no lower. */
  #placeOf(id: number): number {
    let from = 0;
    let to = this.#streams.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if ((this.#streams[middle]?.id ?? id) < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

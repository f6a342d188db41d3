const REMEMBERED = 256;

/** How a stream came to its end. */
export const streamEnd = {
  /** Not known: never opened, or so long ago that it is forgotten. */
  UNKNOWN: 0,
  /** Both sides ended it. */
  ENDED: 1,
  /** The peer reset it. */
  PEER_RESET: 2,
  /** We reset it; what the peer sent before it knew has to be passed over. */
  OWN_RESET: 3,
} as const;

/** One of {@link streamEnd}. */
export type StreamEnd = (typeof streamEnd)[keyof typeof streamEnd];

/** The last 256 streams that were closed on a connection, and how: what a late frame means depends on it (RFC 9113 section 5.1). */
export class ClosedStreams {
  readonly #ids = new Uint32Array(REMEMBERED);
  readonly #ends: StreamEnd[] = [];
  #next = 0;

  /** Notes that a stream has been closed. */
  add(streamId: number, end: StreamEnd): void {
    this.#ids[this.#next] = streamId;
    this.#ends[this.#next] = end;
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** How the stream was closed, as far as known. */
  endOf(streamId: number): StreamEnd {
    const index = this.#ids.indexOf(streamId);
    return index < 0 ? streamEnd.UNKNOWN : (this.#ends[index] ?? streamEnd.UNKNOWN);
  }
}

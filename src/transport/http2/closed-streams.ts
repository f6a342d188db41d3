const rememberedStreams = 256;

/** The ways in which a stream comes to its end. */
export const streamEnd = {
  /** Not known: never opened, or so long ago that it is forgotten. */
  unknown: 0,
  /** Both sides ended it. */
  ended: 1,
  /** The peer reset it. */
  peerReset: 2,
  /** We reset it; what the peer sent before it knew has to be passed over. */
  ownReset: 3,
} as const;

/** One of {@link streamEnd}. */
export type StreamEnd = (typeof streamEnd)[keyof typeof streamEnd];

/** The last 256 streams that were closed on a connection, and how: what a late frame means depends on it (RFC 9113 section 5.1). */
export class ClosedStreams {
  readonly #ids = new Uint32Array(rememberedStreams);
  readonly #ends: StreamEnd[] = [];
  #next = 0;

  /** Notes that a stream has been closed. */
  add(streamId: number, end: StreamEnd): void {
    this.#ids[this.#next] = streamId;
    this.#ends[this.#next] = end;
    this.#next = (this.#next + 1) % rememberedStreams;
  }

  /** How the stream was closed, as far as known. */
  endOf(streamId: number): StreamEnd {
    const index = this.#ids.indexOf(streamId);
    return index < 0 ? streamEnd.unknown : (this.#ends[index] ?? streamEnd.unknown);
  }
}

import type { AttackKind, AttackLimits } from "./attack-limits.ts";
import { releaseBytes } from "./release-bytes.ts";

const scratch = Buffer.allocUnsafeSlow(65_536);

/** A header block that comes in more than one frame (RFC 9113 section 4.3). */
export class HeaderBlock {
  readonly streamId: number;
  readonly endStream: boolean;
  /** Whether its stream is said to depend on itself. */
  readonly selfDependent: boolean;
  readonly sinceMs: number;
  readonly #limits: AttackLimits;
  readonly #fragments: Buffer[] = [];
  #size = 0;

  constructor(
    head: { streamId: number; endStream: boolean; selfDependent: boolean; sinceMs: number },
    limits: AttackLimits,
  ) {
    this.streamId = head.streamId;
    this.endStream = head.endStream;
    this.selfDependent = head.selfDependent;
    this.sinceMs = head.sinceMs;
    this.#limits = limits;
  }

  /** Adds a copy of a fragment; returns what limit that breaks, if any. */
  add(bytes: Buffer, start: number, end: number): AttackKind | undefined {
    this.#size += end - start;
    // The first fragment is in a HEADERS frame.
    if (this.#fragments.length > this.#limits.maxContinuationFrames) {
      return "continuation-flood";
    }
    if (this.#size > this.#limits.maxHeaderBlockBytes) {
      return "continuation-flood";
    }
    this.#fragments.push(Buffer.from(bytes.subarray(start, end)));
    return undefined;
  }

  /** All fragments in one: a view that is valid until another block is joined. */
  join(): Buffer {
    if (this.#size > scratch.length) {
      return Buffer.concat(this.#fragments, this.#size);
    }
    let at = 0;
    for (const fragment of this.#fragments) {
      at += fragment.copy(scratch, at);
      releaseBytes(fragment);
    }
    return scratch.subarray(0, at);
  }
}

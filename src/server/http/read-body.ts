import type { Readable } from "node:stream";
import type { ByteBudget } from "../../transport/http2/byte-budget.ts";

/** Bounds on a body that is read. */
export interface BodyLimits {
  readonly maxBytes: number;
  /** What the bodies of all connections are taken from. */
  readonly budget: ByteBudget;
  /** How long the whole body may take; Infinity where nobody waits for less than the whole request may take. */
  readonly waitMs: number;
}

/** A body that is held until it is given back. */
export interface HeldBody {
  readonly bytes: Uint8Array;
  release(): void;
}

/** The reason why a body is not read on: it is too large, there is no room for it beside others, or it took too long. */
export type BodyRefusal = "too-large" | "no-room" | "late";

const firstBytes = 4_096;
const leastGrowth = 65_536;

/**
 * Returns calls `done` once with the request's body or as soon as it is clear that it is refused, and not at all when the caller
 * goes away before the end. A refused body is not held.
 *
 * What comes is copied at once: a piece may be a single byte, and would keep hundreds alive until the end.
 */
export function readBody(
  request: Readable,
  { maxBytes, budget, waitMs }: BodyLimits,
  done: (result: HeldBody | BodyRefusal) => void,
): void {
  let buffer: Buffer = Buffer.alloc(0);
  let length = 0;
  const release = (): void => {
    budget.give(buffer.length);
    buffer = Buffer.alloc(0);
  };
  const stop = (): void => {
    clearTimeout(timer);
    request.off("data", add);
    request.off("end", finish);
    request.off("close", abandon);
  };
  const refuse = (refusal: BodyRefusal): void => {
    stop();
    request.pause();
    release();
    done(refusal);
  };
  const finish = (): void => {
    stop();
    done({ bytes: buffer.subarray(0, length), release });
  };
  const abandon = (): void => {
    stop();
    release();
  };
  const add = (chunk: Buffer): void => {
    const needed = length + chunk.length;
    if (needed > maxBytes) {
      refuse("too-large");
      return;
    }
    if (needed > buffer.length) {
      // Doubled, so that small pieces are not copied over and over; by less where there is no room for that.
      const size = [Math.max(2 * buffer.length, firstBytes), leastGrowth + length]
        .map((wanted) => Math.max(needed, Math.min(wanted, maxBytes)))
        .find((wanted) => budget.take(wanted - buffer.length));
      if (size === undefined) {
        refuse("no-room");
        return;
      }
      const larger = Buffer.allocUnsafe(size);
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    length += chunk.copy(buffer, length);
  };
  const timer = waitMs < Infinity ? setTimeout(refuse, Math.max(0, waitMs), "late") : undefined;
  request.on("data", add);
  request.on("end", finish);
  request.on("close", abandon);
}

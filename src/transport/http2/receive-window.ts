import type { ByteBudget } from "./byte-budget.ts";

/** The window of a whole connection, in bytes. */
export const connectionWindowBytes = 4_194_304;

/** How long it takes at least until the window may be made whole again: no more than 262 MB/s from one peer … */
const refillMs = 8;
/** … and half of that when its unfinished requests hold so much, a third with twice as much: what they hold is not to grow fast. */
const slowingBytes = 8_388_608;

/**
 * The window of DATA that the peer may send on its connection (RFC 9113 section 5.2). It is given anew as it is used, but only at
 * times: a peer that minds it is held to a pace, one that does not has soon sent too much.
 */
export class ReceiveWindow {
  readonly #unfinished: ByteBudget;
  readonly #refill: (bytes: number) => void;
  #left = connectionWindowBytes;
  #refilledMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param unfinished what the connection's unfinished requests hold
   * @param refill told how many bytes the peer may send again
   */
  constructor(unfinished: ByteBudget, refill: (bytes: number) => void) {
    this.#unfinished = unfinished;
    this.#refill = refill;
  }

  /** Takes the bytes of a frame; returns whether the peer was allowed so many. */
  take(size: number, nowMs: number): boolean {
    this.#left -= size;
    if (this.#left < 0) return false;
    if (this.#left < connectionWindowBytes / 2 && this.#timer === undefined) this.#giveSoon(nowMs);
    return true;
  }

  /** Gives nothing any more. */
  close(): void {
    clearTimeout(this.#timer);
  }

  #giveSoon(nowMs: number): void {
    const paceMs = refillMs * (1 + this.#unfinished.taken / slowingBytes);
    const waitMs = this.#refilledMs + paceMs - nowMs;
    if (waitMs <= 0) {
      this.#give(nowMs);
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#give(nowMs + waitMs);
    }, waitMs);
  }

  #give(nowMs: number): void {
    const used = connectionWindowBytes - this.#left;
    this.#left = connectionWindowBytes;
    this.#refilledMs = nowMs;
    this.#refill(used);
  }
}

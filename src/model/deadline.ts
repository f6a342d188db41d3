/**
 * The time by which a request has to be answered, on the clock of `performance.now()`.
 *
 * It has one owner at a time. The transport or the HTTP door reads what the caller says and owns it until the request
 * is whole. From then on the door owns it (`server/check/answer-check.ts`): it puts it a margin before the caller's
 * end, has the only timer, and answers when that fires. Pools and workers set no timers; they ask {@link isOver}, and
 * drop what is over when the door tells them.
 */
export class Deadline {
  readonly atMs: number;

  constructor(atMs: number) {
    this.atMs = atMs;
  }

  /** Returns whether the time is up; what is not a number is over. */
  isOver(nowMs: number): boolean {
    return !(this.atMs > nowMs);
  }

  /** Returns how much time is left; negative when it is over. */
  leftMs(nowMs: number): number {
    return this.atMs - nowMs;
  }

  /** Returns a deadline earlier by the margin, but by no more than half of the time left. */
  earlier(marginMs: number, nowMs: number): Deadline {
    const byMs = Math.max(0, Math.min(marginMs, this.leftMs(nowMs) / 2));
    return byMs === 0 ? this : new Deadline(this.atMs - byMs);
  }

  /** Returns the earlier of the two. */
  orBy(atMs: number): Deadline {
    return this.atMs <= atMs ? this : new Deadline(atMs);
  }
}

/** The deadline of a request for which nobody stops waiting. */
export const noDeadline: Deadline = new Deadline(Number.POSITIVE_INFINITY);

/** The deadline of a request whose time was up before it was read. */
export const passedDeadline: Deadline = new Deadline(0);

import type { AttackKind, AttackLimits } from "./attack-limits.ts";

/** The attacks that are seen by counting frames. */
export type FloodKind = Extract<
  AttackKind,
  | "rapid-reset"
  | "settings-flood"
  | "ping-flood"
  | "empty-frame-flood"
  | "priority-flood"
  | "unknown-frame-flood"
  | "window-update-flood"
  | "tiny-window"
  | "table-size-churn"
>;

type FloodCounts = Record<FloodKind, number>;

function noFloods(): FloodCounts {
  return {
    "rapid-reset": 0,
    "settings-flood": 0,
    "ping-flood": 0,
    "empty-frame-flood": 0,
    "priority-flood": 0,
    "unknown-frame-flood": 0,
    "window-update-flood": 0,
    "tiny-window": 0,
    "table-size-churn": 0,
  };
}

/**
 * Floods that an honest proxy may pass on for its clients: whoever resets a request makes it reset a call, and every answer
 * that nobody waits for any more costs window. They slow reading down; the others end the connection.
 */
const pacedFloods: ReadonlySet<FloodKind> = new Set(["rapid-reset", "window-update-flood"]);

/** Returns whether a flood of that kind slows reading down instead of ending the connection, as long as the peer is served. */
export function isPaced(kind: FloodKind): boolean {
  return pacedFloods.has(kind);
}

/** The limits of {@link FloodCount}, to be built once for a transport. */
export interface FloodLimits {
  readonly windowMs: number;
  readonly limits: Readonly<FloodCounts>;
  /** 1 where the frames of responses give credit, else 0. */
  readonly credit: Readonly<FloodCounts>;
}

/** Returns the part of the limits that counts frames. */
export function floodLimitsOf(limits: AttackLimits): FloodLimits {
  return {
    windowMs: limits.floodWindowMs,
    limits: {
      "rapid-reset": limits.maxResets,
      "settings-flood": limits.maxSettings,
      "ping-flood": limits.maxPings,
      "empty-frame-flood": limits.maxEmptyFrames,
      "priority-flood": limits.maxPriorityFrames,
      "unknown-frame-flood": limits.maxUnknownFrames,
      "window-update-flood": limits.maxWindowUpdates,
      "tiny-window": limits.maxTinyFrames,
      "table-size-churn": limits.maxTableSizeUpdates,
    },
    credit: {
      ...noFloods(),
      "rapid-reset": 1,
      "ping-flood": 1,
      "priority-flood": 1,
      "window-update-flood": 1,
      "tiny-window": 1,
    },
  };
}

/** The count of what one connection's peer has done since the counting window began. */
export class FloodCount {
  /** Frames of responses sent in this window. */
  credit = 0;
  #wasServed = false;
  readonly #limits: FloodLimits;
  #counts = noFloods();
  #startedMs: number;

  constructor(limits: FloodLimits, nowMs: number) {
    this.#limits = limits;
    this.#startedMs = nowMs;
  }

  /** Returns whether anything has been answered in this window, or in the one before. */
  get isServed(): boolean {
    return this.#wasServed || this.credit > 0;
  }

  /** Counts one; returns whether it is one too many. */
  isOver(kind: FloodKind, nowMs: number): boolean {
    const { windowMs, limits, credit } = this.#limits;
    if (nowMs - this.#startedMs >= windowMs) {
      this.#startedMs = nowMs;
      this.#counts = noFloods();
      this.#wasServed = this.credit > 0;
      this.credit = 0;
    }
    const count = this.#counts[kind] + 1;
    this.#counts[kind] = count;
    return count > limits[kind] + credit[kind] * this.credit;
  }
}

import { createLatencyHistogram } from "./latency-histogram.ts";
import { type LoadOptions, waitForOpenCalls } from "./load-options.ts";
import { createLoadTally, type LoadResult } from "./load-tally.ts";

/** An open loop's load. */
export interface OpenLoopOptions extends LoadOptions {
  readonly ratePerSecond: number;
}

/** The result of an open loop, and how well the client kept to its schedule. */
export interface OpenLoopResult extends LoadResult {
  /** How long after its time a call was sent, in milliseconds; part of the latency, and the client's own doing. */
  readonly sendDelayP99Ms: number;
  /** The share (0 to 1) of turns of the client's event loop, by time, in which there was something to do. */
  readonly clientBusyShare: number;
}

/** Calls open at once; more would be sent by no Envoy, and would only measure memory. */
const MAX_OPEN_CALLS = 20_000;

/** Due calls that are sent before answers are looked at again. */
const MAX_CALLS_PER_TURN = 64;

/**
 * Resolves with what came of an open loop: calls are due at a constant rate, whatever the server does, and latency
 * counts from when a call was due. A stall thus shows in every call that was due meanwhile (no coordinated omission).
 *
 * The event loop never sleeps here: Node's timers count in milliseconds, which is longer than most answers take.
 */
export async function runOpenLoop(options: OpenLoopOptions): Promise<OpenLoopResult> {
  const { connections, workload, ratePerSecond, warmupMs, durationMs } = options;
  const tally = createLoadTally();
  const sendDelays = createLatencyHistogram();
  const intervalMs = 1000 / ratePerSecond;
  const firstMs = performance.now();
  const beginMs = firstMs + warmupMs;
  const endMs = beginMs + durationMs;
  let sent = 0;
  let ended = 0;

  const startCall = (dueMs: number, nowMs: number): void => {
    const connection = connections[sent % connections.length];
    if (connection === undefined) throw new RangeError("an open loop needs a connection");
    const measured = dueMs >= beginMs;
    sent++;
    if (measured) sendDelays.record(nowMs - dueMs);
    if (sent - ended > MAX_OPEN_CALLS) {
      ended++;
      if (measured) tally.fail("not sent: too many open calls");
      return;
    }
    const check = workload.next();
    connection.call(check, (status, message) => {
      ended++;
      if (measured) tally.record(performance.now() - dueMs, check.allowed, status, message);
    });
  };

  /** Sends what is due by now, and says how many calls that were. */
  const sendDue = (nowMs: number): number => {
    let calls = 0;
    for (; calls < MAX_CALLS_PER_TURN; calls++) {
      const dueMs = firstMs + sent * intervalMs;
      if (dueMs > nowMs || dueMs >= endMs) break;
      startCall(dueMs, nowMs);
    }
    return calls;
  };

  const idleMs = await turnUntilSent({ ...options, beginMs, endMs, sendDue, ended: () => ended });
  await waitForOpenCalls(() => sent - ended);
  tally.fail("unanswered", sent - ended);
  return {
    ...tally.result(durationMs / 1000),
    sendDelayP99Ms: sendDelays.percentile(0.99),
    clientBusyShare: Math.max(0, 1 - idleMs / durationMs),
  };
}

/** What the loop below turns for. */
interface Turning extends Pick<OpenLoopOptions, "onBegin" | "onEnd"> {
  readonly beginMs: number;
  readonly endMs: number;
  readonly sendDue: (nowMs: number) => number;
  readonly ended: () => number;
}

/** Resolves, when all is sent, with the milliseconds between beginning and end in which the loop turned for nothing. */
async function turnUntilSent(turning: Turning): Promise<number> {
  const { beginMs, endMs, sendDue, ended, onBegin, onEnd } = turning;
  return await new Promise((resolve) => {
    let phase: "warm-up" | "measured" | "over" = "warm-up";
    let idleMs = 0;
    let last = { ms: performance.now(), calls: 0, ended: 0 };
    const turn = (): void => {
      const ms = performance.now();
      if (phase === "warm-up" && ms >= beginMs) {
        phase = "measured";
        onBegin?.();
      }
      if (phase === "measured" && last.calls === 0 && last.ended === ended()) {
        idleMs += ms - last.ms;
      }
      if (phase === "measured" && ms >= endMs) {
        phase = "over";
        onEnd?.();
      }
      last = { ms, calls: sendDue(ms), ended: ended() };
      if (phase === "over" && last.calls === 0) resolve(idleMs);
      else setImmediate(turn);
    };
    turn();
  });
}

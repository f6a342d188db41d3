import type {
  CheckObserver,
  CheckReason,
  CheckRecord,
  Door,
  Verdict,
} from "../../src/model/check-record.ts";

/** An observer that keeps what it is told, as lines of text, and the records as they are. */
export interface FakeRecorder extends CheckObserver {
  readonly lines: string[];
  readonly records: CheckRecord[];
}

export function createFakeRecorder(): FakeRecorder {
  const lines: string[] = [];
  const records: CheckRecord[] = [];
  return {
    lines,
    records,
    checkStarted() {
      lines.push("started");
    },
    checkFinished(record) {
      const { door, verdict, reason, startedMs, answeredMs } = record;
      const isInTime = answeredMs >= startedMs && answeredMs - startedMs < 60_000;
      lines.push(`${door} ${verdict} ${reason} ${isInTime}`);
      records.push(record);
    },
    checkAbandoned(door) {
      lines.push(`${door} abandoned`);
    },
  };
}

/** Returns the record of a request that took so many seconds. */
export function recordOf(
  door: Door,
  verdict: Verdict,
  reason: CheckReason,
  seconds: number,
): CheckRecord {
  const times = { startedMs: 0, answeredMs: 1_000 * seconds };
  return { door, verdict, reason, ...times, input: undefined, decision: undefined, revision: "r" };
}

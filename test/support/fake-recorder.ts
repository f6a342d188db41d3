import type { CheckRecorder } from "../../src/server/check/answer-check.ts";

/** A recorder that keeps what it is told, as lines of text. */
export interface FakeRecorder extends CheckRecorder {
  readonly lines: string[];
}

export function createFakeRecorder(): FakeRecorder {
  const lines: string[] = [];
  return {
    lines,
    checkStarted() {
      lines.push("started");
    },
    checkFinished(door, verdict, reason, seconds) {
      lines.push(`${door} ${verdict} ${reason} ${seconds >= 0 && seconds < 60}`);
    },
    checkAbandoned(door) {
      lines.push(`${door} abandoned`);
    },
  };
}

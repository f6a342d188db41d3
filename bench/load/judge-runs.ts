import type { RunSummary } from "./summarize-rounds.ts";

/** A judgement on whether the figures may be believed. */
export interface Judgement {
  readonly passed: boolean;
  /** What went wrong, a line each. */
  readonly lines: readonly string[];
}

/**
 * Returns the judgement on runs: a wrong verdict always fails, and so does a run without a right answer. An error fails unless
 * errors are allowed, or the load was more than the server can take by what the closed loop got.
 */
export function judgeRuns(runs: readonly RunSummary[], allowErrors: boolean): Judgement {
  const lines: string[] = [];
  let passed = true;
  for (const run of runs) {
    const { scenario, side, door, load, wrongVerdicts, errors, answered } = run;
    const name = `${scenario}, ${side === undefined ? "" : `${side}, `}${door} ${load}`;
    const fail = (what: string): void => {
      passed = false;
      lines.push(`FAILED: ${name}: ${what}`);
    };
    const mayErr = allowErrors || run.beyondCapacity;
    const listed = Object.entries(errors).map(([status, count]) => `${count} x ${status}`);
    if (wrongVerdicts > 0) fail(`${wrongVerdicts} wrong verdicts`);
    if (listed.length > 0 && !mayErr) fail(listed.join(", "));
    if (listed.length > 0 && mayErr) lines.push(`errors: ${name}: ${listed.join(", ")}`);
    if (answered === 0) fail("no right answer at all");
  }
  return { passed, lines };
}

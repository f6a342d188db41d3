import type { RunSummary } from "./summarize-rounds.ts";

/** Whether the figures may be believed. */
export interface Judgement {
  readonly passed: boolean;
  /** What went wrong, a line each. */
  readonly lines: readonly string[];
}

/**
 * The judgement on runs: a wrong verdict always fails, and so does a run without a right answer. An error fails unless
 * errors are allowed, as they have to be where the load is more than the server can take.
 */
export function judgeRuns(runs: readonly RunSummary[], allowErrors: boolean): Judgement {
  const lines: string[] = [];
  let passed = true;
  for (const { scenario, door, load, wrongVerdicts, errors, answered } of runs) {
    const fail = (what: string): void => {
      passed = false;
      lines.push(`FAILED: ${scenario}, ${door} ${load}: ${what}`);
    };
    const listed = Object.entries(errors).map(([status, count]) => `${count} x ${status}`);
    if (wrongVerdicts > 0) fail(`${wrongVerdicts} wrong verdicts`);
    if (listed.length > 0 && !allowErrors) fail(listed.join(", "));
    if (listed.length > 0 && allowErrors) {
      lines.push(`errors: ${scenario}, ${door} ${load}: ${listed.join(", ")}`);
    }
    if (answered === 0) fail("no right answer at all");
  }
  return { passed, lines };
}

import type { Result, Value } from "../../go-values/value.ts";
import type { FunctionRow, Parameter } from "../../jmespath/functions/function-table.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { spendPass } from "../../values/step-cost.ts";
import { formatDuration, parseDuration } from "../../values/time/duration.ts";
import {
  addDuration,
  durationBetween,
  formatCron,
  formatRfc3339,
  type GoTime,
  isBefore,
  timeOfClock,
  truncateTime,
} from "../../values/time/go-time.ts";
import {
  compileLayout,
  type GoLayout,
  parseGoTime,
  rfc3339Layout,
} from "../../values/time/go-time-layout.ts";
import { stringArgument } from "./typed-argument.ts";

/** What a character costs, in plain passes: it is read as bytes, element by element, and written into an error. */
const PASSES = 256;

const text: Parameter = { types: ["string"] };

/**
 * Returns the time functions, over RFC 3339 texts. `nowMs` is the clock, in milliseconds since 1970; the server's own
 * zone is UTC.
 */
export function createTimeFunctions(nowMs: () => number): readonly FunctionRow[] {
  const now = (): string => formatRfc3339(timeOfClock(nowMs()));
  return [
    { name: "time_now", parameters: [], body: now, isVolatile: true },
    { name: "time_now_utc", parameters: [], body: now, isVolatile: true },
    {
      ...layoutRow("time_since", 3, (given, [, start = "", end = ""]) => {
        const layout = given.text === "" ? rfc3339Layout : given;
        const startTime = parseGoTime(layout, start);
        if (startTime instanceof EvaluationError) return startTime;
        const endTime = end === "" ? timeOfClock(nowMs()) : parseGoTime(layout, end);
        return useTimes([startTime, endTime], formatDifference);
      }),
      isVolatile: true,
    },
    ...clocklessFunctions,
  ];
}

const clocklessFunctions: readonly FunctionRow[] = [
  layoutRow("time_parse", 2, (layout, [, value = ""]) =>
    useTimes([parseGoTime(layout, value)], ([time]) => formatRfc3339(time)),
  ),
  row("time_utc", 1, (texts) =>
    useTimes(texts.map(parseRfc3339), ([time]) => formatRfc3339({ ...time, offsetSeconds: 0 })),
  ),
  row("time_to_cron", 1, (texts) =>
    useTimes(texts.map(parseRfc3339), ([time]) => formatCron(time)),
  ),
  row("time_add", 2, (texts) => useTimeAndDuration(texts, addDuration)),
  row("time_truncate", 2, (texts) => useTimeAndDuration(texts, truncateTime)),
  row("time_diff", 2, (texts) => useTimes(texts.map(parseRfc3339), formatDifference)),
  row("time_before", 2, (texts) =>
    useTimes(texts.map(parseRfc3339), ([first, second]) => isBefore(first, second)),
  ),
  row("time_after", 2, (texts) =>
    useTimes(texts.map(parseRfc3339), ([first, second]) => isBefore(second, first)),
  ),
  row("time_between", 3, (texts) =>
    useTimes(
      texts.map(parseRfc3339),
      ([time, start, end]) => isBefore(start, time) && isBefore(time, end),
    ),
  ),
];

/** A function that takes so many texts. */
function row(name: string, count: number, body: (texts: readonly string[]) => Result): FunctionRow {
  return {
    name,
    parameters: Array.from({ length: count }, () => text),
    body: (args: readonly Value[], budget) => {
      const texts = args.map(stringArgument);
      const length = texts.reduce((total, { length: size }) => total + size, 0);
      return spendPass(budget, length * PASSES) ?? body(texts);
    },
  };
}

/** A function whose first text is a layout, taken apart when the policy loads where it stands there. */
function layoutRow(
  name: string,
  count: number,
  body: (layout: GoLayout, texts: readonly string[]) => Result,
): FunctionRow {
  return {
    ...row(name, count, (texts) => body(compileLayout(texts[0] ?? ""), texts)),
    prepare: ([given]) => {
      if (typeof given !== "string") return undefined;
      const layout = compileLayout(given);
      return { body: row(name, count, (texts) => body(layout, texts)).body };
    },
  };
}

function parseRfc3339(value: string): GoTime | EvaluationError {
  return parseGoTime(rfc3339Layout, value);
}

/** What the times give, or the first one's error; times that are missing repeat the last. */
function useTimes(
  results: readonly (GoTime | EvaluationError)[],
  use: (times: readonly [GoTime, GoTime, GoTime]) => Result,
): Result {
  const times: GoTime[] = [];
  for (const result of results) {
    if (result instanceof EvaluationError) return result;
    times.push(result);
  }
  const [first = zeroTime, second = first, third = second] = times;
  return use([first, second, third]);
}

const zeroTime: GoTime = { seconds: 0, nanoseconds: 0, offsetSeconds: 0 };

function useTimeAndDuration(
  [timeText = "", durationText = ""]: readonly string[],
  apply: (time: GoTime, nanoseconds: bigint) => GoTime,
): Result {
  const time = parseRfc3339(timeText);
  if (time instanceof EvaluationError) return time;
  const duration = parseDuration(durationText);
  if (typeof duration !== "bigint") return duration;
  return formatRfc3339(apply(time, duration));
}

function formatDifference([start, end]: readonly [GoTime, GoTime, GoTime]): string {
  return formatDuration(durationBetween(start, end));
}

import { isEvaluationError } from "../../model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../model/limits.ts";
import { charge, chargeElements, spend } from "../../model/step-limit.ts";
import { type Pattern, PatternStore, searchSteps } from "../../values/regex/compile-pattern.ts";
import { type CelFunction, define, defineMethod, listOf, types } from "../functions/define.ts";
import type { Frame } from "../functions/frame.ts";
import type { CelResult } from "../values/value.ts";

const { bool, int, string } = types;
const strings = listOf(string);

/** Patterns are mostly constants of policies, compiled when they are first used. */
const patterns = new PatternStore();

/** Runs with the compiled pattern once a search through the text has been paid for. */
function searching(
  frame: Frame,
  text: string,
  source: string,
  run: (pattern: Pattern) => CelResult,
): CelResult {
  const pattern = patterns.computed(source, frame.budget);
  if (isEvaluationError(pattern)) return pattern;
  const unpaid =
    spend(frame.budget, searchSteps(pattern, text.length)) ?? charge(frame.budget, text.length);
  return unpaid ?? run(pattern);
}

function matches(frame: Frame, text: string, source: string): CelResult {
  return searching(frame, text, source, ({ engine }) => engine.test(text));
}

/** The matches in order, at most so many; after an empty one the search goes on a character further. */
function findAll(frame: Frame, text: string, source: string, limit: bigint): CelResult {
  return searching(frame, text, source, (pattern) => {
    const found: string[] = [];
    const matcher = pattern.engine.matcher(text);
    const most = limit < 0n ? Number.POSITIVE_INFINITY : Number(limit);
    while (found.length < most && matcher.find()) {
      // Each search begins where the last one ended, and may go through all of the rest.
      const rest = text.length - matcher.start();
      const unpaid =
        spend(frame.budget, searchSteps(pattern, rest)) ?? chargeElements(frame.budget, 1);
      if (unpaid !== undefined) return unpaid;
      found.push(matcher.group() ?? "");
    }
    return found;
  });
}

/** The original compiles a written pattern of these together with the policy. */
function refusing(build: CelFunction): CelFunction {
  return {
    ...build,
    refuse: ([, source]) => {
      if (source === undefined) return undefined;
      const pattern = patterns.constant(source, defaultEvaluationLimits);
      return isEvaluationError(pattern) ? pattern.message : undefined;
    },
  };
}

/** The functions of regular expressions (RE2), which match anywhere in a text. */
export const regexFunctions: readonly CelFunction[] = [
  define("matches", [string, string], bool, matches),
  defineMethod("matches", [string, string], bool, matches),
  refusing(
    defineMethod("find", [string, string], string, (frame, text, source) => {
      const first = findAll(frame, text, source, 1n);
      return Array.isArray(first) ? (first[0] ?? "") : first;
    }),
  ),
  refusing(
    defineMethod("findAll", [string, string], strings, (frame, text, source) =>
      findAll(frame, text, source, -1n),
    ),
  ),
  refusing(defineMethod("findAll", [string, string, int], strings, findAll)),
];

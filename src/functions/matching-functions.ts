import type { FunctionRow, Parameter } from "../jmespath/function-table.ts";
import type { Budget } from "../jmespath/scope.ts";
import { spend } from "../jmespath/step-limit.ts";
import type { Result, Value } from "../jmespath/value.ts";
import { EvaluationError } from "../model/evaluation-error.ts";
import { replaceInvalidBytes } from "./byte-text.ts";
import { type Pattern, PatternCache, searchSteps } from "./compile-pattern.ts";
import { functionError, panicError } from "./function-error.ts";
import { matchWildcard } from "./match-wildcard.ts";
import { RecentCache } from "./recent-cache.ts";
import { parseReplacement, type Replacement, replaceMatches } from "./replace-matches.ts";
import { parseSemanticVersion, zeroVersion } from "./semantic-version.ts";
import { spendPass } from "./step-cost.ts";
import { stringArgument } from "./typed-argument.ts";
import { scalarText } from "./value-text.ts";
import { isInRange, parseVersionRange, type VersionRange } from "./version-range.ts";

const string: Parameter = { types: ["string"] };
const stringOrNumber: Parameter = { types: ["string", "number"] };

/**
 * The functions that match text: `wildcard pattern_match regex_match regex_replace_all
 * regex_replace_all_literal semver_compare`. Regular expressions are compiled once and kept with the table.
 */
export function createMatchingFunctions(): readonly FunctionRow[] {
  const patterns = new PatternCache();
  const ranges = new RecentCache<VersionRange>();
  return [
    {
      name: "wildcard",
      parameters: [string, string],
      body: ([pattern, text], budget) =>
        matchWildcard(stringArgument(pattern), stringArgument(text), budget),
    },
    {
      name: "pattern_match",
      parameters: [string, stringOrNumber],
      body: ([pattern, text], budget) =>
        matchWildcard(stringArgument(pattern), textArgument(text), budget),
    },
    {
      name: "regex_match",
      parameters: [string, stringOrNumber],
      body: ([pattern, text], budget) => {
        const compiled = patterns.compiled(stringArgument(pattern), budget);
        if (compiled instanceof EvaluationError) return compiled;
        return matchRegex(compiled, textArgument(text), budget);
      },
    },
    replacingRow("regex_replace_all", patterns, parseReplacement),
    replacingRow("regex_replace_all_literal", patterns, (template) => [template]),
    {
      name: "semver_compare",
      parameters: [string, string],
      body: ([version, range], budget) =>
        compareVersion(stringArgument(version), stringArgument(range), ranges, budget),
    },
  ];
}

function replacingRow(
  name: string,
  patterns: PatternCache,
  parse: (template: string, pattern: Pattern) => Replacement,
): FunctionRow {
  return {
    name,
    parameters: [string, stringOrNumber, stringOrNumber],
    body: ([pattern, text, template], budget) => {
      const compiled = patterns.compiled(stringArgument(pattern), budget);
      if (compiled instanceof EvaluationError) {
        const isFault = compiled.code === "EVALUATION_VALUE";
        return isFault ? functionError(name, compiled.message) : compiled;
      }
      const replacement = parse(textArgument(template), compiled);
      return replaceMatches(compiled, textArgument(text), replacement, budget);
    },
  };
}

function matchRegex(pattern: Pattern, text: string, budget: Budget): Result {
  return (
    spend(budget, searchSteps(pattern, text.length)) ??
    pattern.engine.test(replaceInvalidBytes(text))
  );
}

function compareVersion(
  version: string,
  range: string,
  ranges: RecentCache<VersionRange>,
  budget: Budget,
): Result {
  const passed = spendPass(budget, version.length + range.length);
  if (passed !== undefined) return passed;
  const known = ranges.get(range);
  const parsedRange = known ?? parseVersionRange(range);
  if (parsedRange instanceof EvaluationError) return parsedRange;
  const isWorthKeeping = known === undefined && range.length <= budget.limits.maxPatternLength;
  if (isWorthKeeping) ranges.set(range, parsedRange);
  const parsedVersion = parseSemanticVersion(version);
  const isMet = isInRange(
    parsedVersion instanceof EvaluationError ? zeroVersion : parsedVersion,
    parsedRange,
  );
  return isMet ?? panicError("runtime error: invalid memory address or nil pointer dereference");
}

function textArgument(value: Value | undefined): string {
  const text = scalarText(value ?? null);
  if (text === undefined) throw new TypeError("the argument is neither a string nor a number");
  return text;
}

import type { Result } from "../../go-values/value.ts";
import type { FunctionRow, Parameter } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { RecentCache } from "../../values/recent-cache.ts";
import { spendPass } from "../../values/step-cost.ts";
import { parseSemanticVersion, zeroVersion } from "../../values/version/semantic-version.ts";
import {
  isInRange,
  parseVersionRange,
  type VersionRange,
} from "../../values/version/version-range.ts";
import { panicError } from "./function-error.ts";
import { stringArgument } from "./typed-argument.ts";

const string: Parameter = { types: ["string"] };

/** Bytes that a character of a version costs, and of a range: to parse it, and to compare with it. */
const BYTES_PER_VERSION_CHARACTER = 512;
const BYTES_PER_PARSED_CHARACTER = 1_024;
const BYTES_PER_COMPARED_CHARACTER = 64;

/**
 * Returns the function `semver_compare`. A range that stands in a policy is parsed when that loads; those that a request brings
 * forth are kept among themselves, as long as they are in use.
 */
export function createVersionFunctions(): readonly FunctionRow[] {
  const ranges = new RecentCache<VersionRange>();
  const constants = new Map<string, VersionRange | EvaluationError>();
  const parseConstant = (range: string): VersionRange | EvaluationError => {
    const parsed = constants.get(range) ?? parseVersionRange(range);
    constants.set(range, parsed);
    return parsed;
  };
  return [
    {
      name: "semver_compare",
      parameters: [string, string],
      body: ([version, range], budget) => {
        const text = stringArgument(range);
        return compareVersion(
          stringArgument(version),
          text,
          budget,
          () => constants.get(text) ?? parseOrRecall(text, ranges, budget),
        );
      },
      expect: (range, { maxPatternLength }) => {
        if (range.length <= maxPatternLength) parseConstant(range);
      },
      prepare: ([, range]) => {
        if (typeof range !== "string") return undefined;
        const parsed = parseConstant(range);
        return {
          body: ([version], budget) =>
            compareVersion(stringArgument(version), range, budget, () => parsed),
          isFaulty: parsed instanceof EvaluationError,
        };
      },
    },
  ];
}

function parseOrRecall(
  text: string,
  ranges: RecentCache<VersionRange>,
  budget: Budget,
): VersionRange | EvaluationError {
  const known = ranges.get(text);
  if (known !== undefined) return known;
  const refusal = charge(budget, text.length * BYTES_PER_PARSED_CHARACTER);
  if (refusal !== undefined) return refusal;
  const parsed = parseVersionRange(text);
  const isWorthKeeping = text.length <= budget.limits.maxPatternLength;
  if (isWorthKeeping && !(parsed instanceof EvaluationError)) ranges.set(text, parsed);
  return parsed;
}

function compareVersion(
  version: string,
  range: string,
  budget: Budget,
  parse: () => VersionRange | EvaluationError,
): Result {
  const refusal =
    spendPass(budget, version.length + range.length) ??
    charge(
      budget,
      version.length * BYTES_PER_VERSION_CHARACTER + range.length * BYTES_PER_COMPARED_CHARACTER,
    );
  if (refusal !== undefined) return refusal;
  const parsedRange = parse();
  if (parsedRange instanceof EvaluationError) return parsedRange;
  const parsedVersion = parseSemanticVersion(version);
  const isMet = isInRange(
    parsedVersion instanceof EvaluationError ? zeroVersion : parsedVersion,
    parsedRange,
  );
  return isMet ?? panicError("runtime error: invalid memory address or nil pointer dereference");
}

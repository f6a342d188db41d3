import type { Result, Value } from "../../go-values/value.ts";
import type {
  FunctionBody,
  FunctionRow,
  Parameter,
} from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, spend } from "../../model/step-limit.ts";
import { replaceInvalidBytes } from "../../values/byte-text.ts";
import {
  BYTES_PER_SEARCHED,
  type Pattern,
  PatternStore,
  searchSteps,
} from "../../values/regex/compile-pattern.ts";
import {
  parseReplacement,
  type Replacement,
  replaceMatches,
} from "../../values/regex/replace-matches.ts";
import { functionError } from "./function-error.ts";
import { compileWildcard, type Wildcard } from "./match-wildcard.ts";
import { chargedScalarText } from "./scalar-text.ts";
import { stringArgument } from "./typed-argument.ts";
import { createVersionFunctions } from "./version-functions.ts";

const string: Parameter = { types: ["string"] };
const stringOrNumber: Parameter = { types: ["string", "number"] };

/**
 * Returns the functions that match text: `wildcard pattern_match regex_match regex_replace_all
 * regex_replace_all_literal semver_compare`. What stands in a policy is compiled when that loads, and kept with the
 * table.
 */
export function createMatchingFunctions(): readonly FunctionRow[] {
  const patterns = new PatternStore();
  return [
    wildcardRow("wildcard", string),
    wildcardRow("pattern_match", stringOrNumber),
    {
      name: "regex_match",
      bytesPerCharacter: BYTES_PER_SEARCHED,
      parameters: [string, stringOrNumber],
      body: ([pattern, text], budget) =>
        matchRegex(patterns.computed(stringArgument(pattern), budget), text, budget),
      expect: (pattern, limits) => patterns.expect(pattern, limits),
      prepare: ([pattern], limits) => {
        if (typeof pattern !== "string") return undefined;
        const compiled = patterns.constant(pattern, limits);
        const body: FunctionBody = ([, text], budget) => matchRegex(compiled, text, budget);
        return { body, isFaulty: compiled instanceof EvaluationError };
      },
    },
    replacingRow("regex_replace_all", patterns, parseReplacement),
    replacingRow("regex_replace_all_literal", patterns, (template) => [template]),
    ...createVersionFunctions(),
  ];
}

/** Bytes that a character of a wildcard pattern costs to make it ready. */
const BYTES_PER_COMPILED = 32;

function wildcardRow(name: string, subject: Parameter): FunctionRow {
  return {
    name,
    parameters: [string, subject],
    body: ([pattern, text], budget) => {
      const given = stringArgument(pattern);
      return (
        charge(budget, given.length * BYTES_PER_COMPILED) ??
        matchText(compileWildcard(given), text, budget)
      );
    },
    prepare: ([pattern]) => {
      if (typeof pattern !== "string") return undefined;
      const wildcard = compileWildcard(pattern);
      return { body: ([, text], budget) => matchText(wildcard, text, budget) };
    },
  };
}

function matchText(wildcard: Wildcard, text: Value | undefined, budget: Budget): Result {
  const given = textArgument(text, budget);
  return typeof given === "string" ? wildcard(given, budget) : given;
}

function replacingRow(
  name: string,
  patterns: PatternStore,
  parse: (template: string, pattern: Pattern) => Replacement,
): FunctionRow {
  const wordFault = (error: EvaluationError): EvaluationError =>
    error.code === "EVALUATION_VALUE" ? functionError(name, error.message) : error;
  const replace = (
    compiled: Pattern | EvaluationError,
    [, text, template]: readonly Value[],
    budget: Budget,
    known?: Replacement,
  ): Result => {
    if (compiled instanceof EvaluationError) return wordFault(compiled);
    const given = textArgument(text, budget);
    const written = textArgument(template, budget);
    if (typeof given !== "string") return given;
    if (typeof written !== "string") return written;
    return replaceMatches(compiled, given, known ?? parse(written, compiled), budget);
  };
  return {
    name,
    bytesPerCharacter: BYTES_PER_SEARCHED,
    parameters: [string, stringOrNumber, stringOrNumber],
    body: (args, budget) =>
      replace(patterns.computed(stringArgument(args[0]), budget), args, budget),
    expect: (pattern, limits) => patterns.expect(pattern, limits),
    prepare: ([pattern, , template], limits) => {
      if (typeof pattern !== "string") return undefined;
      const compiled = patterns.constant(pattern, limits);
      if (compiled instanceof EvaluationError) {
        const error = wordFault(compiled);
        return { body: () => error, isFaulty: true };
      }
      const known = typeof template === "string" ? parse(template, compiled) : undefined;
      return { body: (args, budget) => replace(compiled, args, budget, known) };
    },
  };
}

function matchRegex(
  pattern: Pattern | EvaluationError,
  text: Value | undefined,
  budget: Budget,
): Result {
  if (pattern instanceof EvaluationError) return pattern;
  const given = textArgument(text, budget);
  if (typeof given !== "string") return given;
  return (
    spend(budget, searchSteps(pattern, given.length)) ??
    pattern.engine.test(replaceInvalidBytes(given))
  );
}

/** The text of an argument whose type has been checked. */
function textArgument(value: Value | undefined, budget: Budget): string | EvaluationError {
  const text = chargedScalarText(value ?? null, budget);
  if (text === undefined) throw new TypeError("the argument is neither a string nor a number");
  return text;
}

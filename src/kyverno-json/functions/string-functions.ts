import { compareByCodePoint, hasInvalidBytes, toCodePoints } from "../../go-values/go-string.ts";
import { caseSteps, toGoLower, toGoUpper } from "../../go-values/letter-case.ts";
import { BYTES_PER_ENCODED, chargedNormal } from "../../go-values/text-cost.ts";
import { GoInt, type Result } from "../../go-values/value.ts";
import type { FunctionRow, Parameter } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { charge, refuseLength, spend } from "../../model/step-limit.ts";
import { replaceInvalidBytes } from "../../values/byte-text.ts";
import { cleanPath } from "../../values/clean-path.ts";
import { passSteps, spendPass } from "../../values/step-cost.ts";
import { chargedSplit, trimPrefix, trimText } from "../../values/trim-text.ts";
import { equalFold } from "./fold-case.ts";
import { functionError, panicError } from "./function-error.ts";
import { replaceText } from "./replace-text.ts";
import { numberArgument, stringArgument } from "./typed-argument.ts";

const string: Parameter = { types: ["string"] };
const number: Parameter = { types: ["number"] };

/** Bytes that a step of mapping costs: the text is put together character by character. */
const BYTES_PER_MAPPED = 32;
/** Bytes that a step of folding costs: it goes by way of both cases. */
const BYTES_PER_FOLDED = 256;

/** Go converts a number beyond this to the smallest int64. */
const INT64_END = 2 ** 63;

/** The string functions of Kyverno, and `concat`. Those that share a name with a built-in replace it. */
export const stringFunctions: readonly FunctionRow[] = [
  {
    name: "concat",
    parameters: [string, string],
    body: ([left, right], budget) => concat(stringArgument(left), stringArgument(right), budget),
  },
  textRow("compare", 2, ([left = "", right = ""]) => {
    return new GoInt(Math.sign(compareByCodePoint(left, right)));
  }),
  textRow(
    "equal_fold",
    2,
    ([left = "", right = ""], budget) => {
      const length = caseSteps(left) + caseSteps(right);
      return charge(budget, length * BYTES_PER_FOLDED) ?? equalFold(left, right);
    },
    caseSteps,
  ),
  {
    name: "replace",
    parameters: [string, string, string, number],
    body: ([text, from, to, limit], budget) =>
      replaceText(
        stringArgument(text),
        stringArgument(from),
        stringArgument(to),
        toInt(numberArgument(limit)),
        budget,
      ),
  },
  {
    name: "replace_all",
    parameters: [string, string, string],
    body: ([text, from, to], budget) =>
      replaceText(stringArgument(text), stringArgument(from), stringArgument(to), -1, budget),
  },
  caseRow("to_upper", toGoUpper),
  caseRow("to_lower", toGoLower),
  textRow("trim", 2, ([text = "", cutset = ""]) => trimText(text, cutset), characterSteps),
  textRow("trim_prefix", 2, ([text = "", prefix = ""], budget) => {
    const refusal = hasInvalidBytes(prefix)
      ? charge(budget, (text.length + prefix.length) * 2 * BYTES_PER_ENCODED)
      : undefined;
    return refusal ?? trimPrefix(text, prefix);
  }),
  {
    name: "split",
    parameters: [string, string],
    body: ([text, separator], budget) =>
      chargedSplit(stringArgument(text), stringArgument(separator), budget),
  },
  {
    name: "truncate",
    parameters: [string, number],
    body: ([text, length], budget) => {
      const given = stringArgument(text);
      return spend(budget, characterSteps(given)) ?? truncate(given, numberArgument(length));
    },
  },
  textRow("to_boolean", 1, ([text = ""]) => toBoolean(text), caseSteps),
  { ...textRow("path_canonicalize", 1, ([path = ""]) => cleanPath(path)), bytesPerCharacter: 32 },
];

/**
 * A row of string parameters only, with a body that builds nothing longer; `stepsFor` says what each of them takes: one
 * plain pass unless given.
 */
function textRow(
  name: string,
  count: number,
  compute: (texts: readonly string[], budget: Budget) => Result,
  stepsFor: (text: string) => number = (text) => passSteps(text.length),
): FunctionRow {
  return {
    name,
    parameters: Array.from({ length: count }, () => string),
    body: (args, budget) => {
      const texts = args.map(stringArgument);
      const steps = texts.reduce((sum, text) => sum + stepsFor(text), 0);
      return spend(budget, steps) ?? compute(texts, budget);
    },
  };
}

function caseRow(name: string, map: (text: string) => string): FunctionRow {
  const compute = ([text = ""]: readonly string[], budget: Budget): Result =>
    charge(budget, caseSteps(text) * BYTES_PER_MAPPED) ?? map(text);
  return textRow(name, 1, compute, caseSteps);
}

/** What it takes to part a text into characters. */
function characterSteps(text: string): number {
  return text.length >> 1;
}

function concat(left: string, right: string, budget: Budget): Result {
  const length = left.length + right.length;
  return (
    refuseLength(budget, length) ??
    spendPass(budget, length) ??
    charge(budget, length * 2) ??
    chargedNormal(left + right, budget)
  );
}

function truncate(text: string, length: number): Result {
  const count = toInt(Math.max(length, 0));
  if (count < 0) return panicError(`runtime error: slice bounds out of range [:${-(2n ** 63n)}]`);
  const characters = toCodePoints(text);
  if (count >= characters.length) return text;
  return replaceInvalidBytes(characters.slice(0, count).join(""));
}

function toBoolean(text: string): Result {
  const lower = toGoLower(text);
  if (lower === "true" || lower === "false") return lower === "true";
  return functionError(
    "to_boolean",
    `lowercase argument must be 'true' or 'false' (provided: '${text}')`,
  );
}

/** The number as a Go int on amd64: toward zero; NaN and what int64 does not hold become its least value. */
function toInt(value: number): number {
  const isHeld = value < INT64_END && value >= -INT64_END;
  return isHeld ? Math.trunc(value) : -INT64_END;
}

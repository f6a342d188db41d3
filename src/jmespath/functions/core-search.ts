import { includesText } from "../../go-values/find-text.ts";
import { hasInvalidBytes, isAscii, toByteString } from "../../go-values/go-string.ts";
import { deepEqual } from "../../go-values/semantics.ts";
import { BYTES_PER_ENCODED, backwardSearchBytes, searchBytes } from "../../go-values/text-cost.ts";
import type { Result, Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, chargeElements, limitError, spend } from "../../model/step-limit.ts";
import { plainArrayAt, stringAt } from "./argument.ts";
import type { FunctionRow, Parameter } from "./function-table.ts";

const stringParameter: Parameter = { types: ["string"] };
const optionalNumber: Parameter = { types: ["number"], optional: true };

/** `contains`, `ends_with`, `find_first`, `find_last`, `starts_with`. */
export const searchFunctions: readonly FunctionRow[] = [
  {
    name: "contains",
    parameters: [{ types: ["array", "string"] }, { types: ["any"] }],
    body: contains,
  },
  affixFunction("ends_with", (text, affix) => text.endsWith(affix)),
  findFunction("find_first", searchBytes, (text, wanted) => text.indexOf(wanted)),
  findFunction("find_last", backwardSearchBytes, (text, wanted) => text.lastIndexOf(wanted)),
  affixFunction("starts_with", (text, affix) => text.startsWith(affix)),
];

function contains(args: readonly Value[], budget: Budget): Result {
  const [subject, wanted = null] = args;
  if (typeof subject === "string") {
    if (typeof wanted !== "string") return false;
    return (
      spend(budget, subject.length >> 6) ??
      chargeSearch(budget, subject, wanted) ??
      matchBytes(subject, wanted, includesText)
    );
  }
  const elements = plainArrayAt(args, 0);
  if (elements instanceof EvaluationError) return elements;
  const refusal = spend(budget, elements.length) ?? chargeElements(budget, elements.length);
  if (refusal !== undefined) return refusal;
  for (const element of elements) {
    const isEqual = deepEqual(element, wanted, budget);
    if (isEqual) return true;
    if (budget.stepsLeft < 0) return limitError(budget);
  }
  return false;
}

function affixFunction(
  name: string,
  matches: (text: string, affix: string) => boolean,
): FunctionRow {
  return {
    name,
    parameters: [stringParameter, stringParameter],
    body: (args, budget) => {
      const text = stringAt(args, 0);
      const affix = stringAt(args, 1);
      if (!hasInvalidBytes(affix)) return matches(text, affix);
      return chargeBytes(budget, text, affix) ?? matchBytes(text, affix, matches);
    },
  };
}

/** Charges for making bytes of both, as a search for invalid bytes does. */
function chargeBytes(budget: Budget, text: string, wanted: string): EvaluationError | undefined {
  if (!hasInvalidBytes(wanted)) return undefined;
  return charge(budget, (text.length + wanted.length) * BYTES_PER_ENCODED);
}

/** Bytes that a character costs that is searched, and one that is looked for: in a long text each is asked twice. */
const BYTES_PER_SEARCHED = 8;

/** Charges for looking for the text in another, however often it nearly fits. */
function chargeSearch(budget: Budget, text: string, wanted: string): EvaluationError | undefined {
  const length = text.length + wanted.length;
  return chargeBytes(budget, text, wanted) ?? charge(budget, length * BYTES_PER_SEARCHED);
}

/** Valid text is found in a string wherever its bytes are; invalid bytes may also match within a character. */
function matchBytes(
  text: string,
  wanted: string,
  matches: (text: string, wanted: string) => boolean,
): boolean {
  return hasInvalidBytes(wanted)
    ? matches(toByteString(text), toByteString(wanted))
    : matches(text, wanted);
}

/** Offsets count bytes, from the beginning of the whole subject. */
function findFunction(
  name: string,
  bytesOf: (length: number, wantedLength: number) => number,
  find: (text: string, wanted: string) => number,
): FunctionRow {
  return {
    name,
    bytesPerCharacter: BYTES_PER_ENCODED,
    parameters: [stringParameter, stringParameter, optionalNumber, optionalNumber],
    body: (args, budget) => {
      const refusal =
        spend(budget, byteSteps(stringAt(args, 0))) ?? spend(budget, byteSteps(stringAt(args, 1)));
      if (refusal !== undefined) return refusal;
      const subject = toByteString(stringAt(args, 0));
      const wanted = toByteString(stringAt(args, 1));
      if (subject === "" || wanted === "") return null;
      const start = offsetAt(args, 2, 0);
      if (start === undefined) return notAnInteger(name, "start");
      const end = offsetAt(args, 3, subject.length);
      if (end === undefined) return notAnInteger(name, "end");
      const from = Math.max(start, 0);
      const to = Math.min(end, subject.length);
      if (to < 0) return outOfRange(`:${to}`);
      if (from > to) return outOfRange(`${from}:${to}`);
      const costly = charge(budget, bytesOf(to - from, wanted.length));
      if (costly !== undefined) return costly;
      const found = find(subject.slice(from, to), wanted);
      return found < 0 ? null : from + found;
    },
  };
}

/** What is not ASCII is taken apart byte by byte. */
function byteSteps(text: string): number {
  return isAscii(text) ? text.length >> 6 : text.length;
}

function offsetAt(args: readonly Value[], index: number, missing: number): number | undefined {
  const value = args[index] ?? missing;
  return Number.isInteger(value) ? Number(value) : undefined;
}

function notAnInteger(name: string, parameter: string): EvaluationError {
  return new EvaluationError(
    "EVALUATION_VALUE",
    `invalid value, the function '${name}' expects its '${parameter}' argument to be an integer.`,
  );
}

function outOfRange(range: string): EvaluationError {
  return new EvaluationError(
    "EVALUATION_PANIC",
    `runtime error: slice bounds out of range [${range}]`,
  );
}

import { byteLength, toCodePoints, toRunes } from "../../go-values/go-string.ts";
import { caseSteps, toGoLower, toGoUpper } from "../../go-values/letter-case.ts";
import { chargedNormal } from "../../go-values/text-cost.ts";
import type { Result, Value } from "../../go-values/value.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, chargeElements, refuseLength, spend } from "../../model/step-limit.ts";
import { numberAt, plainArrayAt, stringAt, stringsAt } from "./argument.ts";
import type { FunctionRow, Parameter } from "./function-table.ts";

const stringParameter: Parameter = { types: ["string"] };
const optionalString: Parameter = { types: ["string"], optional: true };

/** White space by Unicode, as Go's `unicode.IsSpace` has it; `\s` of JavaScript differs. */
const whiteSpace: ReadonlySet<string> = new Set(
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
);

/** `join`, `lower`, `pad_left`, `pad_right`, `reverse`, `trim_left`, `trim_right`, `upper`. */
export const stringFunctions: readonly FunctionRow[] = [
  { name: "join", parameters: [stringParameter, { types: ["array[string]"] }], body: join },
  caseFunction("lower", toGoLower),
  padFunction("pad_left", (text, padding) => padding + text),
  padFunction("pad_right", (text, padding) => text + padding),
  { name: "reverse", parameters: [{ types: ["array", "string"] }], body: reverse },
  trimFunction("trim_left", trimStart),
  trimFunction("trim_right", (characters, isTrimmed) =>
    trimStart(characters.toReversed(), isTrimmed).toReversed(),
  ),
  caseFunction("upper", toGoUpper),
];

function join(args: readonly Value[], budget: Budget): Result {
  const strings = stringsAt(args, 1);
  const glue = stringAt(args, 0);
  let length = glue.length * Math.max(strings.length - 1, 0);
  for (const string of strings) length += string.length;
  return (
    spend(budget, strings.length + (length >> 4)) ??
    refuseLength(budget, length) ??
    charge(budget, length * 4 + strings.length * 16) ??
    chargedNormal(strings.join(glue), budget)
  );
}

function reverse(args: readonly Value[], budget: Budget): Result {
  if (typeof args[0] === "string") {
    const text = args[0];
    return spend(budget, text.length >> 1) ?? toRunes(text).toReversed().join("");
  }
  const elements = plainArrayAt(args, 0);
  if (elements instanceof EvaluationError) return elements;
  return (
    spend(budget, elements.length) ??
    chargeElements(budget, elements.length) ??
    elements.toReversed()
  );
}

/** Bytes that a step of mapping costs: the text is put together character by character. */
const BYTES_PER_MAPPED = 32;

function caseFunction(name: string, map: (text: string) => string): FunctionRow {
  return {
    name,
    parameters: [stringParameter],
    body: (args, budget) => {
      const text = stringAt(args, 0);
      const steps = caseSteps(text);
      return spend(budget, steps) ?? charge(budget, steps * BYTES_PER_MAPPED) ?? map(text);
    },
  };
}

/** The width counts bytes, and the padding is one byte at most. */
function padFunction(name: string, place: (text: string, padding: string) => string): FunctionRow {
  const invalidWidth = new EvaluationError(
    "EVALUATION_VALUE",
    `invalid value, the function '${name}' expects its 'width' argument to be a an integer value greater than or equal to zero.`,
  );
  const invalidPad = new EvaluationError(
    "EVALUATION_VALUE",
    `invalid value, the function '${name}' expects its 'pad' argument to be a string of length 1`,
  );
  return {
    name,
    bytesPerCharacter: 4,
    parameters: [stringParameter, { types: ["number"] }, optionalString],
    body: (args, budget) => {
      const text = stringAt(args, 0);
      const width = numberAt(args, 1);
      const pad = args.length > 2 ? stringAt(args, 2) : " ";
      if (!Number.isInteger(width) || width < 0) return invalidWidth;
      if (byteLength(pad) > 1) return invalidPad;
      const missing = Math.max(width - byteLength(text), 0);
      const refusal =
        refuseLength(budget, missing) ??
        spend(budget, text.length >> 3) ??
        charge(budget, missing + text.length);
      return refusal ?? chargedNormal(place(text, pad.repeat(missing)), budget);
    },
  };
}

/** Without a cut-set, or with an empty one, white space goes. */
function trimFunction(
  name: string,
  trim: (characters: readonly string[], isTrimmed: (character: string) => boolean) => string[],
): FunctionRow {
  return {
    name,
    parameters: [stringParameter, optionalString],
    body: (args, budget) => {
      const text = stringAt(args, 0);
      const set = stringAt(args, 1);
      const trimmed = set === "" ? whiteSpace : new Set(toCodePoints(set));
      const cost = (text.length + set.length) >> 1;
      return (
        spend(budget, cost) ??
        trim(toCodePoints(text), (character) => trimmed.has(character)).join("")
      );
    },
  };
}

function trimStart(
  characters: readonly string[],
  isTrimmed: (character: string) => boolean,
): string[] {
  const start = characters.findIndex((character) => !isTrimmed(character));
  return start < 0 ? [] : characters.slice(start);
}

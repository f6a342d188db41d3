import type { FunctionRow } from "../jmespath/function-table.ts";
import { parseJsonText } from "../jmespath/json-text.ts";
import type { Budget } from "../jmespath/scope.ts";
import { spend } from "../jmespath/step-limit.ts";
import { bytesToGoString, goStringToBytes, hasInvalidBytes } from "../jmespath/text.ts";
import type { Result } from "../jmespath/value.ts";
import { EvaluationError } from "../model/evaluation-error.ts";
import { parseYamlValue } from "../yaml/parse-yaml-value.ts";
import { decodeBase64 } from "./decode-base64.ts";
import { refuseLength } from "./step-cost.ts";
import { stringArgument } from "./typed-argument.ts";

/** How many characters of a document are read for one step. */
const CHARACTERS_PER_STEP = 8;

/** The conversions: `parse_json json_parse parse_yaml base64_encode base64_decode`. */
export const conversionFunctions: readonly FunctionRow[] = [
  conversion("parse_json", parseJsonText),
  conversion("json_parse", parseJsonText),
  conversion("parse_yaml", parseYaml),
  conversion("base64_encode", encodeText),
  conversion("base64_decode", decodeText),
];

function conversion(name: string, convert: (text: string, budget: Budget) => Result): FunctionRow {
  return {
    name,
    parameters: [{ types: ["string"] }],
    body: ([argument], budget) => {
      const text = stringArgument(argument);
      const steps = Math.ceil(text.length / CHARACTERS_PER_STEP);
      return spend(budget, steps) ?? convert(text, budget);
    },
  };
}

function parseYaml(text: string): Result {
  if (!hasInvalidBytes(text)) return parseYamlValue(text);
  return new EvaluationError("EVALUATION_VALUE", "yaml: invalid leading UTF-8 octet");
}

function encodeText(text: string, budget: Budget): Result {
  const encoded = Buffer.from(goStringToBytes(text)).toString("base64");
  return refuseLength(budget, encoded.length) ?? encoded;
}

function decodeText(text: string): Result {
  const bytes = decodeBase64(text);
  if (typeof bytes !== "number") return bytesToGoString(bytes);
  return new EvaluationError("EVALUATION_VALUE", `illegal base64 data at input byte ${bytes}`);
}

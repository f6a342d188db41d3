import { isUtf8 } from "node:buffer";
import { bytesToGoString, goStringToBytes, hasInvalidBytes } from "../../go-values/go-string.ts";
import { BYTES_PER_ENCODED } from "../../go-values/text-cost.ts";
import type { Result } from "../../go-values/value.ts";
import type { FunctionRow } from "../../jmespath/functions/function-table.ts";
import type { Budget } from "../../model/budget.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import { charge, refuseLength, spend } from "../../model/step-limit.ts";
import { decodeBase64 } from "../../values/decode-base64.ts";
import { parseYamlValue } from "../../yaml/parse-yaml-value.ts";
import { jsonFunctionRows } from "./json-functions.ts";
import { stringArgument } from "./typed-argument.ts";

/** How many steps reading a character of a document takes. */
const STEPS_PER_CHARACTER = 1 / 8;
/** The same for YAML, whose reader is built for places and faults rather than speed. */
const STEPS_PER_YAML_CHARACTER = 4;

/** Bytes that a character of YAML costs: in `[[],[],…` a few characters become an array. */
const BYTES_PER_YAML_CHARACTER = 14;

/** The conversions: `parse_json json_parse json_parse_strict parse_yaml base64_encode base64_decode`. */
export const conversionFunctions: readonly FunctionRow[] = [
  ...jsonFunctionRows,
  {
    ...conversion("parse_yaml", parseYaml, STEPS_PER_YAML_CHARACTER),
    bytesPerCharacter: BYTES_PER_YAML_CHARACTER,
  },
  { ...conversion("base64_encode", encodeText), bytesPerCharacter: 4 },
  { ...conversion("base64_decode", decodeText), bytesPerCharacter: 4 },
];

function conversion(
  name: string,
  convert: (text: string, budget: Budget) => Result,
  stepsPerCharacter: number = STEPS_PER_CHARACTER,
): FunctionRow {
  return {
    name,
    parameters: [{ types: ["string"] }],
    body: ([argument], budget) => {
      const text = stringArgument(argument);
      const steps = Math.ceil(text.length * stepsPerCharacter);
      return spend(budget, steps) ?? convert(text, budget);
    },
  };
}

function parseYaml(text: string): Result {
  if (!hasInvalidBytes(text)) return parseYamlValue(text);
  return new EvaluationError("EVALUATION_VALUE", "yaml: invalid leading UTF-8 octet");
}

function encodeText(text: string, budget: Budget): Result {
  const encoding = hasInvalidBytes(text)
    ? charge(budget, text.length * BYTES_PER_ENCODED)
    : undefined;
  if (encoding !== undefined) return encoding;
  const bytes = goStringToBytes(text);
  const length = Math.ceil(bytes.length / 3) * 4;
  return (
    refuseLength(budget, length) ?? charge(budget, length) ?? Buffer.from(bytes).toString("base64")
  );
}

/** Bytes that are not UTF-8 are taken one by one. */
function decodeText(text: string, budget: Budget): Result {
  const bytes = decodeBase64(text);
  if (typeof bytes !== "number") {
    const bytesPerByte = isUtf8(bytes) ? 2 : BYTES_PER_ENCODED;
    return charge(budget, bytes.length * bytesPerByte) ?? bytesToGoString(bytes);
  }
  return new EvaluationError("EVALUATION_VALUE", `illegal base64 data at input byte ${bytes}`);
}

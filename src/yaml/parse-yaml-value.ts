import { EvaluationError } from "../model/evaluation-error.ts";
import type { JsonValue } from "../model/json.ts";
import { firstFault } from "../model/yaml-fault.ts";
import { parseYaml } from "./parse-yaml.ts";
import { defaultYamlValueLimits, type YamlLimits } from "./yaml-limits.ts";

/**
 * Returns the first document of a text, as the policy function `parse_yaml` gives it: null for an empty text, the last of
 * repeated keys, every number a double. A text that is no YAML is an `EVALUATION_VALUE` error with the original's
 * text; one beyond the limits, or with a feature that is not read, an error of our own.
 */
export function parseYamlValue(
  text: string,
  limits: YamlLimits = defaultYamlValueLimits,
): JsonValue | EvaluationError {
  const { value, faults } = parseYaml(text, { uniqueKeys: false, wholeText: false, limits });
  const fault = firstFault(faults);
  if (fault === undefined) return value;
  const code = fault.stage === "ours" ? "EVALUATION_SIZE_LIMIT" : "EVALUATION_VALUE";
  return new EvaluationError(code, fault.originalText() || `yaml: ${fault.message}`);
}

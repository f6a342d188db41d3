import { JsonFault } from "../../json/json-fault.ts";
import { wholeJson } from "../../json/json-selection.ts";
import { parseJson } from "../../json/parse-json.ts";
import { EvaluationError } from "../../model/evaluation-error.ts";
import type { PolicyOptions } from "../../model/limits.ts";
import { type ClaimsVerifier, createClaimsVerifier } from "../../tokens/claims-verifier.ts";
import type { TokenVerifier } from "../../tokens/token-verifier.ts";

/** Returns the verifier of CEL policies, which remembers tokens in the same cache as that of assertion trees. */
export function createCelTokens(
  { cache }: Pick<TokenVerifier, "cache">,
  { limits }: Pick<PolicyOptions, "limits">,
): ClaimsVerifier {
  const { maxTokenLength, maxDepth } = limits;
  return createClaimsVerifier({
    cache,
    maxTokenLength,
    parseJson: (text) => {
      const value = parseJson(text, maxDepth, wholeJson);
      return value instanceof JsonFault
        ? new EvaluationError("EVALUATION_JWT", "a segment is no JSON")
        : value;
    },
  });
}

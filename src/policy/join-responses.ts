import type { AllowResponse, DenyResponse } from "../model/decision-response.ts";
import { isEvaluationError } from "../model/evaluation-error.ts";
import type { Denial } from "./render-denials.ts";

/**
 * Returns a response with the effects of both, in this order: of one header, query parameter or top-level key of metadata
 * the later one's word counts. A header that the later one sets is not removed for the earlier one.
 */
export function joinAllows(earlier: AllowResponse, later: AllowResponse): AllowResponse {
  const isSetLater = (name: string) => later.requestHeaders.some((header) => header.name === name);
  const isAddedLater = (name: string) => later.queryParameters.some((added) => added.name === name);
  const { dynamicMetadata: first } = earlier;
  const { dynamicMetadata: second } = later;
  const dynamicMetadata = first && second ? { ...first, ...second } : (second ?? first);
  return {
    kind: "allow",
    requestHeaders: [...earlier.requestHeaders, ...later.requestHeaders],
    removedHeaders: [
      ...earlier.removedHeaders.filter((name) => !isSetLater(name)),
      ...later.removedHeaders,
    ],
    responseHeaders: [...earlier.responseHeaders, ...later.responseHeaders],
    queryParameters: [...earlier.queryParameters, ...later.queryParameters],
    removedQueryParameters: [
      ...earlier.removedQueryParameters.filter((name) => !isAddedLater(name)),
      ...later.removedQueryParameters,
    ],
    ...(dynamicMetadata !== undefined && { dynamicMetadata }),
  };
}

/**
 * Returns the answer to the client among these denials: the first one of the language that comes last, for a language
 * whose policies always give an answer comes after one that has its answers in annotations.
 */
export function findDenyResponse(denials: readonly Denial[]): DenyResponse | undefined {
  let found: { readonly language: number; readonly deny: DenyResponse } | undefined;
  for (const { language, verdict } of denials) {
    if (isEvaluationError(verdict) || verdict.deny === undefined) continue;
    if (found === undefined || language > found.language) found = { language, deny: verdict.deny };
  }
  return found?.deny;
}

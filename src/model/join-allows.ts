import type { AllowResponse } from "./decision-response.ts";

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

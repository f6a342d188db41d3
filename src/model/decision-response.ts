import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "./json.ts";

/** The answer to a proxy beside the verdict: only for the verdict that its kind names. Data only: it crosses threads. */
export type DecisionResponse = AllowResponse | DenyResponse;

/** The changes to an allowed request on its way (Envoy's `OkHttpResponse`). */
export interface AllowResponse {
  readonly kind: "allow";
  /** Headers of the request, as the application gets it. */
  readonly requestHeaders: readonly HeaderChange[];
  /** Names of headers that are taken out of the request. */
  readonly removedHeaders: readonly string[];
  /** Headers of the application's response to the client. */
  readonly responseHeaders: readonly HeaderChange[];
  readonly queryParameters: readonly QueryParameter[];
  /** Names of query parameters that are taken out of the request's path. */
  readonly removedQueryParameters: readonly string[];
  readonly dynamicMetadata?: JsonObject;
}

/** Returns whether an allowed request goes on as it is, and nobody is told anything beside that. */
export function isPlainAllow(response: AllowResponse): boolean {
  return (
    response.requestHeaders.length === 0 &&
    response.removedHeaders.length === 0 &&
    response.responseHeaders.length === 0 &&
    response.queryParameters.length === 0 &&
    response.removedQueryParameters.length === 0 &&
    response.dynamicMetadata === undefined
  );
}

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

/** The answer to the client of a denied request (Envoy's `DeniedHttpResponse`). */
export interface DenyResponse {
  readonly kind: "deny";
  /** An HTTP status from 200 to 599; a door may send another where this one would let the request in. */
  readonly status: number;
  readonly headers: readonly HeaderChange[];
  /** In place of the decision's own body; absent: that one. */
  readonly body?: string;
  readonly dynamicMetadata?: JsonObject;
}

/** One header that is set, in place of all of its name, or appended to them. */
export interface HeaderChange {
  readonly name: string;
  readonly value: string;
  readonly action: "set" | "append";
}

/** One query parameter that is set. */
interface QueryParameter {
  readonly name: string;
  readonly value: string;
}

/** Tells whether the value is a response that fits a decision of that verdict. */
export function isResponseTo(allowed: boolean, value: JsonValue | undefined): boolean {
  if (!isJsonObject(value) || !isMetadata(ownValue(value, "dynamicMetadata"))) return false;
  const kind = ownValue(value, "kind");
  return allowed
    ? kind === "allow" && isAllowResponse(value)
    : kind === "deny" && isDenyResponse(value);
}

/** Returns whether HTTP has such a status for an answer, if not a name: 200 to 599. */
export function isFinalStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}

function isAllowResponse(value: JsonObject): boolean {
  return (
    areAll(ownValue(value, "requestHeaders"), isHeaderChange) &&
    areAll(ownValue(value, "removedHeaders"), isText) &&
    areAll(ownValue(value, "responseHeaders"), isHeaderChange) &&
    areAll(ownValue(value, "queryParameters"), isNamedText) &&
    areAll(ownValue(value, "removedQueryParameters"), isText)
  );
}

function isDenyResponse(value: JsonObject): boolean {
  const status = ownValue(value, "status");
  const body = ownValue(value, "body");
  return (
    typeof status === "number" &&
    isFinalStatus(status) &&
    areAll(ownValue(value, "headers"), isHeaderChange) &&
    (body === undefined || typeof body === "string")
  );
}

function isMetadata(value: JsonValue | undefined): boolean {
  return value === undefined || isJsonObject(value);
}

function areAll(
  value: JsonValue | undefined,
  isGood: (item: JsonValue | undefined) => boolean,
): boolean {
  return Array.isArray(value) && value.every(isGood);
}

function isText(value: JsonValue | undefined): boolean {
  return typeof value === "string";
}

function isNamedText(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && isText(ownValue(value, "name")) && isText(ownValue(value, "value"));
}

function isHeaderChange(value: JsonValue | undefined): boolean {
  if (!isJsonObject(value) || !isNamedText(value)) return false;
  const action = ownValue(value, "action");
  return action === "set" || action === "append";
}

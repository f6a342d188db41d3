import type { AllowResponse, HeaderChange } from "../model/decision-response.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";

/**
 * Returns an answer that means the same to every proxy for this request.
 *
 * Envoy appends to a header that is there and leaves out one that is not, whatever it is asked for (seen with 1.40): so one that
 * the request lacks is set. It puts query parameters into the path as they are, and knows those of the path by their
 * spelling: so they are escaped, and whatever else a client may have spelled so that the application reads the same name
 * is taken out.
 */
export function settleAllow(allow: AllowResponse, payload: JsonValue): AllowResponse {
  const { requestHeaders, queryParameters, removedQueryParameters } = allow;
  const hasAppends = requestHeaders.some(({ action }) => action === "append");
  const hasParameters = queryParameters.length + removedQueryParameters.length > 0;
  if (!hasAppends && !hasParameters) return allow;
  const http = httpOf(payload);
  return {
    ...allow,
    ...(hasAppends && { requestHeaders: settleAppends(requestHeaders, http) }),
    ...(hasParameters && settleParameters(allow, http)),
  };
}

function httpOf(payload: JsonValue): JsonObject {
  const request = isJsonObject(payload) ? ownValue(payload, "request") : undefined;
  const http = isJsonObject(request) ? ownValue(request, "http") : undefined;
  return isJsonObject(http) ? http : {};
}

function settleAppends(
  changes: readonly HeaderChange[],
  http: JsonObject,
): readonly HeaderChange[] {
  const sent = ownValue(http, "headers");
  const headers = isJsonObject(sent) ? sent : {};
  const changed = new Set(changes.flatMap(({ name, action }) => (action === "set" ? [name] : [])));
  return changes.map((change) => {
    if (change.action === "set" || changed.has(change.name)) return change;
    changed.add(change.name);
    return Object.hasOwn(headers, change.name) ? change : { ...change, action: "set" };
  });
}

function settleParameters(
  { queryParameters, removedQueryParameters }: AllowResponse,
  http: JsonObject,
): Pick<AllowResponse, "queryParameters" | "removedQueryParameters"> {
  const path = ownValue(http, "path");
  const spellings = typeof path === "string" ? spellingsIn(path) : [];
  const names = new Set([...queryParameters.map(({ name }) => name), ...removedQueryParameters]);
  const kept = new Set(queryParameters.map(({ name }) => escapeText(name)));
  const removed = new Set(removedQueryParameters.map(escapeText));
  for (const spelling of spellings) {
    if (names.has(unescapeText(spelling)) && !kept.has(spelling)) removed.add(spelling);
  }
  return {
    queryParameters: queryParameters.map(({ name, value }) => ({
      name: escapeText(name),
      value: escapeText(value),
    })),
    removedQueryParameters: [...removed],
  };
}

/** The names of the query parameters in a path, as they are spelled there. */
function spellingsIn(path: string): readonly string[] {
  const mark = path.indexOf("?");
  if (mark === -1) return [];
  return path
    .slice(mark + 1)
    .split("&")
    .map((parameter) => parameter.split("=", 1)[0] ?? "");
}

function escapeText(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** A name as an application reads it: what is no escape stands for itself. */
function unescapeText(spelling: string): string {
  return spelling
    .replaceAll("+", " ")
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
      Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
    );
}

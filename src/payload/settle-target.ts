import type { JsonValue } from "../model/json.ts";
import { applyPathPolicy, type PathPolicy } from "../model/request-path.ts";
import { type HeaderTable, setHeader } from "./header-table.ts";
import { normalizeHost } from "./host-name.ts";
import type { NormalizeOptions } from "./normalize-options.ts";
import { RequestError } from "./request-error.ts";

type Json = Record<string, JsonValue>;

/**
 * Brings path and host of `request.http` to the form in which policies see them, in place; returns what is wrong with a
 * request that has none. The header `:authority` stays what the client sent.
 *
 * @param hostScheme the scheme whose default port is cut off the host where the request has no `scheme`
 */
export function settleTarget(
  http: Json,
  headers: HeaderTable,
  options: Pick<NormalizeOptions, "pathPolicy" | "rawHost">,
  hostScheme?: string,
): RequestError | undefined {
  if (!settlePath(http, headers, options.pathPolicy)) {
    return new RequestError("REQUEST_AMBIGUOUS_PATH");
  }
  const { host, scheme } = http;
  if (typeof host === "string" && !options.rawHost) {
    const normal = normalizeHost(host, textOf(scheme ?? hostScheme));
    if (normal === undefined) return new RequestError("REQUEST_MALFORMED", "the host is none");
    http["host"] = normal;
  }
  return undefined;
}

/**
 * Brings the path to the form in which policies see it, in place, and the header `:path` with it; returns whether it has
 * one.
 *
 * @param unread holds path and method where policies do not read them: they decide as well, and are not changed
 */
export function settlePath(
  http: Json,
  headers: HeaderTable,
  policy: PathPolicy,
  unread: Readonly<Json> = http,
): boolean {
  if (policy === "raw") return true;
  const path = http["path"] ?? unread["path"];
  if (typeof path !== "string") return true;
  const settled = applyPathPolicy(path, textOf(http["method"] ?? unread["method"]), policy);
  if (settled === undefined) return false;
  if (Object.hasOwn(http, "path")) http["path"] = settled;
  if (Object.hasOwn(headers, ":path")) setHeader(headers, ":path", settled);
  return true;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

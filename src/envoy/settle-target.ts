import type { JsonValue } from "../model/json.ts";
import { applyPathPolicy } from "../model/request-path.ts";
import { type HeaderTable, setHeader } from "./header-table.ts";
import { normalizeHost } from "./host-name.ts";
import type { NormalizeOptions } from "./normalize-options.ts";
import { RequestError } from "./request-error.ts";

type Json = Record<string, JsonValue>;

/**
 * Brings path and host of `request.http` to the form in which policies see them, in place; returns what is wrong with a
 * request that has none. The header `:path` follows the path; `:authority` stays what the client sent.
 *
 * @param unread those of the fields that policies do not read: they decide as well, and are not changed
 */
export function settleTarget(
  http: Json,
  headers: HeaderTable,
  options: Pick<NormalizeOptions, "pathPolicy" | "rawHost">,
  unread: Readonly<Json> = http,
): RequestError | undefined {
  const path = http["path"] ?? unread["path"];
  if (typeof path === "string" && options.pathPolicy !== "raw") {
    const method = http["method"] ?? unread["method"];
    const settled = applyPathPolicy(path, textOf(method), options.pathPolicy);
    if (settled === undefined) return new RequestError("REQUEST_AMBIGUOUS_PATH");
    if (Object.hasOwn(http, "path")) http["path"] = settled;
    if (Object.hasOwn(headers, ":path")) setHeader(headers, ":path", settled);
  }
  const host = http["host"] ?? unread["host"];
  if (typeof host === "string" && !options.rawHost) {
    const normal = normalizeHost(host, textOf(http["scheme"] ?? unread["scheme"]));
    if (normal === undefined) return new RequestError("REQUEST_MALFORMED", "the host is none");
    if (Object.hasOwn(http, "host")) http["host"] = normal;
  }
  return undefined;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

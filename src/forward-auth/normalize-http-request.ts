import type { CheckInput } from "../model/check-input.ts";
import type { JsonObject, JsonValue } from "../model/json.ts";
import { type PayloadReads, readsEverything, readsHeaderLines } from "../model/payload-reads.ts";
import { type ConnectionView, showHeader, viewConnection } from "../payload/connection-headers.ts";
import { type HeaderTable, setHeader } from "../payload/header-table.ts";
import type { NormalizeOptions } from "../payload/normalize-options.ts";
import { cutPayload } from "../payload/prune-payload.ts";
import { RequestError } from "../payload/request-error.ts";
import { decodeText, encodeBase64, sanitizeText } from "../payload/sanitize-text.ts";
import { settleTarget } from "../payload/settle-target.ts";
import { type IpEndpoint, parseIpEndpoint } from "../payload/socket-address.ts";
import { formatTimestamp } from "../payload/timestamp-text.ts";
import { type HttpFormOptions, type JudgedRequest, readJudgedRequest } from "./http-form.ts";
import type { HttpRequestHead } from "./http-request-head.ts";

/**
 * Returns what policies with these reads judge, from a plain HTTP request, shaped as Envoy's gRPC request would be: pseudo-headers among the
 * headers, repeated headers joined by comma, those about the connection as Envoy shows them. Or why it cannot be judged.
 *
 * @param body the whole body where the form shows one, else undefined
 */
export function normalizeHttpRequest(
  head: HttpRequestHead,
  body: Uint8Array | undefined,
  form: HttpFormOptions,
  options: NormalizeOptions,
  reads: PayloadReads = readsEverything,
): CheckInput | RequestError {
  if (head.rawHeaders.length > 2 * options.maxHeaders) {
    return new RequestError("REQUEST_TOO_MANY_HEADERS");
  }
  if (body !== undefined && body.length > options.maxBodyBytes) {
    return new RequestError("REQUEST_TOO_LARGE");
  }
  const lines = readLines(head.rawHeaders);
  const judged = readJudgedRequest(head, lines, form);
  if (judged === undefined) {
    return new RequestError("REQUEST_MALFORMED", "what is judged is missing, doubled or malformed");
  }
  const view = viewConnection(lines, form.form === "direct");
  if (view === undefined) {
    return new RequestError("REQUEST_MALFORMED", "connection declares a header for the next hop");
  }
  const headers = buildHeaders(judged, lines, view);
  const http = normalizeHttp(judged, headers, body);
  const fault = settleTarget(http, headers, options, judged.hostScheme);
  if (fault !== undefined) return fault;
  const request: Record<string, JsonValue> = { http };
  const time = formatTimestamp(
    BigInt(Math.floor(head.receivedMs / 1_000)),
    Math.floor(head.receivedMs % 1_000) * 1_000_000,
  );
  if (time !== undefined) request["time"] = time;
  const source = normalizeSource(head, lines, form);
  const payload: JsonObject = source === undefined ? { request } : { request, source };
  return {
    payload: cutPayload(payload, reads),
    sizeBytes: measure(head) + (body?.length ?? 0),
    http: readsHeaderLines(reads) ? { headerLines: shownLines(lines, view) } : {},
  };
}

/** Returns the header lines that the payload shows joined, as they came. */
function shownLines(
  lines: ReadonlyMap<string, readonly string[]>,
  view: ConnectionView,
): Readonly<Record<string, readonly string[]>> {
  const shown = [...lines].filter(([name, values]) => showHeader(name, values, view) !== undefined);
  // Makes own members of all names, `__proto__` too.
  return Object.fromEntries(shown);
}

/** The header lines by lower-case name, values as text. */
function readLines(rawHeaders: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const lines = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? "").toLowerCase();
    const value = toText(rawHeaders[index + 1] ?? "");
    const values = lines.get(name);
    if (values === undefined) lines.set(name, [value]);
    else values.push(value);
  }
  return lines;
}

function buildHeaders(
  { method, path, host, scheme }: JudgedRequest,
  lines: ReadonlyMap<string, readonly string[]>,
  view: ConnectionView,
): HeaderTable {
  const headers: HeaderTable = { ":authority": host, ":method": method, ":path": path };
  if (scheme !== undefined) headers[":scheme"] = scheme;
  for (const [name, values] of lines) {
    const value = showHeader(name, values, view);
    if (value !== undefined) setHeader(headers, name, value);
  }
  return headers;
}

function normalizeHttp(
  { method, path, host, scheme, protocol }: JudgedRequest,
  headers: HeaderTable,
  body: Uint8Array | undefined,
): Record<string, JsonValue> {
  const http: Record<string, JsonValue> = { method, headers, path, host };
  if (scheme !== undefined) http["scheme"] = scheme;
  if (protocol !== undefined) http["protocol"] = protocol;
  if (body !== undefined && body.length > 0) {
    http["size"] = String(body.length);
    const text = decodeText(body);
    if (text === undefined) http["rawBody"] = encodeBase64(body);
    else http["body"] = text;
  }
  return http;
}

function normalizeSource(
  head: HttpRequestHead,
  lines: ReadonlyMap<string, readonly string[]>,
  form: HttpFormOptions,
): Record<string, JsonValue> | undefined {
  if (form.clientAddress === "none") return undefined;
  if (form.clientAddress === "peer") {
    const { remoteAddress: address, remotePort: portValue } = head;
    if (address === undefined) return undefined;
    const endpoint = parseIpEndpoint(address) ?? { address };
    return socketAddress(portValue === undefined ? endpoint : { ...endpoint, portValue });
  }
  // The proxy in front adds the peer it saw at the end; what stands before that is the client's word.
  const last = (lines.get("x-forwarded-for") ?? []).join(",").split(",").at(-1)?.trim() ?? "";
  const endpoint = parseIpEndpoint(last);
  return endpoint && socketAddress(endpoint);
}

function socketAddress(endpoint: IpEndpoint): Record<string, JsonValue> {
  return { address: { socketAddress: { ...endpoint } } };
}

/** Text from one character a byte. */
function toText(binary: string): string {
  return /^[\0-\x7f]*$/.test(binary) ? binary : sanitizeText(Buffer.from(binary, "latin1"));
}

function measure(head: HttpRequestHead): number {
  return head.rawHeaders.reduce(
    (size, text) => size + text.length,
    head.method.length + head.target.length,
  );
}

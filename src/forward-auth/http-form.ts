import { sanitizeText } from "../payload/sanitize-text.ts";
import type { HttpRequestHead } from "./http-request-head.ts";

/** The place where the HTTP door finds the request that it is asked about. Chosen by the operator, never guessed from the request. */
export interface HttpFormOptions {
  /**
   * - `direct`: the request itself (Envoy's HTTP service);
   * - `forwarded`: `X-Forwarded-Method`, `-Uri`, `-Host` and, where there is one, `-Proto` (Traefik, Caddy, HAProxy);
   * - `original`: `X-Original-Method`, `-URI`, and `Host` (nginx's auth_request);
   * - `ingress-nginx`: `X-Original-Method`, and the absolute `X-Original-URL`.
   */
  readonly form: "direct" | "forwarded" | "original" | "ingress-nginx";
  /** With form `direct`: what the proxy puts in front of every path; it is required and taken off. Empty for none. */
  readonly pathPrefix: string;
  /**
   * What `source.address` is: the connection's peer, the last entry of `X-Forwarded-For`, or nothing. Behind a proxy
   * the peer is that proxy, whoever asks: not a thing to let requests pass by.
   */
  readonly clientAddress: "peer" | "forwarded-for" | "none";
}

/**
 * The headers by which proxies tell an authorization server which request they ask about. Where they are not what the
 * request is judged by, they show that this server is asked in another way than it was told, or that a client tries to.
 */
export const subrequestHeaders: readonly string[] = [
  "x-forwarded-method",
  "x-forwarded-uri",
  "x-original-method",
  "x-original-uri",
  "x-original-url",
];

/** Returns whether the form is that of a subrequest whose body, if it announces one, the proxy keeps. */
export function keepsBody({ form }: Pick<HttpFormOptions, "form">): boolean {
  return isNginx(form);
}

/**
 * Returns the status of a denial that would be `status`: nginx's auth_request knows 401 and 403, and turns any other into an
 * error of its own.
 */
export function denialStatus({ form }: Pick<HttpFormOptions, "form">, status: number): number {
  return isNginx(form) && status !== 401 ? 403 : status;
}

function isNginx(form: HttpFormOptions["form"]): boolean {
  return form === "original" || form === "ingress-nginx";
}

/** The request that is judged, as a form tells it. */
export interface JudgedRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly scheme: string | undefined;
  /** The scheme whose default port the host may carry, if `scheme` is unknown; policies are not shown it. */
  readonly hostScheme: string | undefined;
  readonly protocol: string | undefined;
}

/** A token (RFC 9110 section 5.6.2). */
const methodPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Origin form; whatever else is not a path must not be judged as one. */
const pathPattern = /^\/[^\0-\x20\x7f]*$/;
/** A name or an IPv6 address in brackets, and a port where there is one: no list, no path, no user information. */
const hostPattern = /^(?:\[[0-9A-Fa-f:.]+\]|[^\0-\x20\x7f,/\\@?#:[\]]+)(?::\d{1,5})?$/;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;

/**
 * Returns the request a form is about, or undefined when it does not say, says it twice, or says it in a shape that two
 * readers could take differently.
 *
 * @param lines header values by lower-case name
 */
export function readJudgedRequest(
  head: HttpRequestHead,
  lines: ReadonlyMap<string, readonly string[]>,
  options: HttpFormOptions,
): JudgedRequest | undefined {
  const judged = checkShape(readClaim(head, lines, options));
  return judged !== undefined && agrees(judged, lines, options.form) ? judged : undefined;
}

function readClaim(
  head: HttpRequestHead,
  lines: ReadonlyMap<string, readonly string[]>,
  { form, pathPrefix }: HttpFormOptions,
): Claimed {
  const value = (name: string): string | undefined => onlyValue(lines, name);
  switch (form) {
    case "direct":
      return {
        method: head.method,
        path: takePrefixOff(head.target, pathPrefix),
        host: value("host"),
        hostScheme: value("x-forwarded-proto"),
        protocol: `HTTP/${head.httpVersion}`,
      };
    case "forwarded":
      return {
        method: value("x-forwarded-method"),
        path: value("x-forwarded-uri"),
        host: value("x-forwarded-host"),
        scheme: lines.has("x-forwarded-proto") ? (value("x-forwarded-proto") ?? "") : undefined,
      };
    case "original":
      return {
        method: value("x-original-method"),
        path: value("x-original-uri"),
        host: value("host"),
      };
    case "ingress-nginx":
      return { method: value("x-original-method"), ...splitUrl(value("x-original-url") ?? "") };
  }
}

/**
 * Returns whether the headers of other forms say the same as what is judged, where there are any: behind a proxy that asks in
 * another form than this server was told, what is judged would be the client's word.
 */
function agrees(
  { method, path, host }: JudgedRequest,
  lines: ReadonlyMap<string, readonly string[]>,
  form: HttpFormOptions["form"],
): boolean {
  if (form === "direct") return subrequestHeaders.every((name) => !lines.has(name));
  const every = (name: string, isSame: (value: string) => boolean): boolean =>
    lines.get(name)?.every(isSame) ?? true;
  const isMethod = (value: string): boolean => value === method;
  const isPath = (value: string): boolean => value === path;
  return (
    every("x-forwarded-method", isMethod) &&
    every("x-original-method", isMethod) &&
    every("x-forwarded-uri", isPath) &&
    every("x-original-uri", isPath) &&
    every("x-original-url", (value) => {
      const url = splitUrl(value);
      return isPath(url.path ?? value) && (url.host === undefined || url.host === host);
    })
  );
}

/** The parts of an absolute URL as they are, or nothing where it is none. */
function splitUrl(url: string): Pick<Claimed, "scheme" | "host" | "path"> {
  const [, scheme, host, path] = /^(https?):\/\/([^/]*)(\/[^]*)$/i.exec(url) ?? [];
  return { scheme, host, path };
}

/** What a form's headers say, before anything is checked. */
interface Claimed {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly host?: string | undefined;
  readonly scheme?: string | undefined;
  readonly hostScheme?: string | undefined;
  readonly protocol?: string | undefined;
}

function checkShape(claimed: Claimed): JudgedRequest | undefined {
  const { method, path, host, scheme, hostScheme, protocol } = claimed;
  if (method === undefined || path === undefined || host === undefined) return undefined;
  // `*` is what OPTIONS asks of a server as a whole.
  const isPath = pathPattern.test(path) || (path === "*" && method === "OPTIONS");
  if (!methodPattern.test(method) || !isPath || !hostPattern.test(host)) return undefined;
  if (scheme !== undefined && !schemePattern.test(scheme)) return undefined;
  return { method, path, host, scheme: scheme?.toLowerCase(), hostScheme, protocol };
}

function takePrefixOff(target: string, prefix: string): string | undefined {
  const trimmed = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  if (!target.startsWith(trimmed)) return undefined;
  return sanitizeText(Buffer.from(target.slice(trimmed.length), "latin1"));
}

function onlyValue(
  lines: ReadonlyMap<string, readonly string[]>,
  name: string,
): string | undefined {
  const values = lines.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

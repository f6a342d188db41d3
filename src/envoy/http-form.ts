import type { HttpRequestHead } from "./http-request-head.ts";
import { sanitizeText } from "./sanitize-text.ts";

/** Where the HTTP door finds the request it is asked about. Chosen by the operator, never guessed from the request. */
export interface HttpFormOptions {
  /**
   * - `direct`: the request itself (Envoy's HTTP service);
   * - `forwarded`: `X-Forwarded-Method`, `-Uri`, `-Host` and, where there is one, `-Proto` (Traefik's ForwardAuth);
   * - `original`: `X-Original-Method`, `-URI`, and `Host` (nginx's auth_request).
   */
  readonly form: "direct" | "forwarded" | "original";
  /** With form `direct`: what the proxy puts in front of every path; it is required and taken off. Empty for none. */
  readonly pathPrefix: string;
  /**
   * What `source.address` is: the connection's peer, the last entry of `X-Forwarded-For`, or nothing. Behind a proxy
   * the peer is that proxy, whoever asks: not a thing to let requests pass by.
   */
  readonly clientAddress: "peer" | "forwarded-for" | "none";
}

/** What a form says about the request that is judged. */
export interface JudgedRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly scheme: string | undefined;
  readonly protocol: string | undefined;
}

/** A token (RFC 9110 section 5.6.2). */
const methodPattern = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Origin form; whatever else is not a path must not be judged as one. */
const pathPattern = /^\/[^\0-\x20\x7f]*$/;
/** No list, no path, no user information. */
const hostPattern = /^[^\0-\x20\x7f,/\\@?#]+$/;
const schemePattern = /^[A-Za-z][A-Za-z0-9+.-]*$/;

/**
 * The request a form is about, or undefined when it does not say, says it twice, or says it in a shape that two
 * readers could take differently.
 *
 * @param lines header values by lower-case name
 */
export function readJudgedRequest(
  head: HttpRequestHead,
  lines: ReadonlyMap<string, readonly string[]>,
  options: HttpFormOptions,
): JudgedRequest | undefined {
  switch (options.form) {
    case "direct":
      return checkShape({
        method: head.method,
        path: takePrefixOff(head.target, options.pathPrefix),
        host: onlyValue(lines, "host"),
        scheme: undefined,
        protocol: `HTTP/${head.httpVersion}`,
      });
    case "forwarded":
      if (lines.has("x-forwarded-proto") && onlyValue(lines, "x-forwarded-proto") === undefined) {
        return undefined;
      }
      return checkShape({
        method: onlyValue(lines, "x-forwarded-method"),
        path: onlyValue(lines, "x-forwarded-uri"),
        host: onlyValue(lines, "x-forwarded-host"),
        scheme: onlyValue(lines, "x-forwarded-proto")?.toLowerCase(),
        protocol: undefined,
      });
    case "original":
      return checkShape({
        method: onlyValue(lines, "x-original-method"),
        path: onlyValue(lines, "x-original-uri"),
        host: onlyValue(lines, "host"),
        scheme: undefined,
        protocol: undefined,
      });
  }
}

interface Claimed {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly host: string | undefined;
  readonly scheme: string | undefined;
  readonly protocol: string | undefined;
}

function checkShape({ method, path, host, scheme, protocol }: Claimed): JudgedRequest | undefined {
  if (method === undefined || path === undefined || host === undefined) {
    return undefined;
  }
  // `*` is what OPTIONS asks of a server as a whole.
  const isPath = pathPattern.test(path) || (path === "*" && method === "OPTIONS");
  if (!methodPattern.test(method) || !isPath || !hostPattern.test(host)) {
    return undefined;
  }
  if (scheme !== undefined && !schemePattern.test(scheme)) {
    return undefined;
  }
  return { method, path, host, scheme, protocol };
}

function takePrefixOff(target: string, prefix: string): string | undefined {
  const trimmed = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  if (!target.startsWith(trimmed)) {
    return undefined;
  }
  return sanitizeText(Buffer.from(target.slice(trimmed.length), "latin1"));
}

function onlyValue(
  lines: ReadonlyMap<string, readonly string[]>,
  name: string,
): string | undefined {
  const values = lines.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

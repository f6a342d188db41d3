/**
 * Treatments of a path that two readers could take differently:
 * - `refuse`: the request is denied before policies see it;
 * - `normalize`: policies see its decoded normal form; without one the request is denied;
 * - `raw`: policies see what the client sent.
 */
export type PathPolicy = (typeof pathPolicies)[number];

/** All of {@link PathPolicy}. */
export const pathPolicies = ["refuse", "normalize", "raw"] as const;

/** Raw characters that some readers decode, drop, stop at or take for a slash; beyond ASCII, ones with a second spelling. */
const oddCharacter = /[^!-[\]-~]/;
const controlCharacter = /\p{Cc}/u;
/** `//`, and `.` or `..` as a segment, also with the path parameters that servlet containers cut off first. */
const oddSegment = /\/(?:\/|\.{1,2}(?:[/;]|$))/;
/** Escapes of unreserved characters (RFC 3986 section 2.3), of both slashes, and of control characters. */
const oddEscape = /%(?:[01]|2[DEF]|3\d|4[1-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF])/i;
/** Escapes that a second decoding would turn into another character. */
const doubleEscape = /%25(?:[\dA-F]{2}|u[\dA-F]{4})/i;
/** A dot segment with path parameters: some readers cut these off before they resolve dots, others after. */
const dotSegmentWithParameters = /(?:^|\/)\.{1,2};/;

/**
 * Returns the path that policies are to see of the target a client sent, or undefined when it is to be refused.
 *
 * @param method `*` is the target of OPTIONS alone
 */
export function applyPathPolicy(
  target: string,
  method: string,
  policy: PathPolicy,
): string | undefined {
  if (policy === "raw") return target;
  if (target === "*" && method !== "OPTIONS") return undefined;
  if (!isAmbiguousTarget(target) && (policy === "refuse" || !target.includes("%"))) return target;
  return policy === "refuse" ? undefined : normalizeTarget(target);
}

/** Returns whether two readers could take the path of a request target differently; a fragment is none of a target. */
function isAmbiguousTarget(target: string): boolean {
  if (target.includes("#")) return true;
  const path = pathOf(target);
  if (!path.startsWith("/")) return path !== "*";
  if (oddCharacter.test(path) || oddSegment.test(path)) return true;
  return path.includes("%") && hasAmbiguousEscape(path);
}

function hasAmbiguousEscape(path: string): boolean {
  if (oddEscape.test(path) || doubleEscape.test(path)) return true;
  const decoded = decodePercent(path);
  return decoded === undefined || controlCharacter.test(decoded) || oddSegment.test(decoded);
}

/** Returns the target with its path in the decoded normal form and its query as it is; undefined where there is none. */
function normalizeTarget(target: string): string | undefined {
  const path = pathOf(target);
  const query = target.slice(path.length);
  if (query.includes("#")) return undefined;
  const normal = normalizePath(path);
  return normal === undefined ? undefined : normal + query;
}

/**
 * Returns the decoded normal form of a path: every escape decoded but those of `%`, `?` and `#` (a decoded one would be
 * read as the beginning of something else), `\` as `/`, slashes merged, dot segments resolved. Undefined for what has no
 * form that all readers agree on. The normal form of a normal form is itself.
 */
export function normalizePath(path: string): string | undefined {
  if (path === "*") return path;
  if (!path.startsWith("/") || path.includes("#") || doubleEscape.test(path)) return undefined;
  const decoded = decodePercent(path.replace(/%(?=25|23|3f)/gi, "%25"));
  if (decoded === undefined || controlCharacter.test(decoded) || doubleEscape.test(decoded)) {
    return undefined;
  }
  const slashed = decoded.replaceAll("\\", "/");
  if (dotSegmentWithParameters.test(slashed)) return undefined;
  return resolveDots(slashed).replaceAll("%3f", "%3F");
}

/** Returns the text with every `%XX` decoded once; undefined when an escape is malformed or their bytes are not UTF-8. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function pathOf(target: string): string {
  const end = target.indexOf("?");
  return end < 0 ? target : target.slice(0, end);
}

/** A slash at the end stays; `..` at the root is the root. */
function resolveDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/");
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(segment);
  }
  const last = segments.at(-1) ?? "";
  const isFolder = kept.length > 0 && (last === "" || last === "." || last === "..");
  return `/${kept.join("/")}${isFolder ? "/" : ""}`;
}

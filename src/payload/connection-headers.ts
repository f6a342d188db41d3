/** Header values by lower-case name. */
type Lines = ReadonlyMap<string, readonly string[]>;

/** A view of a request's own connection, as far as policies are shown it. */
export interface ConnectionView {
  /** Whether the client asks for another protocol: `connection` and `upgrade` are shown. */
  readonly isUpgrade: boolean;
  /** Whether `upgrade` is shown without `connection`, which is the proxy's own on its way here. */
  readonly showsUpgrade: boolean;
  /** Whether `http2-settings` belongs to the connection. */
  readonly hidesSettings: boolean;
}

/** What `connection` may name beside headers: all of these are hidden or shown by rules of their own. */
const ownTokens: ReadonlySet<string> = new Set([
  "close",
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Returns how the headers about the connection are shown; undefined for a request that is its own subject and declares
 * another of its headers to be meant for the next hop only: some proxies drop that one, others pass it on.
 *
 * @param isSubject whether the request itself is judged; else its `connection` is the asking proxy's
 */
export function viewConnection(lines: Lines, isSubject: boolean): ConnectionView | undefined {
  const named = tokensOf(lines, "connection");
  // Envoy takes no upgrade to HTTP/2, and passes none on.
  const protocols = tokensOf(lines, "upgrade").filter((name) => !isSubject || name !== "h2c");
  const isUpgrade = named.includes("upgrade") && protocols.length > 0;
  const isHop = isSubject && !isUpgrade;
  if (isHop && named.some((name) => !ownTokens.has(name) && lines.has(name))) return undefined;
  return {
    isUpgrade,
    showsUpgrade: isUpgrade || (!isSubject && protocols.length > 0),
    hidesSettings: isHop && named.includes("http2-settings"),
  };
}

/** Returns the text of a header as Envoy shows it to policies; undefined for one that it hides. */
export function showHeader(
  name: string,
  values: readonly string[],
  view: ConnectionView,
): string | undefined {
  switch (name) {
    case "host":
    case "keep-alive":
    case "proxy-connection":
    case "transfer-encoding":
      return undefined;
    case "connection":
      return view.isUpgrade ? values.join(",") : undefined;
    case "upgrade":
      return view.showsUpgrade ? values.join(",") : undefined;
    case "http2-settings":
      return view.hidesSettings ? undefined : values.join(",");
    case "te":
      return values.flatMap(splitList).includes("trailers") ? "trailers" : undefined;
    case "expect": {
      const text = values.join(",");
      return text.toLowerCase() === "100-continue" ? undefined : text;
    }
    default:
      return values.join(separatorOf(name));
  }
}

/** Returns what stands between the values of a header that comes several times. */
export function separatorOf(name: string): string {
  // RFC 9113 section 8.2.3: in a cookie a comma is a character like any other.
  return name === "cookie" ? "; " : ",";
}

function tokensOf(lines: Lines, name: string): readonly string[] {
  return (lines.get(name) ?? []).flatMap(splitList);
}

function splitList(value: string): readonly string[] {
  return value
    .split(",")
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== "");
}

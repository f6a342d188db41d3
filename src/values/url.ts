import { isIPv6 } from "node:net";
import { quoteGoString } from "../go-values/go-format.ts";
import type { ValueObject } from "../go-values/value.ts";

/** Returns a URI as Go's `url.Parse` takes it apart, in the JSON of its `url.URL`; or a text that says what is wrong. */
export function parseGoUrl(text: string): ValueObject | string {
  const hash = text.indexOf("#");
  const fragment = hash < 0 ? "" : text.slice(hash + 1);
  const url = parseWithoutFragment(hash < 0 ? text : text.slice(0, hash));
  if (typeof url === "string") return url;
  const decoded = decodePercent(fragment);
  if (decoded === undefined) return escapeFault(fragment);
  const isUsual = encodeComponent(decoded, fragmentCharacters) === fragment;
  return { ...url, Fragment: decoded, RawFragment: isUsual ? "" : fragment };
}

const emptyUrl: ValueObject = {
  Scheme: "",
  Opaque: "",
  User: null,
  Host: "",
  Path: "",
  RawPath: "",
  OmitHost: false,
  ForceQuery: false,
  RawQuery: "",
};

/** The characters that Go leaves unescaped in a path. */
export const pathCharacters: RegExp = /[A-Za-z0-9\-_.~$&+,/:;=@]/;
/** And in a fragment. */
const fragmentCharacters = /[A-Za-z0-9\-_.~$&+,/:;=?@!()*]/;

function parseWithoutFragment(text: string): ValueObject | string {
  if (/[^ -~\u0080-\uffff]/.test(text)) return "net/url: invalid control character in URL";
  if (text === "*") return { ...emptyUrl, Path: "*" };
  if (text.startsWith(":")) return "missing protocol scheme";
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*(?=:)/.exec(text)?.[0] ?? "";
  const hierarchy = scheme === "" ? text : text.slice(scheme.length + 1);
  const [rest = ""] = hierarchy.split("?", 1);
  const query = hierarchy.slice(rest.length);
  const url = {
    ...emptyUrl,
    Scheme: scheme.toLowerCase(),
    ForceQuery: query === "?",
    RawQuery: query.slice(1),
  };
  return rest.startsWith("/") ? parseAbsolute(url, rest) : parseRootless(url, rest);
}

function parseRootless(url: ValueObject, rest: string): ValueObject | string {
  if (url["Scheme"] !== "") return { ...url, Opaque: rest };
  if (/^[^/]*:/.test(rest)) return "first path segment in URL cannot contain colon";
  return withPath(url, rest);
}

function parseAbsolute(url: ValueObject, rest: string): ValueObject | string {
  const hasScheme = url["Scheme"] !== "";
  const hasAuthority = rest.startsWith("//") && (hasScheme || !rest.startsWith("///"));
  if (!hasAuthority) return withPath({ ...url, OmitHost: hasScheme }, rest);
  const [text = ""] = rest.slice(2).split("/", 1);
  const authority = parseAuthority(text);
  if (typeof authority === "string") return authority;
  return withPath({ ...url, ...authority }, rest.slice(2 + text.length));
}

function withPath(url: ValueObject, path: string): ValueObject | string {
  const decoded = decodePercent(path);
  if (decoded === undefined) return escapeFault(path);
  const isUsual = encodeComponent(decoded, pathCharacters) === path;
  return { ...url, Path: decoded, RawPath: isUsual ? "" : path };
}

function parseAuthority(authority: string): ValueObject | string {
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  const fault = hostFault(host);
  if (fault !== "") return fault;
  if (at < 0) return { Host: host };
  const user = authority.slice(0, at);
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user)) return "net/url: invalid userinfo";
  // Go writes the user's name and password as an empty object.
  return decodePercent(user) === undefined ? escapeFault(user) : { User: {}, Host: host };
}

function hostFault(host: string): string {
  const bracket = host.lastIndexOf("[");
  if (bracket > 0) return "invalid IP-literal";
  const close = host.lastIndexOf("]");
  if (bracket === 0 && close < 0) return "missing ']' in host";
  if (bracket === 0 && !isIPv6(host.slice(1, close))) return "invalid host";
  const colon = bracket === 0 ? close + 1 : host.indexOf(":");
  const port = colon < 0 ? "" : host.slice(colon);
  if (port !== "" && !/^:[0-9]*$/.test(port)) return `invalid port "${port}" after host`;
  // In a host only what is not ASCII may be escaped; names in certificates never are.
  const wrong = /[% "<>\\^`{|}]/.exec(host)?.[0];
  return wrong === undefined ? "" : `invalid character ${quoteGoString(wrong)} in host name`;
}

const malformedEscape = /%(?![0-9A-Fa-f]{2}).{0,2}/s;

function escapeFault(text: string): string {
  return `invalid URL escape ${quoteGoString(malformedEscape.exec(text)?.[0] ?? "")}`;
}

/** The text with `%XX` decoded, or undefined when one is malformed. */
function decodePercent(text: string): string | undefined {
  if (malformedEscape.test(text)) return undefined;
  const bytes = text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** Returns the text with every byte of its UTF-8 as `%XX` that is no plain character. */
export function encodeComponent(text: string, plain: RegExp): string {
  let encoded = "";
  for (const byte of Buffer.from(text)) {
    const character = String.fromCharCode(byte);
    const digits = byte.toString(16).toUpperCase().padStart(2, "0");
    encoded += plain.test(character) ? character : `%${digits}`;
  }
  return encoded;
}

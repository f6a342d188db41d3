import { ownValue } from "../model/json.ts";
import { encodeComponent, parseGoUrl, pathCharacters } from "./url.ts";

/** A URI as Go's `url.ParseRequestURI` reads it: absolute, or an absolute path; what looks like a fragment is part of it. */
export interface GoUrl {
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  /** As it was written, where that is not how Go would write it. */
  readonly rawPath: string;
  readonly query: string;
}

/** Returns the URI, or undefined when the text is none. */
export function parseRequestUri(text: string): GoUrl | undefined {
  if (text === "") return undefined;
  // A fragment never comes with a request: `#` is an ordinary character there.
  const parsed = parseGoUrl(text.replaceAll("#", "%23"));
  if (typeof parsed === "string") return undefined;
  const read = (name: string): string => {
    const value = ownValue(parsed, name);
    return typeof value === "string" ? value : "";
  };
  const scheme = read("Scheme");
  if (scheme === "" && !text.startsWith("/")) return undefined;
  return {
    text,
    scheme,
    host: read("Host"),
    path: read("Path"),
    rawPath: read("RawPath"),
    query: read("RawQuery"),
  };
}

/** Characters that a path may be written with though Go would escape them. */
const validRaw = /^(?:[A-Za-z0-9\-_.~!$&'()*+,;=:@[\]/]|%[0-9A-Fa-f]{2})*$/;

/** Returns the path escaped: as it was written where that is valid, else as Go writes it. */
export function escapedPathOf({ path, rawPath }: GoUrl): string {
  if (rawPath !== "" && validRaw.test(rawPath)) return rawPath;
  return path === "*" ? path : encodeComponent(path, pathCharacters);
}

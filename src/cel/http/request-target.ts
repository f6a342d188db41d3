import { valueError } from "../values/errors.ts";
import { EntryMap } from "../values/map.ts";
import type { CelResult } from "../values/value.ts";

/** The parts of a request target, as they were sent. */
export interface TargetParts {
  readonly path: string;
  readonly query: string;
}

/** Returns a request target's path and what stands behind its first `?`. */
export function splitTarget(target: string): TargetParts {
  const mark = target.indexOf("?");
  if (mark === -1) return { path: target, query: "" };
  return { path: target.slice(0, mark), query: target.slice(mark + 1) };
}

/** Returns the path with its escapes resolved, once; an error where that is no text. */
export function unescapePath(path: string): CelResult {
  return unescape(path) ?? valueError("the path has escapes that are no text");
}

/**
 * Returns the query parameters, all values of each name in order; `+` is a space. Go leaves out a parameter that it cannot
 * read, which hides it from the policy and not from an application that can: here that is an error.
 */
export function readQuery(query: string): CelResult {
  const parameters = new Map<string, string[]>();
  for (const part of query.split("&")) {
    if (part === "") continue;
    const mark = part.indexOf("=");
    const name = unescape((mark === -1 ? part : part.slice(0, mark)).replaceAll("+", " "));
    const value = unescape(mark === -1 ? "" : part.slice(mark + 1).replaceAll("+", " "));
    if (name === undefined || value === undefined || part.includes(";")) {
      return valueError("the query has a parameter that two readers could take differently");
    }
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return new EntryMap(parameters);
}

function unescape(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // A malformed escape, or bytes that are not UTF-8: the callers say so.
    return undefined;
  }
}

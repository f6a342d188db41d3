import { isEvaluationError } from "../../model/evaluation-error.ts";
import { charge } from "../../model/step-limit.ts";
import { escapedPathOf, type GoUrl, parseRequestUri } from "../../values/request-uri.ts";
import {
  type CelFunction,
  define,
  defineMethod,
  listOf,
  mapOf,
  opaqueOf,
  types,
} from "../functions/define.ts";
import { valueError } from "../values/errors.ts";
import { EntryMap } from "../values/map.ts";
import { CelOpaque } from "../values/value.ts";

const { bool, string } = types;

/** An absolute URI, or an absolute path (`kubernetes.URL`). */
class CelUrl extends CelOpaque {
  override readonly typeName = "kubernetes.URL";
  readonly url: GoUrl;

  constructor(value: GoUrl) {
    super();
    this.url = value;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelUrl && this.url.text === other.url.text;
  }
}

const url = opaqueOf("kubernetes.URL", CelUrl);

/** The functions of URLs. */
export const urlFunctions: readonly CelFunction[] = [
  define("url", [string], url, (frame, text) => {
    const parsed = charge(frame.budget, text.length) ?? parseRequestUri(text);
    if (isEvaluationError(parsed)) return parsed;
    return parsed === undefined ? valueError("the text is no URL") : new CelUrl(parsed);
  }),
  define("isURL", [string], bool, (frame, text) => {
    const unpaid = charge(frame.budget, text.length);
    return unpaid ?? parseRequestUri(text) !== undefined;
  }),
  defineMethod("getScheme", [url], string, (_, value) => value.url.scheme),
  defineMethod("getHost", [url], string, (_, value) => value.url.host),
  defineMethod("getHostname", [url], string, (_, value) => hostAndPort(value.url.host)[0]),
  defineMethod("getPort", [url], string, (_, value) => hostAndPort(value.url.host)[1]),
  defineMethod("getEscapedPath", [url], string, (_, value) => escapedPathOf(value.url)),
  defineMethod("getQuery", [url], mapOf(string, listOf(string)), (frame, value) => {
    const { query } = value.url;
    return charge(frame.budget, query.length * 4) ?? readParameters(query);
  }),
];

function hostAndPort(host: string): readonly [string, string] {
  const [, bracketed, plain = "", port = ""] = /^(?:\[(.*)\]|([^:]*))(?::(\d*))?$/.exec(host) ?? [];
  return [bracketed ?? plain, port];
}

/** Go's `url.Query`: parameters that it cannot read are left out. */
function readParameters(query: string): EntryMap {
  const parameters = new Map<string, string[]>();
  for (const part of query.split("&")) {
    if (part === "" || part.includes(";")) continue;
    const mark = part.indexOf("=");
    const name = unescapeQuery(mark === -1 ? part : part.slice(0, mark));
    const value = unescapeQuery(mark === -1 ? "" : part.slice(mark + 1));
    if (name === undefined || value === undefined) continue;
    const values = parameters.get(name);
    if (values === undefined) parameters.set(name, [value]);
    else values.push(value);
  }
  return new EntryMap(parameters);
}

function unescapeQuery(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  return text
    .replaceAll("+", " ")
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) =>
      Buffer.from(escapes.replaceAll("%", ""), "hex").toString("utf8"),
    );
}

import { isEvaluationError } from "../../model/evaluation-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import type { HeaderLines } from "../policy/mode.ts";
import { EntryMap } from "../values/map.ts";
import { CelMessage } from "../values/message.ts";
import type { CelResult, CelValue } from "../values/value.ts";
import { canonicalName } from "./header-name.ts";
import { attributesName, nativeShape, requestName } from "./native-types.ts";
import { readQuery, splitTarget, unescapePath } from "./request-target.ts";

/** Returns a request of the HTTP door as `object`; each field is converted when it is first read. */
export function createHttpRequest(payload: JsonValue, lines: HeaderLines | undefined): CelMessage {
  const request = isJsonObject(payload) ? ownValue(payload, "request") : undefined;
  const http = isJsonObject(request) ? ownValue(request, "http") : undefined;
  return new HttpRequest(new RequestAttributes(isJsonObject(http) ? http : {}, lines ?? {}));
}

class HttpRequest extends CelMessage {
  override readonly typeName: string = requestName;
  readonly #attributes: RequestAttributes;

  constructor(attributes: RequestAttributes) {
    super();
    this.#attributes = attributes;
  }

  override get(field: string): CelResult | undefined {
    return field === "attributes" ? this.#attributes : undefined;
  }

  override has(field: string): boolean {
    return field === "attributes";
  }

  override *setFields(): Iterable<readonly [string, CelValue]> {
    yield ["attributes", this.#attributes];
  }
}

class RequestAttributes extends CelMessage {
  override readonly typeName: string = attributesName;
  readonly #http: JsonObject;
  readonly #lines: HeaderLines;
  readonly #read = new Map<string, CelResult>();

  constructor(http: JsonObject, lines: HeaderLines) {
    super();
    this.#http = http;
    this.#lines = lines;
  }

  override get(field: string): CelResult | undefined {
    const known = this.#read.get(field);
    if (known !== undefined) return known;
    const value = readers.get(field)?.(this.#http, this.#lines);
    if (value !== undefined) this.#read.set(field, value);
    return value;
  }

  override has(field: string): boolean {
    const value = this.get(field);
    const member = nativeShape(attributesName)?.members.get(field);
    if (value === undefined || member === undefined) return false;
    return !isEvaluationError(value) && !member.isDefault(value);
  }

  override *setFields(): Iterable<readonly [string, CelValue]> {
    for (const field of readers.keys()) {
      const value = this.has(field) ? this.get(field) : undefined;
      if (value !== undefined && !isEvaluationError(value)) yield [field, value];
    }
  }
}

type Reader = (http: JsonObject, lines: HeaderLines) => CelResult;

/** The fields of a request's attributes, each from the payload that all languages see. */
const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ["method", (http) => textAt(http, "method")],
  ["header", (_, lines) => readHeaders(lines)],
  ["host", (http) => textAt(http, "host")],
  ["protocol", (http) => textAt(http, "protocol")],
  ["contentLength", (http) => BigInt(readBody(http).length)],
  ["body", readBody],
  ["scheme", (http) => textAt(http, "scheme")],
  ["path", (http) => unescapePath(splitTarget(textAt(http, "path")).path)],
  ["query", (http) => readQuery(splitTarget(textAt(http, "path")).query)],
  // A fragment is refused at the door: no client sends one to a server.
  ["fragment", () => ""],
]);

function textAt(http: JsonObject, name: string): string {
  const value = ownValue(http, name);
  return typeof value === "string" ? value : "";
}

function readBody(http: JsonObject): Uint8Array {
  const raw = textAt(http, "rawBody");
  return Buffer.from(raw === "" ? textAt(http, "body") : raw, raw === "" ? "utf8" : "base64");
}

/** The request's host is no header, as in Go. */
function readHeaders(lines: HeaderLines): CelResult {
  const names = Object.keys(lines).filter((name) => name !== "host");
  return new EntryMap(names.map((name) => [canonicalName(name), ownValue(lines, name) ?? []]));
}

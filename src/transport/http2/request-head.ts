import type { HeaderList } from "../hpack/header-list.ts";

/** The head of a well-formed HTTP request. Shared between requests: nobody may change it. */
export interface RequestHead {
  readonly method: string;
  /** `:path`, or empty with CONNECT. */
  readonly path: string;
  /** Undefined when there is none. */
  readonly contentType: string | undefined;
  /** Undefined when there is none; at most 2^53 - 1. */
  readonly contentLength: number | undefined;
  /** All fields as they came. */
  readonly fields: HeaderList;
  /** Whether a value begins or ends with a blank, which HTTP/1 takes off and some proxies pass on: malformed, but no attack. */
  readonly hasBlankEnds: boolean;
}

/** What has been read of a head so far. */
interface HeadDraft {
  method: string | undefined;
  scheme: string | undefined;
  path: string | undefined;
  authority: string | undefined;
  host: string | undefined;
  contentType: string | undefined;
  contentLength: number | undefined;
  hasBlankEnds: boolean;
}

const COLON = 0x3a;

/** The fields that HTTP/2 has no use for (RFC 9113 section 8.2.2). */
const connectionFields: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** 1 for each character of a field name in lower case (RFC 9110 section 5.6.2 without upper case). */
const nameCharacters = createNameCharacters();

function createNameCharacters(): Uint8Array {
  const allowed = new Uint8Array(256);
  for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
    allowed[character.charCodeAt(0)] = 1;
  }
  return allowed;
}

/** Returns the request that a header list describes, or undefined when it is malformed (RFC 9113 sections 8.2 and 8.3). */
export function readRequestHead(fields: HeaderList): RequestHead | undefined {
  const draft: HeadDraft = {
    method: undefined,
    scheme: undefined,
    path: undefined,
    authority: undefined,
    host: undefined,
    contentType: undefined,
    contentLength: undefined,
    hasBlankEnds: false,
  };
  let pseudo = true;
  const { names, values } = fields;
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? "";
    const value = values[index] ?? "";
    const isPseudo = name.charCodeAt(0) === COLON;
    if (
      isPseudo ? !pseudo || !readPseudoField(draft, name, value) : !readField(draft, name, value)
    ) {
      return undefined;
    }
    pseudo = isPseudo;
  }
  return completeHead(draft, fields);
}

/** Returns whether a list may stand behind a request's body (RFC 9113 section 8.1). */
export function areTrailers(fields: HeaderList): boolean {
  return fields.names.every((name, index) => {
    const value = fields.values[index] ?? "";
    return isField(name, value) && !hasBlankEnds(value);
  });
}

/** Returns whether it is known, stands alone and has a possible value. */
function readPseudoField(draft: HeadDraft, name: string, value: string): boolean {
  if (!isFieldValue(value) || hasBlankEnds(value)) return false;
  switch (name) {
    case ":method":
      return set(draft, "method", value);
    case ":scheme":
      return set(draft, "scheme", value);
    case ":path":
      return set(draft, "path", value);
    case ":authority":
      return set(draft, "authority", value);
    default:
      return false;
  }
}

function set(
  draft: HeadDraft,
  key: "method" | "scheme" | "path" | "authority" | "host",
  value: string,
): boolean {
  const isFirst = draft[key] === undefined;
  draft[key] = value;
  return isFirst;
}

function readField(draft: HeadDraft, name: string, value: string): boolean {
  draft.hasBlankEnds ||= hasBlankEnds(value);
  switch (name) {
    case "content-type":
      draft.contentType ??= value;
      return isFieldValue(value);
    case "content-length":
      return readContentLength(draft, value);
    case "host":
      return isFieldValue(value) && set(draft, "host", value);
    default:
      return isField(name, value);
  }
}

function readContentLength(draft: HeadDraft, value: string): boolean {
  const length = /^\d{1,15}$/.test(value) ? Number(value) : undefined;
  const isSame = draft.contentLength === undefined || draft.contentLength === length;
  draft.contentLength = length;
  return length !== undefined && isSame;
}

function isField(name: string, value: string): boolean {
  if (name === "te") return value === "trailers";
  return isFieldName(name) && isFieldValue(value) && !connectionFields.has(name);
}

function isFieldName(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (nameCharacters[name.charCodeAt(index)] !== 1) return false;
  }
  return name.length > 0;
}

/** Returns whether there is neither NUL, CR nor LF in it (RFC 9113 section 8.2.1). */
function isFieldValue(value: string): boolean {
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code < 0x10 && (code === 0 || code === 0x0a || code === 0x0d)) return false;
  }
  return true;
}

/** Returns whether there is white space at its ends, where the same section forbids it. */
function hasBlankEnds(value: string): boolean {
  return isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1));
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Returns whether all is there that must be (RFC 9113 sections 8.3.1 and 8.5). */
function completeHead(draft: HeadDraft, fields: HeaderList): RequestHead | undefined {
  const { method, scheme, path, authority, contentType, contentLength } = draft;
  if (method === undefined || method === "" || !isAuthority(draft)) return undefined;
  if (method === "CONNECT") {
    const isPlain = scheme === undefined && path === undefined && authority !== undefined;
    return isPlain
      ? { method, path: "", contentType, contentLength, fields, hasBlankEnds: draft.hasBlankEnds }
      : undefined;
  }
  if (scheme === undefined || scheme === "" || path === undefined || path === "") return undefined;
  return { method, path, contentType, contentLength, fields, hasBlankEnds: draft.hasBlankEnds };
}

/** Returns whether the authority is possible and `host`, where there is one, says the same. */
function isAuthority({ authority, host, scheme }: HeadDraft): boolean {
  if (authority === undefined) return true;
  const isWeb = scheme === "http" || scheme === "https";
  return !(isWeb && authority.includes("@")) && (host === undefined || host === authority);
}

import type { JsonValue } from "../model/json.ts";
import { addHeader, type HeaderTable, setHeader } from "./header-table.ts";
import type { NormalizeOptions } from "./normalize-options.ts";
import type { WireReader } from "./wire-reader.ts";

/** Fields of `AttributeContext.HttpRequest` as tags. */
const httpTags = {
  id: 0x0a,
  method: 0x12,
  headers: 0x1a,
  path: 0x22,
  host: 0x2a,
  scheme: 0x32,
  query: 0x3a,
  fragment: 0x42,
  size: 0x48,
  protocol: 0x52,
  body: 0x5a,
  rawBody: 0x62,
  headerMap: 0x6a,
} as const;
const LAST_HTTP_FIELD = 13;

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const LAST_ENTRY_FIELD = 2;

const HEADER_VALUE_TAG = 0x0a;
const RAW_VALUE_TAG = 0x1a;
const LAST_HEADER_FIELD = 3;

type Json = Record<string, JsonValue>;

/** The `HttpRequest` up to the limit in protobuf's JSON form, headers as `normalizeHeaderMap` gives them. */
export function readHttpRequest(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
): Json {
  const json: Json = {};
  const headers: HeaderTable = {};
  let headerCount = 0;
  let seen = 0;
  while (reader.at < limit) {
    const tag = reader.readTag(limit);
    if (tag === httpTags.headers) {
      headerCount++;
      readEntry(reader, limit, headers);
      continue;
    }
    seen = markSeen(reader, seen, tag);
    readHttpField(reader, limit, options, tag, json);
  }
  if (headerCount > options.maxHeaders) {
    reader.fail();
  }
  if (headerCount > 0 && !("headers" in json)) {
    json["headers"] = headers;
  }
  return json;
}

/** Adds an entry of a `map<string, string>` to the table: an absent key or value is empty, a key again replaces. */
export function readEntry(reader: WireReader, limit: number, table: HeaderTable): void {
  const end = reader.readEnd(limit);
  let key = "";
  let value = "";
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === KEY_TAG) {
      key = reader.readName(end);
    } else if (tag === VALUE_TAG) {
      value = reader.readText(end);
    } else {
      reader.skip(tag, LAST_ENTRY_FIELD, end);
    }
  }
  setHeader(table, key, value);
}

/** The fields seen, this one added. One that comes twice is not ordinary: the later replaces the earlier or is merged into it. */
export function markSeen(reader: WireReader, seen: number, tag: number): number {
  const bit = 1 << (tag >>> 3);
  if ((seen & bit) !== 0) {
    reader.fail();
  }
  return seen | bit;
}

function readHttpField(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  tag: number,
  json: Json,
): void {
  switch (tag) {
    case httpTags.id:
      json["id"] = reader.readSetText(limit);
      return;
    case httpTags.method:
      json["method"] = readSetName(reader, limit);
      return;
    case httpTags.path:
      json["path"] = reader.readSetText(limit);
      return;
    case httpTags.host:
      json["host"] = reader.readSetText(limit);
      return;
    case httpTags.scheme:
      json["scheme"] = readSetName(reader, limit);
      return;
    case httpTags.protocol:
      json["protocol"] = readSetName(reader, limit);
      return;
    default:
      readRareField(reader, limit, options, tag, json);
  }
}

function readRareField(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  tag: number,
  json: Json,
): void {
  switch (tag) {
    case httpTags.query:
      json["query"] = reader.readSetText(limit);
      return;
    case httpTags.fragment:
      json["fragment"] = reader.readSetText(limit);
      return;
    case httpTags.size:
      json["size"] = readSize(reader, limit);
      return;
    case httpTags.body:
      checkLength(reader, limit, options.maxBodyBytes);
      json["body"] = reader.readSetText(limit);
      return;
    case httpTags.rawBody:
      json["rawBody"] = readBase64(reader, limit, options.maxBodyBytes);
      return;
    case httpTags.headerMap:
      readHeaderMap(reader, limit, options.maxHeaders, json);
      return;
    default:
      reader.skip(tag, LAST_HTTP_FIELD, limit);
  }
}

function readSetName(reader: WireReader, limit: number): string {
  const name = reader.readName(limit);
  if (name === "") {
    reader.fail();
  }
  return name;
}

/** An int64 as text. Of the negative ones only -1, which stands for unknown, is ordinary. */
function readSize(reader: WireReader, limit: number): string {
  if (isMinusOne(reader.bytes, reader.at, limit)) {
    reader.at += 10;
    return "-1";
  }
  const size = reader.readVarint(limit);
  if (size === 0) {
    reader.fail();
  }
  return String(size);
}

function isMinusOne(bytes: Uint8Array, start: number, limit: number): boolean {
  if (start + 10 > limit || bytes[start + 9] !== 0x01) {
    return false;
  }
  for (let index = start; index < start + 9; index++) {
    if (bytes[index] !== 0xff) {
      return false;
    }
  }
  return true;
}

/** Fails when what comes next is over the limit; the complete reader says so in its turn. */
function checkLength(reader: WireReader, limit: number, maxBytes: number): void {
  const { at } = reader;
  const end = reader.readEnd(limit);
  if (end - reader.at > maxBytes) {
    reader.fail();
  }
  if (!reader.failed) {
    reader.at = at;
  }
}

function readBase64(reader: WireReader, limit: number, maxBytes: number): string {
  const end = reader.readEnd(limit);
  const start = reader.at;
  if (end === start || end - start > maxBytes) {
    reader.fail();
  }
  if (reader.failed) {
    return "";
  }
  reader.at = end;
  return reader.bytes.toString("base64", start, end);
}

/** Sets `headers` from the list, which alone counts when it has a line. */
function readHeaderMap(reader: WireReader, limit: number, maxHeaders: number, json: Json): void {
  const end = reader.readEnd(limit);
  const headers: HeaderTable = {};
  let count = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === HEADER_VALUE_TAG) {
      count++;
      readHeaderValue(reader, end, headers);
    } else {
      reader.skip(tag, 1, end);
    }
  }
  if (count > maxHeaders) {
    reader.fail();
  }
  if (count > 0) {
    json["headers"] = headers;
  }
}

function readHeaderValue(reader: WireReader, limit: number, headers: HeaderTable): void {
  const end = reader.readEnd(limit);
  let key = "";
  let value = "";
  let rawValue = "";
  while (reader.at < end) {
    const tag = reader.readTag(end);
    switch (tag) {
      case KEY_TAG:
        key = reader.readName(end);
        break;
      case VALUE_TAG:
        value = reader.readText(end);
        break;
      case RAW_VALUE_TAG:
        rawValue = reader.readSanitized(end);
        break;
      default:
        reader.skip(tag, LAST_HEADER_FIELD, end);
    }
  }
  addHeader(headers, key.toLowerCase(), rawValue === "" ? value : rawValue);
}

import { AttributeContext_HttpRequestSchema } from "../../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import type { JsonValue } from "../../model/json.ts";
import type { HeaderTable } from "../../payload/header-table.ts";
import { normalizeHost } from "../../payload/host-name.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import type { PayloadSelection } from "../../payload/payload-selection.ts";
import { settlePath } from "../../payload/settle-target.ts";
import { lastFieldOf, tagOf } from "../wire-tags.ts";
import { bitOf, isRead, markSeen } from "./field-bits.ts";
import { readEntry, readEntryOf, readHeaderMap, skipEntry } from "./read-headers.ts";
import type { WireReader } from "./wire-reader.ts";

const httpFields = AttributeContext_HttpRequestSchema.field;
/** Fields of `AttributeContext.HttpRequest` as tags. */
const httpTags = {
  id: tagOf(httpFields.id),
  method: tagOf(httpFields.method),
  headers: tagOf(httpFields.headers),
  path: tagOf(httpFields.path),
  host: tagOf(httpFields.host),
  scheme: tagOf(httpFields.scheme),
  query: tagOf(httpFields.query),
  fragment: tagOf(httpFields.fragment),
  size: tagOf(httpFields.size),
  protocol: tagOf(httpFields.protocol),
  body: tagOf(httpFields.body),
  rawBody: tagOf(httpFields.rawBody),
  headerMap: tagOf(httpFields.headerMap),
} as const;
const lastHttpField = lastFieldOf(AttributeContext_HttpRequestSchema);

/** Fields, a bit each, that decide whether a path is a good one, whoever reads them. */
const pathFields = bitOf(httpTags.path) | bitOf(httpTags.method);

type Json = Record<string, JsonValue>;

/** Returns what is read of the `HttpRequest` up to the limit in protobuf's JSON form, headers as `normalizeHeaderMap` gives them. */
export function readHttpRequest(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  selection: PayloadSelection,
): Json {
  const json: Json = {};
  const headers: HeaderTable = {};
  let lines: HeaderTable | undefined;
  let headerCount = 0;
  const unread: Json = {};
  const deciding = options.pathPolicy === "raw" ? 0 : pathFields;
  let host = "";
  let scheme = "";
  let seen = 0;
  while (reader.at < limit) {
    const tag = reader.readTag(limit);
    if (tag === httpTags.headers) {
      headerCount++;
      readHeader(reader, limit, selection, headers);
      continue;
    }
    seen = markSeen(reader, seen, tag);
    if (tag === httpTags.headerMap) {
      lines = readHeaderMap(reader, limit, options.maxHeaders, selection.headers);
    } else if (tag === httpTags.host) {
      host = readSetName(reader, limit);
    } else if (tag === httpTags.scheme) {
      scheme = readSetName(reader, limit);
    } else if (isRead(selection.http, tag)) {
      readHttpField(reader, limit, options, tag, json);
    } else if (isRead(deciding, tag)) {
      readHttpField(reader, limit, options, tag, unread);
    } else {
      skipHttpField(reader, limit, options, tag);
    }
  }
  if (headerCount > options.maxHeaders) reader.fail();
  addHost(reader, host, scheme, options, selection, json);
  // The lines alone count when there are any.
  const shown = lines ?? headers;
  if ((lines ?? headerCount) !== 0 && isRead(selection.http, httpTags.headers)) {
    json["headers"] = shown;
  }
  // What is not in order the complete reader calls by its name.
  if (!settlePath(json, shown, options.pathPolicy, unread)) reader.fail();
  return json;
}

/** Adds host and scheme as far as they are read; each is empty where it was not there. */
function addHost(
  reader: WireReader,
  host: string,
  scheme: string,
  { rawHost }: NormalizeOptions,
  { http }: PayloadSelection,
  json: Json,
): void {
  if (scheme !== "" && isRead(http, httpTags.scheme)) json["scheme"] = scheme;
  if (host === "" || reader.failed) return;
  const shown = rawHost ? host : normalizeHost(host, scheme);
  if (shown === undefined) reader.fail();
  else if (isRead(http, httpTags.host)) json["host"] = shown;
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
    default:
      reader.skip(tag, lastHttpField, limit);
  }
}

function skipHttpField(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  tag: number,
): void {
  switch (tag) {
    case httpTags.size:
      readSize(reader, limit);
      return;
    case httpTags.body:
      checkLength(reader, limit, options.maxBodyBytes);
      reader.skipText(limit);
      return;
    case httpTags.rawBody:
      if (reader.skipBytes(limit) > options.maxBodyBytes) reader.fail();
      return;
    case httpTags.id:
    case httpTags.method:
    case httpTags.path:
    case httpTags.query:
    case httpTags.fragment:
    case httpTags.protocol:
      reader.skipText(limit);
      return;
    default:
      reader.skip(tag, lastHttpField, limit);
  }
}

function readSetName(reader: WireReader, limit: number): string {
  const name = reader.readName(limit);
  if (name === "") reader.fail();
  return name;
}

/** An int64 as text. Of the negative ones only -1, which stands for unknown, is ordinary. */
function readSize(reader: WireReader, limit: number): string {
  if (isMinusOne(reader.bytes, reader.at, limit)) {
    reader.at += 10;
    return "-1";
  }
  const size = reader.readVarint(limit);
  if (size === 0) reader.fail();
  return String(size);
}

function isMinusOne(bytes: Uint8Array, start: number, limit: number): boolean {
  if (start + 10 > limit || bytes[start + 9] !== 0x01) return false;
  for (let index = start; index < start + 9; index++) {
    if (bytes[index] !== 0xff) return false;
  }
  return true;
}

/** Fails when what comes next is over the limit; the complete reader says so in its turn. */
function checkLength(reader: WireReader, limit: number, maxBytes: number): void {
  const { at } = reader;
  const end = reader.readEnd(limit);
  if (end - reader.at > maxBytes) reader.fail();
  if (!reader.failed) reader.at = at;
}

function readBase64(reader: WireReader, limit: number, maxBytes: number): string {
  const end = reader.readEnd(limit);
  const start = reader.at;
  if (end === start || end - start > maxBytes) reader.fail();
  if (reader.failed) return "";
  reader.at = end;
  return reader.bytes.toString("base64", start, end);
}

function readHeader(
  reader: WireReader,
  limit: number,
  selection: PayloadSelection,
  headers: HeaderTable,
): void {
  if (!isRead(selection.http, httpTags.headers)) skipEntry(reader, limit);
  else if (selection.headers === undefined) readEntry(reader, limit, headers);
  else readEntryOf(reader, limit, selection.headers, headers);
}

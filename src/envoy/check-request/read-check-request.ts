import { fromBinary } from "@bufbuild/protobuf";
import { TimestampSchema } from "@bufbuild/protobuf/wkt";
import { MetadataSchema } from "../../gen/envoy/config/core/v3/base_pb.ts";
import {
  AttributeContext_RequestSchema,
  AttributeContext_TLSSessionSchema,
  AttributeContextSchema,
} from "../../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import { CheckRequestSchema } from "../../gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { CheckInput } from "../../model/check-input.ts";
import type { JsonObject, JsonValue } from "../../model/json.ts";
import type { PayloadReads } from "../../model/payload-reads.ts";
import type { HeaderTable } from "../../payload/header-table.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import { type PayloadSelection, selectionOf } from "../../payload/payload-selection.ts";
import { formatTimestamp, isTimestamp } from "../../payload/timestamp-text.ts";
import { lastFieldOf, tagOf } from "../wire-tags.ts";
import { isWellNested } from "./check-nesting.ts";
import { isRead, markSeen } from "./field-bits.ts";
import { normalizeMetadata, tryCodec } from "./metadata-json.ts";
import { readEntry, skipEntry } from "./read-headers.ts";
import { readHttpRequest } from "./read-http-request.ts";
import { readPeer } from "./read-peer.ts";
import { WireReader } from "./wire-reader.ts";

type Json = Record<string, JsonValue>;

/** The deepest message this reader reads by itself: a line of `header_map`. */
const OWN_DEPTH = 6;
/** How deep `attributes` is. */
const ATTRIBUTES_DEPTH = 2;

const attributesTag = tagOf(CheckRequestSchema.field.attributes);

const attributeFields = AttributeContextSchema.field;
/** Fields of `AttributeContext` as tags. */
const attributeTags = {
  source: tagOf(attributeFields.source),
  destination: tagOf(attributeFields.destination),
  request: tagOf(attributeFields.request),
  contextExtensions: tagOf(attributeFields.contextExtensions),
  metadataContext: tagOf(attributeFields.metadataContext),
  tlsSession: tagOf(attributeFields.tlsSession),
  routeMetadataContext: tagOf(attributeFields.routeMetadataContext),
} as const;
const lastAttribute = lastFieldOf(AttributeContextSchema);

const timeTag = tagOf(AttributeContext_RequestSchema.field.time);
const httpTag = tagOf(AttributeContext_RequestSchema.field.http);
const lastRequestField = lastFieldOf(AttributeContext_RequestSchema);

const secondsTag = tagOf(TimestampSchema.field.seconds);
const nanosTag = tagOf(TimestampSchema.field.nanos);
const lastTimestampField = lastFieldOf(TimestampSchema);

const sniTag = tagOf(AttributeContext_TLSSessionSchema.field.sni);
const lastTlsField = lastFieldOf(AttributeContext_TLSSessionSchema);

/**
 * Returns what policies with these reads judge, from the bytes of a `CheckRequest` as Envoy sends it; undefined for anything
 * else, be it broken, over a limit or merely unusual: the complete reader decides that.
 *
 * One pass that takes only what the payload needs, for a third of what the generated types cost. What is not read is
 * looked at as closely, only not converted; of metadata only that it ends where it should.
 */
export function readCheckRequest(
  message: Uint8Array,
  options: NormalizeOptions,
  reads: PayloadReads,
): CheckInput | undefined {
  if (options.maxDepth < OWN_DEPTH || message[0] !== attributesTag) return undefined;
  const reader = new WireReader(
    Buffer.isBuffer(message)
      ? message
      : Buffer.from(message.buffer, message.byteOffset, message.byteLength),
  );
  reader.at = 1;
  const end = reader.readEnd(message.length);
  if (end !== message.length) return undefined;
  const payload = readAttributes(reader, end, options, selectionOf(reads));
  return reader.failed ? undefined : { payload, sizeBytes: message.length };
}

function readAttributes(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  selection: PayloadSelection,
): JsonObject {
  const json: Json = {};
  let extensions: HeaderTable | undefined;
  let seen = 0;
  while (reader.at < limit) {
    const tag = reader.readTag(limit);
    if (tag !== attributeTags.contextExtensions) {
      seen = markSeen(reader, seen, tag);
      readAttribute(reader, limit, options, selection, tag, json);
    } else if (isRead(selection.attributes, tag)) {
      extensions ??= {};
      readEntry(reader, limit, extensions);
    } else {
      skipEntry(reader, limit);
    }
  }
  if (extensions !== undefined) json["contextExtensions"] = extensions;
  if (!isRead(seen, attributeTags.request)) reader.fail();
  return json;
}

function readAttribute(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  selection: PayloadSelection,
  tag: number,
  json: Json,
): void {
  const isWanted = isRead(selection.attributes, tag);
  switch (tag) {
    case attributeTags.source: {
      const source = readPeer(reader, limit, selection.source);
      if (isWanted) json["source"] = source;
      return;
    }
    case attributeTags.destination: {
      const destination = readPeer(reader, limit, selection.destination);
      if (isWanted) json["destination"] = destination;
      return;
    }
    case attributeTags.request: {
      const request = readRequest(reader, limit, options, selection);
      if (isWanted) json["request"] = request;
      return;
    }
    case attributeTags.metadataContext: {
      if (isWanted) json["metadataContext"] = readMetadata(reader, limit, options);
      else reader.skipBytes(limit);
      return;
    }
    case attributeTags.tlsSession: {
      const session = readTlsSession(reader, limit);
      if (isWanted) json["tlsSession"] = session;
      return;
    }
    case attributeTags.routeMetadataContext: {
      if (isWanted) json["routeMetadataContext"] = readMetadata(reader, limit, options);
      else reader.skipBytes(limit);
      return;
    }
    default:
      reader.skip(tag, lastAttribute, limit);
  }
}

function readRequest(
  reader: WireReader,
  limit: number,
  options: NormalizeOptions,
  selection: PayloadSelection,
): Json {
  const end = reader.readEnd(limit);
  const json: Json = {};
  let seen = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    seen = markSeen(reader, seen, tag);
    if (tag === timeTag) {
      readTime(reader, end, selection, json);
    } else if (tag === httpTag) {
      const http = readHttpRequest(reader, reader.readEnd(end), options, selection);
      if (isRead(selection.request, tag)) json["http"] = http;
    } else {
      reader.skip(tag, lastRequestField, end);
    }
  }
  if (!isRead(seen, httpTag)) reader.fail();
  return json;
}

function readTime(
  reader: WireReader,
  limit: number,
  selection: PayloadSelection,
  json: Json,
): void {
  const end = reader.readEnd(limit);
  let seconds = 0;
  let nanos = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === secondsTag) seconds = reader.readVarint(end);
    else if (tag === nanosTag) nanos = reader.readUint(end);
    else reader.skip(tag, lastTimestampField, end);
  }
  if (!isTimestamp(seconds, nanos)) {
    reader.fail();
  } else if (isRead(selection.request, timeTag)) {
    json["time"] = formatTimestamp(seconds, nanos) ?? "";
  }
}

function readTlsSession(reader: WireReader, limit: number): Json {
  const end = reader.readEnd(limit);
  const json: Json = {};
  let seen = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    seen = markSeen(reader, seen, tag);
    if (tag === sniTag) json["sni"] = reader.readSetText(end);
    else reader.skip(tag, lastTlsField, end);
  }
  return json;
}

/** Metadata is mostly empty, and nests without end: anything in it is left to the generated types. */
function readMetadata(reader: WireReader, limit: number, options: NormalizeOptions): JsonObject {
  const end = reader.readEnd(limit);
  const start = reader.at;
  if (reader.failed || start === end) return {};
  reader.at = end;
  const metadata = decodeMetadata(
    reader.bytes.subarray(start, end),
    options.maxDepth - ATTRIBUTES_DEPTH,
  );
  if (metadata === undefined) {
    reader.fail();
    return {};
  }
  return metadata;
}

function decodeMetadata(bytes: Uint8Array, recursionLimit: number): JsonObject | undefined {
  if (!isWellNested(bytes, MetadataSchema, recursionLimit)) return undefined;
  const options = { readUnknownFields: false, recursionLimit };
  const metadata = tryCodec(() => fromBinary(MetadataSchema, bytes, options));
  return metadata && normalizeMetadata(metadata);
}

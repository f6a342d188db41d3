import type { JsonValue } from "../../model/json.ts";
import type { HeaderTable } from "../../payload/header-table.ts";
import { isRead, markSeen } from "./field-bits.ts";
import { readEntry, skipEntry } from "./read-headers.ts";
import type { WireReader } from "./wire-reader.ts";

/** Fields of `AttributeContext.Peer` as tags. */
const peerTags = {
  address: 0x0a,
  service: 0x12,
  labels: 0x1a,
  principal: 0x22,
  certificate: 0x2a,
} as const;
const LAST_PEER_FIELD = 5;

const SOCKET_ADDRESS_TAG = 0x0a;
const LAST_ADDRESS_FIELD = 3;

const ADDRESS_TEXT_TAG = 0x12;
const PORT_VALUE_TAG = 0x18;
const LAST_SOCKET_FIELD = 6;

type Json = Record<string, JsonValue>;

/**
 * The fields of the `Peer` that comes next in protobuf's JSON form; bit `n` of `fields` is set when field `n` is read.
 * Of addresses only IP and port are ordinary.
 */
export function readPeer(reader: WireReader, limit: number, fields: number): Json {
  const end = reader.readEnd(limit);
  const json: Json = {};
  let labels: HeaderTable | undefined;
  let seen = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag !== peerTags.labels) {
      seen = markSeen(reader, seen, tag);
      readPeerField(reader, end, tag, fields, json);
    } else if (isRead(fields, tag)) {
      labels ??= {};
      readEntry(reader, end, labels);
    } else {
      skipEntry(reader, end);
    }
  }
  if (labels !== undefined) json["labels"] = labels;
  return json;
}

function readPeerField(
  reader: WireReader,
  limit: number,
  tag: number,
  fields: number,
  json: Json,
): void {
  if (!isRead(fields, tag)) {
    skipPeerField(reader, limit, tag);
    return;
  }
  switch (tag) {
    case peerTags.address:
      json["address"] = readAddress(reader, limit);
      return;
    case peerTags.service:
      json["service"] = reader.readSetText(limit);
      return;
    case peerTags.principal:
      json["principal"] = reader.readSetText(limit);
      return;
    case peerTags.certificate:
      json["certificate"] = reader.readSetText(limit);
      return;
    default:
      reader.skip(tag, LAST_PEER_FIELD, limit);
  }
}

function skipPeerField(reader: WireReader, limit: number, tag: number): void {
  switch (tag) {
    case peerTags.address:
      readAddress(reader, limit);
      return;
    case peerTags.service:
    case peerTags.principal:
    case peerTags.certificate:
      reader.skipText(limit);
      return;
    default:
      reader.skip(tag, LAST_PEER_FIELD, limit);
  }
}

function readAddress(reader: WireReader, limit: number): Json {
  const end = reader.readEnd(limit);
  const json: Json = {};
  let seen = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    seen = markSeen(reader, seen, tag);
    if (tag === SOCKET_ADDRESS_TAG) json["socketAddress"] = readSocketAddress(reader, end);
    else reader.skip(tag, LAST_ADDRESS_FIELD, end);
  }
  return json;
}

function readSocketAddress(reader: WireReader, limit: number): Json {
  const end = reader.readEnd(limit);
  const json: Json = {};
  let seen = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    seen = markSeen(reader, seen, tag);
    if (tag === ADDRESS_TEXT_TAG) json["address"] = reader.readSetText(end);
    else if (tag === PORT_VALUE_TAG) json["portValue"] = reader.readUint(end);
    else reader.skip(tag, LAST_SOCKET_FIELD, end);
  }
  return json;
}

import { AddressSchema, SocketAddressSchema } from "../../gen/envoy/config/core/v3/address_pb.ts";
import { AttributeContext_PeerSchema } from "../../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import type { JsonValue } from "../../model/json.ts";
import type { HeaderTable } from "../../payload/header-table.ts";
import { lastFieldOf, tagOf } from "../wire-tags.ts";
import { isRead, markSeen } from "./field-bits.ts";
import { readEntry, skipEntry } from "./read-headers.ts";
import type { WireReader } from "./wire-reader.ts";

const peerFields = AttributeContext_PeerSchema.field;
/** Fields of `AttributeContext.Peer` as tags. */
const peerTags = {
  address: tagOf(peerFields.address),
  service: tagOf(peerFields.service),
  labels: tagOf(peerFields.labels),
  principal: tagOf(peerFields.principal),
  certificate: tagOf(peerFields.certificate),
} as const;
const lastPeerField = lastFieldOf(AttributeContext_PeerSchema);

const socketAddressTag = tagOf(AddressSchema.field.socketAddress);
const lastAddressField = lastFieldOf(AddressSchema);

const addressTextTag = tagOf(SocketAddressSchema.field.address);
const portValueTag = tagOf(SocketAddressSchema.field.portValue);
const lastSocketField = lastFieldOf(SocketAddressSchema);

type Json = Record<string, JsonValue>;

/**
 * Returns the fields of the `Peer` that comes next in protobuf's JSON form; bit `n` of `fields` is set when field `n` is read.
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
      reader.skip(tag, lastPeerField, limit);
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
      reader.skip(tag, lastPeerField, limit);
  }
}

function readAddress(reader: WireReader, limit: number): Json {
  const end = reader.readEnd(limit);
  const json: Json = {};
  let seen = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    seen = markSeen(reader, seen, tag);
    if (tag === socketAddressTag) json["socketAddress"] = readSocketAddress(reader, end);
    else reader.skip(tag, lastAddressField, end);
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
    if (tag === addressTextTag) json["address"] = reader.readSetText(end);
    else if (tag === portValueTag) json["portValue"] = reader.readUint(end);
    else reader.skip(tag, lastSocketField, end);
  }
  return json;
}

import { HeaderMapSchema, HeaderValueSchema } from "../../gen/envoy/config/core/v3/base_pb.ts";
import { addHeader, type HeaderTable, setHeader } from "../../payload/header-table.ts";
import type { HeaderSelection } from "../../payload/payload-selection.ts";
import { lastFieldOf, mapEntryFields, tagOf, wireType } from "../wire-tags.ts";
import type { WireReader } from "./wire-reader.ts";

const entryKeyTag = (mapEntryFields.key << 3) | wireType.bytes;
const entryValueTag = (mapEntryFields.value << 3) | wireType.bytes;
const lastEntryField = Math.max(mapEntryFields.key, mapEntryFields.value);

const lineTag = tagOf(HeaderMapSchema.field.headers);
const lastMapField = lastFieldOf(HeaderMapSchema);

const keyTag = tagOf(HeaderValueSchema.field.key);
const valueTag = tagOf(HeaderValueSchema.field.value);
const rawValueTag = tagOf(HeaderValueSchema.field.rawValue);
const lastHeaderField = lastFieldOf(HeaderValueSchema);

/** Adds an entry of a `map<string, string>` to the table: an absent key or value is empty, a key again replaces. */
export function readEntry(reader: WireReader, limit: number, table: HeaderTable): void {
  const end = reader.readEnd(limit);
  let key = "";
  let value = "";
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === entryKeyTag) key = reader.readName(end);
    else if (tag === entryValueTag) value = reader.readText(end);
    else reader.skip(tag, lastEntryField, end);
  }
  setHeader(table, key, value);
}

/** Passes over an entry of a `map<string, string>`. */
export function skipEntry(reader: WireReader, limit: number): void {
  const end = reader.readEnd(limit);
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === entryKeyTag || tag === entryValueTag) reader.skipText(end);
    else reader.skip(tag, lastEntryField, end);
  }
}

/** Adds the entry if its name is one of those. A value in front of its name is not ordinary. */
export function readEntryOf(
  reader: WireReader,
  limit: number,
  { names, lengths }: HeaderSelection,
  table: HeaderTable,
): void {
  const end = reader.readEnd(limit);
  let key = "";
  let value = "";
  let hasPassed = false;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === entryKeyTag) {
      key = reader.readNameOf(end, lengths);
    } else if (tag !== entryValueTag) {
      reader.skip(tag, lastEntryField, end);
    } else if (names.has(key)) {
      value = reader.readText(end);
    } else {
      hasPassed = true;
      reader.skipText(end);
    }
  }
  if (!names.has(key)) return;
  if (hasPassed) reader.fail();
  setHeader(table, key, value);
}

/** Returns the headers of the `HeaderMap` that comes next, those of the selection or all; undefined when it has no line. */
export function readHeaderMap(
  reader: WireReader,
  limit: number,
  maxHeaders: number,
  selection: HeaderSelection | undefined,
): HeaderTable | undefined {
  const end = reader.readEnd(limit);
  const headers: HeaderTable = {};
  let count = 0;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === lineTag) {
      count++;
      readHeaderValue(reader, end, selection, headers);
    } else {
      reader.skip(tag, lastMapField, end);
    }
  }
  if (count > maxHeaders) reader.fail();
  return count === 0 ? undefined : headers;
}

/** Adds a line if its header is read. A value in front of its name is not ordinary where it might not be. */
function readHeaderValue(
  reader: WireReader,
  limit: number,
  selection: HeaderSelection | undefined,
  headers: HeaderTable,
): void {
  const end = reader.readEnd(limit);
  let key = "";
  let value = "";
  let rawValue = "";
  let isWanted = selection === undefined || selection.names.has(key);
  let hasPassed = false;
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === keyTag) {
      key = reader.readName(end).toLowerCase();
      isWanted = selection === undefined || selection.names.has(key);
    } else if (isWanted && tag === valueTag) {
      value = reader.readText(end);
    } else if (isWanted && tag === rawValueTag) {
      rawValue = reader.readSanitized(end);
    } else {
      hasPassed = true;
      skipHeaderField(reader, end, tag);
    }
  }
  if (!isWanted) return;
  if (hasPassed && selection !== undefined) reader.fail();
  addHeader(headers, key, rawValue === "" ? value : rawValue);
}

function skipHeaderField(reader: WireReader, limit: number, tag: number): void {
  switch (tag) {
    case valueTag:
      reader.skipText(limit);
      return;
    case rawValueTag:
      reader.skipBytes(limit);
      return;
    default:
      reader.skip(tag, lastHeaderField, limit);
  }
}

import { addHeader, type HeaderTable, setHeader } from "../../payload/header-table.ts";
import type { HeaderSelection } from "../../payload/payload-selection.ts";
import type { WireReader } from "./wire-reader.ts";

const KEY_TAG = 0x0a;
const VALUE_TAG = 0x12;
const LAST_ENTRY_FIELD = 2;

const HEADER_VALUE_TAG = 0x0a;
const RAW_VALUE_TAG = 0x1a;
const LAST_HEADER_FIELD = 3;

/** Adds an entry of a `map<string, string>` to the table: an absent key or value is empty, a key again replaces. */
export function readEntry(reader: WireReader, limit: number, table: HeaderTable): void {
  const end = reader.readEnd(limit);
  let key = "";
  let value = "";
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === KEY_TAG) key = reader.readName(end);
    else if (tag === VALUE_TAG) value = reader.readText(end);
    else reader.skip(tag, LAST_ENTRY_FIELD, end);
  }
  setHeader(table, key, value);
}

/** Passes over an entry of a `map<string, string>`. */
export function skipEntry(reader: WireReader, limit: number): void {
  const end = reader.readEnd(limit);
  while (reader.at < end) {
    const tag = reader.readTag(end);
    if (tag === KEY_TAG || tag === VALUE_TAG) reader.skipText(end);
    else reader.skip(tag, LAST_ENTRY_FIELD, end);
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
    if (tag === KEY_TAG) {
      key = reader.readNameOf(end, lengths);
    } else if (tag !== VALUE_TAG) {
      reader.skip(tag, LAST_ENTRY_FIELD, end);
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

/** The headers of the `HeaderMap` that comes next, those of the selection or all; undefined when it has no line. */
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
    if (tag === HEADER_VALUE_TAG) {
      count++;
      readHeaderValue(reader, end, selection, headers);
    } else {
      reader.skip(tag, 1, end);
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
    if (tag === KEY_TAG) {
      key = reader.readName(end).toLowerCase();
      isWanted = selection === undefined || selection.names.has(key);
    } else if (isWanted && tag === VALUE_TAG) {
      value = reader.readText(end);
    } else if (isWanted && tag === RAW_VALUE_TAG) {
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
    case VALUE_TAG:
      reader.skipText(limit);
      return;
    case RAW_VALUE_TAG:
      reader.skipBytes(limit);
      return;
    default:
      reader.skip(tag, LAST_HEADER_FIELD, limit);
  }
}

import {
  AttributeContext_HttpRequestSchema,
  AttributeContext_PeerSchema,
  AttributeContext_RequestSchema,
  AttributeContextSchema,
} from "../gen/envoy/service/auth/v3/attribute_context_pb.ts";
import { ownValue } from "../model/json.ts";
import type { PayloadPath, PayloadReads } from "../model/payload-reads.ts";

/**
 * The parts of a payload that are converted. In a number, bit `n` stands for field `n` of the protobuf message, and is
 * set when anything in it is read.
 */
export interface PayloadSelection {
  readonly attributes: number;
  readonly source: number;
  readonly destination: number;
  readonly request: number;
  /** `headers` stands for `header_map` too. */
  readonly http: number;
  /** The headers that are read; undefined when all are. */
  readonly headers: HeaderSelection | undefined;
  /** All of it by name. */
  readonly parts: Part;
}

/** Single headers. */
export interface HeaderSelection {
  readonly names: ReadonlySet<string>;
  /** 1 at the length of each name in UTF-8, as far as it goes: that tells most other names apart. */
  readonly lengths: Uint8Array;
}

/** A part that is read as a whole, or the members of it that are read. */
export type Part = "whole" | ReadonlyMap<string, Part>;

/** Objects whose members are converted each by itself, by name. */
interface Divisible {
  readonly [name: string]: Divisible;
}

const divisible: Divisible = {
  source: {},
  destination: {},
  request: { http: { headers: {} } },
};

/** Field numbers by the names that the fields have in the payload. */
type FieldNumbers = ReadonlyMap<string, number>;

const attributeFields = numbersOf(AttributeContextSchema);
const peerFields = numbersOf(AttributeContext_PeerSchema);
const requestFields = numbersOf(AttributeContext_RequestSchema);
const httpFields = numbersOf(AttributeContext_HttpRequestSchema);
const everyField = -1;

const maxLengths = 256;

const known = new WeakMap<PayloadReads, PayloadSelection>();

/** Returns what is to be converted for the reads: all of them, and nothing else that can be told apart. Kept for the list. */
export function selectionOf(reads: PayloadReads): PayloadSelection {
  let selection = known.get(reads);
  if (selection === undefined) {
    selection = createSelection(reads);
    known.set(reads, selection);
  }
  return selection;
}

function createSelection(reads: PayloadReads): PayloadSelection {
  const parts = buildParts(reads);
  const request = partOf(parts, "request");
  const http = partOf(request, "http");
  const headers = partOf(http, "headers");
  return {
    attributes: fieldsOf(parts, attributeFields),
    source: fieldsOf(partOf(parts, "source"), peerFields),
    destination: fieldsOf(partOf(parts, "destination"), peerFields),
    request: fieldsOf(request, requestFields),
    http: fieldsOf(http, httpFields),
    headers: headers === "whole" ? undefined : selectHeaders([...headers.keys()]),
    parts,
  };
}

function buildParts(reads: PayloadReads): Part {
  if (reads.some((path) => path.length === 0)) return "whole";
  const parts: MutableParts = new Map();
  for (const path of reads) addPath(parts, path);
  return parts;
}

type MutableParts = Map<string, "whole" | MutableParts>;

/** Adds the path up to where parts are no longer told apart. */
function addPath(payload: MutableParts, path: PayloadPath): void {
  let parts = payload;
  let members: Divisible | undefined = divisible;
  for (const [index, name] of path.entries()) {
    const inner: "whole" | MutableParts | undefined = parts.get(name);
    members = ownValue<Divisible>(members, name);
    if (inner === "whole") return;
    if (members === undefined || index === path.length - 1) {
      parts.set(name, "whole");
      return;
    }
    const next: MutableParts = inner ?? new Map();
    parts.set(name, next);
    parts = next;
  }
}

function partOf(part: Part, name: string): Part {
  return part === "whole" ? "whole" : (part.get(name) ?? new Map());
}

function fieldsOf(part: Part, numbers: FieldNumbers): number {
  if (part === "whole") return everyField;
  let fields = 0;
  for (const name of part.keys()) fields |= 1 << (numbers.get(name) ?? 0);
  return fields;
}

function numbersOf(schema: {
  readonly fields: readonly { readonly jsonName: string; readonly number: number }[];
}): FieldNumbers {
  return new Map(schema.fields.map(({ jsonName, number }) => [jsonName, number]));
}

function selectHeaders(names: readonly string[]): HeaderSelection {
  const lengths = new Uint8Array(maxLengths);
  for (const name of names) lengths[Buffer.byteLength(name)] = 1;
  // A name that is passed over reads as an empty one.
  if (names.includes("")) lengths.fill(1);
  return { names: new Set(names), lengths };
}

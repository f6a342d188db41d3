/** The head that all calls on a connection share beside their message. */
export interface CallHead {
  readonly authority: string;
  readonly path: string;
  /** Sent as `grpc-timeout`. */
  readonly timeoutMs: number;
}

/** The same header block three times (RFC 7541): which of them is due depends on what the server's table holds. */
export interface RequestBlocks {
  /** Of a connection's first call: puts its fields into the server's table, some 500 bytes. */
  readonly first: Buffer;
  /** Nothing but indexes into a table that holds what `first` has put there. */
  readonly indexed: Buffer;
  /** Without a table. */
  readonly plain: Buffer;
}

/** The change of the table's size that is due in front of a block once the server has made its table smaller. */
export const emptyTableUpdate: Buffer = Buffer.of(0x20);

/** A field: its index in the static table, or its name and value; a name may also stand in the static table. */
type Field = number | readonly [name: string | number, value: string];

/** Indexes of HPACK's static table (RFC 7541, Appendix A). */
const AUTHORITY = 1;
const METHOD_POST = 3;
const PATH = 4;
const SCHEME_HTTP = 6;
const CONTENT_TYPE = 31;
const STATIC_ENTRIES = 61;

const INDEXED = { pattern: 0x80, limit: 0x7f };
const LITERAL_KEPT = { pattern: 0x40, limit: 0x3f };
const LITERAL = { pattern: 0, limit: 0x0f };

/** Returns the header blocks of a gRPC call with the fields that Envoy sends. */
export function buildRequestBlocks({ authority, path, timeoutMs }: CallHead): RequestBlocks {
  const fields: readonly Field[] = [
    METHOD_POST,
    SCHEME_HTTP,
    [AUTHORITY, authority],
    [PATH, path],
    ["te", "trailers"],
    ["grpc-timeout", `${timeoutMs}m`],
    [CONTENT_TYPE, "application/grpc"],
    ["x-envoy-internal", "true"],
    ["x-forwarded-for", "10.42.3.12"],
  ];
  const kept = fields.filter((field) => typeof field !== "number");
  // The newest entry has the lowest index, and the last field is the newest.
  const indexOf = (field: Field): number =>
    typeof field === "number" ? field : STATIC_ENTRIES + kept.length - kept.indexOf(field);
  return {
    first: Buffer.concat(fields.map((field) => buildField(field, LITERAL_KEPT))),
    indexed: Buffer.concat(fields.map((field) => buildInteger(indexOf(field), INDEXED))),
    plain: Buffer.concat(fields.map((field) => buildField(field, LITERAL))),
  };
}

/** How a field begins: the bits of its kind, and the first value that the others cannot hold. */
type Prefix = typeof INDEXED;

function buildField(field: Field, literal: Prefix): Buffer {
  if (typeof field === "number") return buildInteger(field, INDEXED);
  const [name, value] = field;
  return typeof name === "number"
    ? Buffer.concat([buildInteger(name, literal), buildString(value)])
    : Buffer.concat([buildInteger(0, literal), buildString(name), buildString(value)]);
}

function buildString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([buildInteger(bytes.length, { pattern: 0, limit: 0x7f }), bytes]);
}

/** An integer behind a prefix (RFC 7541 section 5.1). */
function buildInteger(value: number, { pattern, limit }: Prefix): Buffer {
  if (value < limit) return Buffer.of(pattern | value);
  const bytes = [pattern | limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

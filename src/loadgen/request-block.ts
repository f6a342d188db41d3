/** What all calls on a connection say beside their message. */
export interface CallHead {
  readonly authority: string;
  readonly path: string;
  /** Sent as `grpc-timeout`. */
  readonly timeoutMs: number;
}

/** Indexes of HPACK's static table (RFC 7541, Appendix A). */
const AUTHORITY = 1;
const METHOD_POST = 3;
const PATH = 4;
const SCHEME_HTTP = 6;
const CONTENT_TYPE = 31;
const NO_NAME = 0;

/** The header block of a gRPC call, as Envoy sends it: literals that no table keeps, so the same for all connections. */
export function buildRequestBlock({ authority, path, timeoutMs }: CallHead): Buffer {
  return Buffer.concat([
    Buffer.of(0x80 | METHOD_POST, 0x80 | SCHEME_HTTP),
    buildLiteral(AUTHORITY, authority),
    buildLiteral(PATH, path),
    buildLiteral("te", "trailers"),
    buildLiteral("grpc-timeout", `${timeoutMs}m`),
    buildLiteral(CONTENT_TYPE, "application/grpc"),
    buildLiteral("x-envoy-internal", "true"),
    buildLiteral("x-forwarded-for", "10.42.3.12"),
  ]);
}

/** A literal field without indexing (RFC 7541 section 6.2.2), its name from the static table or spelt. */
function buildLiteral(name: number | string, value: string): Buffer {
  return typeof name === "number"
    ? Buffer.concat([buildInteger(name, 15), buildString(value)])
    : Buffer.concat([Buffer.of(NO_NAME), buildString(name), buildString(value)]);
}

function buildString(text: string): Buffer {
  return Buffer.concat([buildInteger(Buffer.byteLength(text), 127), Buffer.from(text)]);
}

/** An integer behind a prefix that holds values below `limit` (RFC 7541 section 5.1). */
function buildInteger(value: number, limit: number): Buffer {
  if (value < limit) return Buffer.of(value);
  const bytes = [limit];
  let rest = value - limit;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}

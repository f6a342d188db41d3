import { CheckResponseSchema } from "../gen/envoy/service/auth/v3/external_auth_pb.ts";
import { StatusSchema } from "../gen/google/rpc/status_pb.ts";

const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** Tags of `CheckResponse.status` and of `google.rpc.Status.code`. */
const STATUS_TAG = (CheckResponseSchema.field.status.number << 3) | LENGTH_DELIMITED;
const CODE_TAG = (StatusSchema.field.code.number << 3) | VARINT;

/**
 * Returns whether a `CheckResponse` lets the request pass, as Envoy reads it: `status.code` is 0. Undefined for bytes that are
 * no `CheckResponse`. Reads no more than it needs, so that the client stays cheap.
 */
export function readVerdict(message: Uint8Array): boolean | undefined {
  const reader = new FieldReader(message, 0, message.length);
  let code = 0;
  while (reader.next()) {
    if (reader.tag !== STATUS_TAG) continue;
    const status = new FieldReader(message, reader.start, reader.end);
    while (status.next()) if (status.tag === CODE_TAG) code = status.value;
    if (status.broken) return undefined;
  }
  return reader.broken ? undefined : code === 0;
}

/** Walks over the fields of one protobuf message. */
class FieldReader {
  /** Of the field it stands on: number and wire type, value if it is a varint, and where its bytes are. */
  tag = 0;
  value = 0;
  start = 0;
  end: number;
  broken = false;
  readonly #bytes: Uint8Array;
  readonly #limit: number;

  constructor(bytes: Uint8Array, start: number, limit: number) {
    this.#bytes = bytes;
    this.end = start;
    this.#limit = limit;
  }

  /** Goes to the next field; false at the end, or where the bytes break off or make no sense. */
  next(): boolean {
    if (this.end >= this.#limit) return false;
    this.start = this.end;
    this.tag = this.#readVarint();
    switch (this.tag & 7) {
      case VARINT:
        this.value = this.#readVarint();
        this.end = this.start;
        break;
      case LENGTH_DELIMITED:
        this.end = this.#readVarint() + this.start;
        break;
      case FIXED64:
        this.end = this.start + 8;
        break;
      case FIXED32:
        this.end = this.start + 4;
        break;
      default:
        this.broken = true;
    }
    if (this.end > this.#limit) this.broken = true;
    return !this.broken;
  }

  #readVarint(): number {
    let value = 0;
    for (let scale = 1; this.start < this.#limit && scale < 2 ** 70; scale *= 128) {
      const byte = this.#bytes[this.start++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    this.broken = true;
    return 0;
  }
}

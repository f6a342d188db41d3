import { gunzipSync } from "node:zlib";
import { unitsATurn } from "../http2/frame-reader.ts";

/** The outcome of inflating a message: its bytes; or they are more than allowed, or it is not gzip. */
export type Inflated = Buffer | "too-large" | "broken";

/** The shortest gzip file: a head of 10 bytes, an empty block, and a trailer of 8 (RFC 1952 section 2.3). */
const MIN_GZIP_BYTES = 20;
/** The length, modulo 2^32, at the end of a gzip file (RFC 1952 section 2.3.1). */
const ISIZE_BYTES = 4;

/** Returns the bytes of a gzip-compressed message. Never unpacks more than one byte over the limit. */
export function inflateMessage(message: Uint8Array, maxBytes: number): Inflated {
  try {
    // zlib does not take 0.
    const bytes = gunzipSync(message, { maxOutputLength: Math.max(1, maxBytes) });
    return bytes.length > maxBytes ? "too-large" : bytes;
  } catch (error) {
    const isTooLarge = error instanceof RangeError && Object.hasOwn(error, "code");
    return isTooLarge ? "too-large" : "broken";
  }
}

/** Inflates; see {@link inflateMessage}; `"long"` when the message has more bytes than a turn of the event loop may unpack. */
export function inflateWithinTurn(message: Uint8Array, maxBytes: number): Inflated | "long" {
  if (maxBytes <= unitsATurn) return inflateMessage(message, maxBytes);
  if (announcedBytes(message) > unitsATurn) return "long";
  const inflated = inflateMessage(message, unitsATurn);
  return inflated === "too-large" ? "long" : inflated;
}

/** How long the message says it is, which need not be true; 0 when it says nothing. */
function announcedBytes(message: Uint8Array): number {
  const { buffer, byteOffset, length } = message;
  return length < MIN_GZIP_BYTES
    ? 0
    : new DataView(buffer, byteOffset, length).getUint32(length - ISIZE_BYTES, true);
}

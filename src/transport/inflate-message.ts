import { gunzipSync } from "node:zlib";

/**
 * The bytes of a gzip-compressed message; `"too-large"` when they are more than allowed, `"broken"` when it is not gzip.
 * Never unpacks more than one byte over the limit.
 */
export function inflateMessage(
  message: Uint8Array,
  maxBytes: number,
): Uint8Array | "too-large" | "broken" {
  try {
    // zlib does not take 0.
    const bytes = gunzipSync(message, { maxOutputLength: Math.max(1, maxBytes) });
    return bytes.length > maxBytes ? "too-large" : bytes;
  } catch (error) {
    const isTooLarge = error instanceof RangeError && Object.hasOwn(error, "code");
    return isTooLarge ? "too-large" : "broken";
  }
}

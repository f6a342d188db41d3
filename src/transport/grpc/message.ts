const maxCharacters = 1_000;
const PERCENT = 0x25;

/**
 * Returns the value of `grpc-message` for a text: UTF-8, with everything but printable ASCII percent-encoded (gRPC over HTTP/2,
 * "Responses"). A text of more than 1,000 UTF-16 units is cut, so that it fits into one frame.
 */
export function encodeGrpcMessage(text: string): string {
  let encoded = "";
  for (const byte of Buffer.from(text.slice(0, maxCharacters), "utf8")) {
    encoded +=
      byte >= 0x20 && byte <= 0x7e && byte !== PERCENT
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return encoded;
}

/**
 * Text from bytes that need not be UTF-8, as Envoy makes it for `headers`, `path` and `body`.
 */

import { isAscii } from "node:buffer";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the bytes as text; each byte that is not part of well-formed UTF-8 becomes `!`, as in Envoy. */
export function sanitizeText(bytes: Uint8Array): string {
  if (isAscii(bytes)) return bufferOf(bytes).toString("latin1");
  return decodeText(bytes) ?? replaceBroken(bytes);
}

/** Returns the bytes as text, or undefined when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Returns the bytes in base64, standard alphabet, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("base64");
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function replaceBroken(bytes: Uint8Array): string {
  const output = Buffer.from(bytes);
  let index = 0;
  while (index < output.length) {
    const length = sequenceLength(output, index);
    if (length === 0) output[index] = 0x21;
    index += Math.max(length, 1);
  }
  return output.toString("utf8");
}

/** How many bytes the character at the index has (Unicode, table 3-7), or 0 when it is not well formed. */
function sequenceLength(bytes: Uint8Array, index: number): number {
  const lead = byteAt(bytes, index);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  const second = byteAt(bytes, index + 1);
  if (second < lowestSecond(lead) || second > highestSecond(lead)) return 0;
  for (let offset = 2; offset < length; offset++) {
    const next = byteAt(bytes, index + offset);
    if (next < 0x80 || next > 0xbf) return 0;
  }
  return length;
}

function lowestSecond(lead: number): number {
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

function highestSecond(lead: number): number {
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

/** The byte, or 0 past the end: 0 never continues a sequence. */
function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}

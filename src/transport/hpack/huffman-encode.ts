import { huffmanCodes, huffmanLengths } from "./huffman-code.ts";

/** Returns how many bytes the text takes in Huffman code (RFC 7541 section 5.2). */
export function huffmanLength(text: string): number {
  let bits = 0;
  for (let index = 0; index < text.length; index++) {
    bits += huffmanLengths[text.charCodeAt(index) & 0xff] ?? 0;
  }
  return Math.ceil(bits / 8);
}

/** Returns the text, one character a byte, in Huffman code; the last byte is filled up with ones. */
export function encodeHuffman(text: string): Uint8Array {
  const bytes = new Uint8Array(huffmanLength(text));
  let at = 0;
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0; index < text.length; index++) {
    const symbol = text.charCodeAt(index) & 0xff;
    const length = huffmanLengths[symbol] ?? 0;
    // At most 7 + 30 bits: more than a bitwise operator takes.
    pending = pending * 2 ** length + (huffmanCodes[symbol] ?? 0);
    pendingBits += length;
    while (pendingBits >= 8) {
      pendingBits -= 8;
      const scale = 2 ** pendingBits;
      bytes[at++] = Math.floor(pending / scale);
      pending %= scale;
    }
  }
  if (pendingBits > 0) bytes[at] = (pending << (8 - pendingBits)) | (0xff >> pendingBits);
  return bytes;
}

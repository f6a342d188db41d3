/** The symbol that ends a string; no encoder may send it (RFC 7541 section 5.2). */
export const HUFFMAN_EOS = 256;

/** Length in bits of each symbol's code, {@link HUFFMAN_EOS} included (RFC 7541, Appendix B). */
// biome-ignore format: sixteen to a row
export const huffmanLengths: Uint8Array = Uint8Array.of(
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
  28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
  5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
  7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
  6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
  24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
  21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
  19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
  26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
);

/** Each symbol's code, right-aligned. */
export const huffmanCodes: Uint32Array = assignCodes();

/** The code is canonical: codes of one length are consecutive in the order of symbols, shorter ones come first. */
function assignCodes(): Uint32Array {
  const codes = new Uint32Array(huffmanLengths.length);
  let code = 0;
  for (let length = 1; length <= 30; length++) {
    for (const [symbol, symbolLength] of huffmanLengths.entries()) {
      if (symbolLength === length) {
        codes[symbol] = code;
        code++;
      }
    }
    code *= 2;
  }
  return codes;
}

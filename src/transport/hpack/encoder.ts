import { encodeHuffman, huffmanLength } from "./huffman-encode.ts";
import { staticTable } from "./static-table.ts";

/** A header: name in lower case and value, one character a byte (latin1). */
export type HeaderEntry = readonly [name: string, value: string];

const exactIndexes: ReadonlyMap<string, number> = new Map(
  staticTable.map(([name, value], index) => [`${name}\0${value}`, index + 1]),
);
/** The lowest index of each name. */
const nameIndexes: ReadonlyMap<string, number> = new Map(
  staticTable.map(([name], index): [string, number] => [name, index + 1]).toReversed(),
);

/**
 * Returns the header block of the entries (RFC 7541). It neither reads nor changes a dynamic table, so that it may be encoded once
 * and sent on any connection.
 */
export function encodeHeaders(entries: readonly HeaderEntry[]): Uint8Array {
  return Buffer.concat(entries.map(encodeEntry));
}

function encodeEntry([name, value]: HeaderEntry): Uint8Array {
  const exactIndex = exactIndexes.get(`${name}\0${value}`);
  if (exactIndex !== undefined) return encodeInteger(exactIndex, 0x80, 0x7f);
  const nameIndex = nameIndexes.get(name) ?? 0;
  const head = encodeInteger(nameIndex, 0, 0x0f);
  return Buffer.concat(
    nameIndex === 0 ? [head, encodeString(name), encodeString(value)] : [head, encodeString(value)],
  );
}

/** In Huffman code where that is shorter (RFC 7541 section 5.2). */
function encodeString(text: string): Uint8Array {
  return huffmanLength(text) < text.length
    ? Buffer.concat([encodeInteger(huffmanLength(text), 0x80, 0x7f), encodeHuffman(text)])
    : Buffer.concat([encodeInteger(text.length, 0, 0x7f), Buffer.from(text, "latin1")]);
}

/** An integer behind the bits of a pattern, its prefix as wide as the mask (RFC 7541 section 5.1). */
function encodeInteger(value: number, pattern: number, mask: number): Uint8Array {
  if (value < mask) return Uint8Array.of(pattern | value);
  const bytes = [pattern | mask];
  let rest = value - mask;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Uint8Array.of(...bytes, rest);
}

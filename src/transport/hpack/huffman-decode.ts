import { HUFFMAN_EOS, huffmanCodes, huffmanLengths } from "./huffman-code.ts";

/**
 * One row of 16 entries for each inner node of the code's tree: what four more bits lead to. An entry holds the next
 * node (bits 0 to 7), a symbol (bits 8 to 15), and the flags below.
 */
const emits = 0x1_0000;
/** The bits end here or in padding: fewer than 8 bits, all ones. */
const accepts = 0x2_0000;
/** The bits spell EOS. */
const fails = 0x4_0000;

/** No code is shorter than 5 bits, none longer than 30, and at most 7 bits are padding. */
const SHORTEST_CODE_BITS = 5;
const LONGEST_CODE_BITS = 30;
const MAX_PADDING_BITS = 7;

const transitions: Int32Array = compileTransitions();

/** Returns the most bytes that decoding so many bytes can give. */
export function maxDecodedLength(encodedLength: number): number {
  return Math.floor((encodedLength * 8) / SHORTEST_CODE_BITS);
}

/** Returns the fewest bytes that so many bytes of good code can give. */
export function minDecodedLength(encodedLength: number): number {
  return Math.ceil((encodedLength * 8 - MAX_PADDING_BITS) / LONGEST_CODE_BITS);
}

/**
 * Writes the text behind the Huffman code at `[start, end)` to the target, which has room for
 * {@link maxDecodedLength}, and gives its length; or -1 when the code is broken: EOS inside, padding that is longer than
 * 7 bits or not all ones (RFC 7541 section 5.2).
 */
export function decodeHuffman(
  block: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
): number {
  let length = 0;
  let entry = accepts;
  for (let index = start; index < end; index++) {
    const byte = block[index] ?? 0;
    entry = transitions[((entry & 0xff) << 4) | (byte >> 4)] ?? fails;
    if (entry >= emits) {
      if ((entry & fails) !== 0) return -1;
      if ((entry & emits) !== 0) target[length++] = entry >> 8;
    }
    entry = transitions[((entry & 0xff) << 4) | (byte & 15)] ?? fails;
    if (entry >= emits) {
      if ((entry & fails) !== 0) return -1;
      if ((entry & emits) !== 0) target[length++] = entry >> 8;
    }
  }
  return (entry & accepts) === 0 ? -1 : length;
}

function compileTransitions(): Int32Array {
  const tree = buildTree();
  const accepting = findAccepting(tree);
  const table = new Int32Array((tree.length / 2) * 16);
  for (let node = 0; node < tree.length / 2; node++) {
    for (let bits = 0; bits < 16; bits++) {
      table[node * 16 + bits] = walk(tree, accepting, node, bits);
    }
  }
  return table;
}

/** The code's tree: the pair at `2 * node` holds the children by bit, an inner node by number or a leaf as `-1 - symbol`. */
function buildTree(): readonly number[] {
  const tree = [0, 0];
  for (const [symbol, length] of huffmanLengths.entries()) {
    const code = huffmanCodes[symbol] ?? 0;
    let node = 0;
    for (let shift = length - 1; shift > 0; shift--) {
      const slot = node * 2 + ((code >>> shift) & 1);
      const child = tree[slot] ?? 0;
      if (child === 0) {
        node = tree.length / 2;
        tree[slot] = node;
        tree.push(0, 0);
      } else {
        node = child;
      }
    }
    tree[node * 2 + (code & 1)] = -1 - symbol;
  }
  return tree;
}

/** The nodes at which a string may end: the root, and up to seven ones below it. */
function findAccepting(tree: readonly number[]): ReadonlySet<number> {
  const accepting = new Set([0]);
  let node = 0;
  for (let ones = 1; ones <= 7; ones++) {
    node = tree[node * 2 + 1] ?? 0;
    accepting.add(node);
  }
  return accepting;
}

function walk(
  tree: readonly number[],
  accepting: ReadonlySet<number>,
  from: number,
  bits: number,
): number {
  let node = from;
  let entry = 0;
  for (let shift = 3; shift >= 0; shift--) {
    const child = tree[node * 2 + ((bits >> shift) & 1)] ?? 0;
    if (child >= 0) {
      node = child;
      continue;
    }
    const symbol = -1 - child;
    if (symbol === HUFFMAN_EOS) return fails;
    entry = emits | (symbol << 8);
    node = 0;
  }
  return entry | node | (accepting.has(node) ? accepts : 0);
}

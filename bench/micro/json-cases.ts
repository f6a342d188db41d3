import { wholeJson } from "../../src/json/json-selection.ts";
import { parseOwnJson } from "../../src/json/parse-json.ts";
import { type JsonReading, readJson } from "../../src/json/read-json.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

const whole: JsonReading = { maxDepth: 200, halfPairs: "replaced" };
const quantities: JsonReading = {
  ...whole,
  selection: pick("items", {
    isWhole: false,
    members: new Map(),
    each: pick("quantity", wholeJson),
  }),
};

/** Returns JSON read as bodies, tokens and messages between threads are. */
export function jsonCases(): MicroCase[] {
  const items = fill((index) => ({ sku: `book-${index}`, quantity: 1 + (index % 9) }));
  const lines = fill((index) => `line ${index}\n\t"quoted" \\ `);
  const kinds = fill((index) => ({ [`k${index}`]: 1 }));
  const request = JSON.stringify({
    method: "GET",
    headers: Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`x-header-${i}`, `v${i}`])),
  });
  const ways: readonly { name: string; read: (text: string) => unknown }[] = [
    { name: "JSON.parse", read: (text) => JSON.parse(text) },
    { name: "ours", read: (text) => readJson(text, whole) },
    { name: "ours, strictly", read: (text) => readJson(text, { ...whole, isStrict: true }) },
    { name: "ours, a member of each", read: (text) => readJson(text, quantities) },
    { name: "as between threads", read: (text) => parseOwnJson(text) },
  ];
  const texts = { items, "lines with escapes": lines, "other keys each": kinds, "0.4 KB": request };
  return Object.entries(texts).flatMap(([what, text]) =>
    ways.map(({ name: way, read }): MicroCase => {
      const name = `json: ${what}, ${way}`;
      return {
        name,
        operations: 1,
        run: () => expectSame(name, typeof read(text), "object"),
      };
    }),
  );
}

/** 16 KiB of such elements. */
function fill(element: (index: number) => JsonValue): string {
  const items: JsonValue[] = [];
  let length = 0;
  for (let index = 0; length < 16_384; index++) {
    const item = element(index);
    items.push(item);
    length += JSON.stringify(item).length + 1;
  }
  return JSON.stringify({ id: 1, items });
}

function pick(name: string, below: typeof wholeJson): typeof wholeJson {
  return { isWhole: false, members: new Map([[name, below]]), each: undefined };
}

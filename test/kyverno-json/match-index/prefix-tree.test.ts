import assert from "node:assert/strict";
import { test } from "node:test";
import { PrefixTree } from "../../../src/kyverno-json/match-index/prefix-tree.ts";

const prefixes = ["/b", "/a", "/a/b/c", "/a/b", "", "x", "/a/b/d", "/a/é", "😀", "/ax"];
const tree = new PrefixTree<string>();
for (const prefix of prefixes) tree.set(prefix, prefix);

const cases = [
  { text: "", want: [""] },
  { text: "/", want: [""] },
  { text: "/a", want: ["", "/a"] },
  { text: "/a/", want: ["", "/a"] },
  { text: "/a/b/", want: ["", "/a", "/a/b"] },
  { text: "/a/b/c/d", want: ["", "/a", "/a/b", "/a/b/c"] },
  { text: "/a/b/e", want: ["", "/a", "/a/b"] },
  { text: "/A/b", want: [""] },
  { text: "/axe", want: ["", "/a", "/ax"] },
  { text: "/bc", want: ["", "/b"] },
  { text: "/a/é", want: ["", "/a", "/a/é"] },
  { text: "😀!", want: ["", "😀"] },
  { text: "\ud83d", want: [""] },
  { text: "y", want: [""] },
];

for (const { text, want } of cases) {
  test(`the prefixes of ${JSON.stringify(text)}, the shortest first`, () => {
    const found: string[] = [];
    tree.forEachPrefixOf(text, (prefix) => found.push(prefix));
    assert.deepEqual(found, want);
  });
}

test("all items, each once", () => {
  const found: string[] = [];
  tree.forEach((prefix) => found.push(prefix));
  assert.deepEqual(found.toSorted(), prefixes.toSorted());
});

test("a later item takes an earlier one's place", () => {
  const numbers = new PrefixTree<number>();
  numbers.set("ab", 1);
  numbers.set("a", 2);
  numbers.set("ab", 3);
  const found: number[] = [];
  numbers.forEachPrefixOf("abc", (item) => found.push(item));
  assert.deepEqual(found, [2, 3]);
});

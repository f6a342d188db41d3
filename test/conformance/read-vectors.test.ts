import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { findVectorFiles } from "./find-vectors.ts";
import { isVectorFile, readVectorFile } from "./read-vectors.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-vectors-"));
after(() => {
  rmSync(folder, { recursive: true });
});

/** Two objects of one shape, the second with an escaped key: the engine's own parser takes it for the first's. */
const escapedKeys = String.raw`{"h":{"x":1,"adm\\u":1},"b":{"x":1,"adm\u0069n":true}}`;
const line = `{"id":"a","kind":"expr","expression":"@","input":${escapedKeys},"expect":{"value":null}}`;

test("plain and compressed files hold the same vectors, and escaped keys are read as they are", () => {
  const plain = join(folder, "some.jsonl");
  const compressed = join(folder, "some.jsonl.gz");
  writeFileSync(plain, `${line}\n\n${line}\n`);
  writeFileSync(compressed, gzipSync(`${line}\n${line}\n`));
  assert.deepEqual(findVectorFiles(folder), [plain, compressed]);
  assert.deepEqual(readVectorFile(plain), readVectorFile(compressed));
  const { name, vectors } = readVectorFile(compressed);
  assert.equal(name, "some");
  assert.equal(vectors.length, 2);
  const [vector] = vectors;
  assert.ok(vector?.kind === "expr");
  assert.deepEqual(vector.input, { h: { x: 1, "adm\\u": 1 }, b: { x: 1, admin: true } });
});

test("only .jsonl and .jsonl.gz are vector files", () => {
  assert.deepEqual(
    ["a.jsonl", "a.jsonl.gz", "a.json", "a.gz", "a.jsonl.gz.bak"].filter(isVectorFile),
    ["a.jsonl", "a.jsonl.gz"],
  );
});

test("what is no vector is refused with its line", () => {
  const path = join(folder, "bad.jsonl");
  writeFileSync(path, `${line}\n{"id":"b","kind":"other"}\n`);
  assert.throws(() => readVectorFile(path), /bad\.jsonl:2: no vector of a known kind/);
});

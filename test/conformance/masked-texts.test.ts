import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { createEngine } from "./engine.ts";
import { ownFolder } from "./find-vectors.ts";
import { readVectorFile } from "./read-vectors.ts";
import { snapshotOf } from "./run-policy.ts";

const original = createEngine("planned", "original");
const masked = createEngine("planned", "masked");
const mask = "***";

/** Whether the text is the other with parts masked, errors' own words and whole failed placeholders aside. */
function isMaskOf(text: string, whole: string): boolean {
  let at = 0;
  for (const piece of text.split(mask)) {
    at = whole.indexOf(piece, at);
    if (at < 0) return false;
    at += piece.length;
  }
  return true;
}

test("what clients are shown is the original's text with parts masked, and the verdict is the same", () => {
  const counts = { same: 0, masked: 0, reworded: 0 };
  const { vectors } = readVectorFile(join(ownFolder, "policy-render.jsonl"));
  for (const vector of vectors) {
    if (vector.kind !== "policy" || vector.policies === undefined) continue;
    const [wanted, got] = [original, masked].map((engine) => {
      const { policySet } = engine.load(snapshotOf(vector.policies ?? ""));
      return policySet?.decide({ payload: vector.input, sizeBytes: 0 });
    });
    if (wanted === undefined || got === undefined) {
      assert.equal(wanted, got);
      continue;
    }
    assert.deepEqual({ ...got, body: "" }, { ...wanted, body: "" }, vector.id);
    if (got.body === wanted.body) counts.same += 1;
    else if (isMaskOf(got.body, wanted.body)) counts.masked += 1;
    else counts.reworded += 1;
  }
  assert.ok(Math.min(counts.same, counts.masked, counts.reworded) >= 30, JSON.stringify(counts));
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { formatJson } from "../../src/go-values/json-text.ts";
import { firstFault } from "../../src/model/yaml-fault.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";

/** What sigs.k8s.io/yaml v1.4.0 made of texts put together at random from YAML's indicators and words. */
interface GoAnswer {
  readonly text: string;
  readonly json?: string;
  /** Its strict reading refuses a repeated key. */
  readonly duplicate?: true;
  readonly error?: string;
}

const path = new URL("go-answers.jsonl.gz", import.meta.url);
const answers: readonly GoAnswer[] = gunzipSync(readFileSync(path))
  .toString()
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line));

test("random texts are read and refused as the Go library does", () => {
  const counts = { read: 0, refused: 0, otherTexts: 0 };
  for (const { text, json, error, duplicate = false } of answers) {
    const name = JSON.stringify(text);
    const { value, faults } = parseYaml(text, { uniqueKeys: false, wholeText: false });
    const fault = firstFault(faults);
    if (json === undefined) {
      counts.refused += 1;
      assert.ok(fault !== undefined, `${name}: ${JSON.stringify(value)} in place of ${error}`);
      // Which of two faults of one text is told first is not held to.
      if (fault.originalText() !== error) counts.otherTexts += 1;
      continue;
    }
    counts.read += 1;
    assert.equal(fault?.originalText(), undefined, name);
    assert.equal(formatJson(value), json, name);
    const strict = firstFault(parseYaml(text, { wholeText: false }).faults);
    assert.equal(strict?.stage === "duplicate", duplicate, name);
  }
  assert.ok(counts.read > 1_000 && counts.refused > 500, JSON.stringify(counts));
  assert.ok(counts.otherTexts < counts.refused / 100, JSON.stringify(counts));
});

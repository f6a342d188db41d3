import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { expectedDifferences } from "../conformance/expected-differences.ts";

const page = ["compatibility.md", "cel-policies.md"]
  .map((name) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"))
  .join("\n");

/** The reason without its pronoun: `it allows …` stands in the table as `**allows …**`. */
function topic(reason: string): string {
  return reason.replace(/^it /, "");
}

test("the documentation gives every reason for which an answer may differ", () => {
  const reasons = new Set(expectedDifferences.map(({ reason }) => topic(reason)));
  assert.ok(reasons.size > 0);
  const missing = [...reasons].filter((reason) => !page.includes(`**${reason}**`));
  assert.deepEqual(missing, []);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { childScope, rootScope } from "../../src/jmespath/compile/scope.ts";
import { buildDocument } from "../../src/kyverno-json/document/build-document.ts";
import { createMatchAnalyzer } from "../../src/kyverno-json/match-index/analyze-match.ts";
import { createRuleIndexSteps } from "../../src/kyverno-json/match-index/rule-index.ts";
import { createExpressionCompiler } from "../../src/kyverno-json/rules/shared-expressions.ts";
import { isJsonObject } from "../../src/model/json.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";
import { createEngine } from "../conformance/engine.ts";
import { parsedRule } from "../kyverno-json/parsed.ts";
import { cellOf, readBlocks, type TableRow } from "./read-examples.ts";

const guide = readFileSync(new URL("../../docs/policy-language.md", import.meta.url), "utf8");
const blocks = readBlocks(guide);
const { functions, createBudget } = createEngine();
const payload = JSON.parse(
  blocks.flatMap((block) =>
    block.kind === "fence" && block.info === "json payload" ? [block.text] : [],
  )[0] ?? "",
);

function rowsOf(header: string): readonly TableRow[] {
  return blocks.flatMap((block) =>
    block.kind === "table" && block.header.includes(header) ? block.rows : [],
  );
}

/** The places of the rules with these trees that are evaluated for the guide's payload. */
function select(trees: readonly string[]): readonly number[] {
  const rules = trees.map((tree) => `{ name: r, match: { any: [${tree}] }, assert: {} }`);
  const { value, faults } = parseYaml(`{ spec: { rules: [${rules.join(", ")}] } }`);
  assert.deepEqual(faults, []);
  assert.ok(isJsonObject(value));
  const { limits } = createBudget();
  const analyze = createMatchAnalyzer(
    functions,
    limits,
    createExpressionCompiler(functions, limits),
  );
  const document = buildDocument(value, {
    file: "p.yaml",
    fileText: "",
    locate: () => ({ line: 1, column: 1 }),
  });
  const index = finishSteps(
    createRuleIndexSteps(document.rules.map((rule) => analyze(parsedRule(rule)))),
  );
  return index(payload, childScope(rootScope(createBudget()), "payload", payload));
}

suite("the guide says which matches are indexed", () => {
  const rows = rowsOf("indexed tree");
  assert.ok(rows.length > 0);
  for (const row of rows) {
    const tree = cellOf(row, "indexed tree");
    test(`line ${row.line}: ${tree}`, () => {
      const part = cellOf(row, "distinguished by");
      const others = ["one", "two", "three"].map((other) => tree.replaceAll(part, other));
      assert.deepEqual(select([tree, ...others]), [0]);
    });
  }
});

suite("and which are not", () => {
  const rows = rowsOf("tree that is not indexed");
  assert.ok(rows.length > 0);
  for (const row of rows) {
    const tree = cellOf(row, "tree that is not indexed");
    test(`line ${row.line}: ${tree}`, () => {
      assert.deepEqual(select([tree, tree, tree, tree]), [0, 1, 2, 3]);
    });
  }
});

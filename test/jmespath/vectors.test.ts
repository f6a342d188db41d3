import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { coreFunctions } from "../../src/jmespath/functions/core-functions.ts";
import { createFunctionTable } from "../../src/jmespath/functions/function-table.ts";
import { findVectorFiles, testedPaths } from "../conformance/find-vectors.ts";
import { readVectorFile } from "../conformance/read-vectors.ts";
import { judgeExpression } from "../conformance/run-expression.ts";
import type { ExpressionVector } from "../conformance/vector.ts";

const table = createFunctionTable(coreFunctions);

/** Answers that differ on purpose: `sort_by` reordered its input, and the order of keys was random. */
const exceptions = new Set(["s6/C23", "gram/1032"]);

/** Functions of the policy engine, which are not part of the language. */
const policyFunctions =
  /\b(?:items|replace|split|sum|trim|at|concat|json_parse|wildcard|compare|equal_fold|replace_all|to_upper|to_lower|trim_prefix|truncate|base64_\w+|path_canonicalize|parse_\w+|lookup|object_from_lists|label_match|random|add|subtract|multiply|divide|modulo|round|time_\w+|pattern_match|regex_\w+|semver_compare|x509_decode|jwt_decode|to_boolean)"?\s*\)*\s*\(/;

function coreVectors(file: string): readonly ExpressionVector[] {
  return readVectorFile(file)
    .vectors.filter((vector) => vector.kind === "expr")
    .filter(({ id, expression }) => !exceptions.has(id) && !policyFunctions.test(expression));
}

const files = testedPaths()
  .flatMap((path) => findVectorFiles(path) ?? [])
  .filter((file) => basename(file).startsWith("expr-"));

test("the Go engine's answers hold for all that needs no policy function", async (t) => {
  assert.ok(files.length > 0);
  for (const file of files) {
    await t.test(basename(file), () => {
      const findings = coreVectors(file)
        .map((vector) => ({ vector, judgement: judgeExpression(vector, table) }))
        .filter(({ judgement }) => !judgement.agrees || judgement.textsEqual === false)
        .map(({ vector, judgement }) => `${vector.id} ${vector.expression}: ${judgement.got}`);
      assert.deepEqual(findings, []);
    });
  }
});

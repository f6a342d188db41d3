import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Value } from "../../src/go-values/value.ts";
import { parseExpression } from "../../src/jmespath/syntax/parse-expression.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { findVectorFiles, testedPaths } from "../conformance/find-vectors.ts";
import { parseGoValue } from "../conformance/go-values.ts";
import { readVectorFile } from "../conformance/read-vectors.ts";
import { expressionOf, expressionPieces } from "./arbitrary-expression.ts";
import { anyText, damagedText, textOfPieces } from "./arbitrary-text.ts";
import { jsonDocument, variables } from "./arbitrary-value.ts";
import { evaluateBoth } from "./compare-with-reference.ts";
import { allFunctions } from "./engine-table.ts";
import { ownExpressions } from "./own-vectors.ts";
import { inTime, runProperty } from "./run-property.ts";

const wildText = fc.oneof(
  anyText,
  textOfPieces(expressionPieces, 30),
  damagedText(ownExpressions(), expressionPieces),
);
const generated = expressionOf([...allFunctions.values()]);

test("any text parses to a tree or to a syntax error that is somewhere in it", () => {
  runProperty(
    fc.property(wildText, (text) => {
      const parsed = inTime(() => parseExpression(text));
      if (isEvaluationError(parsed)) {
        assert.match(parsed.code, /^EVALUATION_(?:SYNTAX|DEPTH_LIMIT)$/);
        assert.ok(parsed.offset >= 0 && parsed.offset <= text.length, `offset ${parsed.offset}`);
      } else {
        assert.ok(parsed.height <= 200 && parsed.size >= parsed.height, "measures");
      }
    }),
    6_000,
  );
});

test("wild expressions give what the reference interpreter gives", () => {
  runProperty(
    fc.property(wildText, jsonDocument, variables, (text, current, bound) => {
      const { compiled, reference, isLimited } = inTime(() => evaluateBoth(text, current, bound));
      if (!isLimited) assert.deepEqual(compiled, reference);
    }),
    2_000,
  );
});

test("generated expressions give what the reference interpreter gives", () => {
  runProperty(
    fc.property(generated, jsonDocument, variables, (text, current, bound) => {
      const { compiled, reference, isLimited } = inTime(() => evaluateBoth(text, current, bound));
      if (!isLimited) assert.deepEqual(compiled, reference);
    }),
    4_000,
  );
});

test("generated expressions are mostly good ones, and seldom reach a limit", () => {
  const counts = { good: 0, value: 0, limited: 0 };
  const runs = 1_000;
  for (const [text, current, bound] of fc.sample(fc.tuple(generated, jsonDocument, variables), {
    numRuns: runs,
    seed: 1,
  })) {
    if (!isEvaluationError(parseExpression(text))) counts.good += 1;
    const { compiled, isLimited } = evaluateBoth(text, current, bound);
    if (isLimited) counts.limited += 1;
    if (!isEvaluationError(compiled) && compiled !== null) counts.value += 1;
  }
  const shares = JSON.stringify(counts);
  assert.ok(counts.good > 0.7 * runs, shares);
  assert.ok(counts.value > 0.2 * runs, shares);
  assert.ok(counts.limited < 0.05 * runs, shares);
});

test("the expressions of all vectors give what the reference interpreter gives", async (t) => {
  const files = testedPaths()
    .flatMap((path) => findVectorFiles(path) ?? [])
    .filter((path) => basename(path).startsWith("expr-"));
  assert.ok(files.length > 0);
  for (const file of files) {
    await t.test(basename(file), () => {
      for (const vector of readVectorFile(file).vectors) {
        assert.ok(vector.kind === "expr");
        const bound = new Map<string, Value>(
          Object.entries(vector.bindings ?? {}).map(([name, value]) => [
            name.slice(1),
            parseGoValue(value),
          ]),
        );
        const both = evaluateBoth(vector.expression, parseGoValue(vector.input), bound);
        assert.equal(both.isLimited, false, vector.id);
        assert.deepEqual(both.compiled, both.reference, `${vector.id} ${vector.expression}`);
      }
    });
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultEvaluationLimits, defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicyGroup, PolicyLanguage } from "../../src/model/policy-language.ts";
import type { Position } from "../../src/model/position.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import { loadPolicySetSteps } from "../../src/policy/load-policy-set.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";

/** A language, and documents in it that a contract can be tried on. */
export interface LanguageSample {
  readonly language: PolicyLanguage;
  readonly apiVersion: string;
  readonly kind: string;
  /** The text of a policy of that name that allows GET only, and says "only GET" otherwise; it applies always. */
  readonly onlyGet: (name: string) => string;
  /** The text of a policy of that name with a fault in its document. */
  readonly faulty: (name: string) => string;
  /** The text of a policy whose document is right and one of whose expressions is not. */
  readonly badExpression: (name: string) => string;
}

const locate = (): Position => ({ line: 1, column: 1 });
const get: JsonObject = { request: { http: { method: "GET" } } };
const post: JsonObject = { request: { http: { method: "POST" } } };

/** Declares the tests that every policy language has to pass. */
export function testLanguage(title: string, sample: LanguageSample): void {
  const { language, apiVersion, kind, onlyGet, faulty, badExpression } = sample;
  const load = (...texts: readonly string[]) =>
    finishSteps(
      loadPolicySetSteps(
        { revision: "r", files: texts.map((text, i) => ({ path: `${i}.yaml`, text })) },
        defaultPolicyOptions,
        [language],
      ),
    );

  suite(`${title} is a policy language`, () => {
    test("takes its own documents only", () => {
      assert.equal(language.takes(apiVersion, kind), true);
      assert.equal(language.takes("", ""), false);
      assert.equal(language.takes("example.com/v1", kind), false);
    });

    test("judges by all documents, in their order", () => {
      const { policySet, diagnostics } = load(`${onlyGet("a")}---\n${onlyGet("b")}`, onlyGet("c"));
      assert.deepEqual(diagnostics, []);
      assert.deepEqual(policySet?.policyNames, ["a", "b", "c"]);
      assert.equal(policySet.decide({ payload: get, sizeBytes: 0 }).allowed, true);
      const { allowed, policy, body } = policySet.decide({ payload: post, sizeBytes: 0 });
      assert.deepEqual([allowed, policy, body], [false, "a", "only GET\nonly GET\nonly GET"]);
      const results = policySet.evaluate(post, createBudget(defaultEvaluationLimits));
      assert.deepEqual(
        results.map(({ policy: name, status }) => [name, status]),
        [
          ["a", "fail"],
          ["b", "fail"],
          ["c", "fail"],
        ],
      );
    });

    for (const [name, text] of [
      ["a document", faulty("p")],
      ["an expression", badExpression("p")],
    ] as const) {
      test(`a fault in ${name} refuses the snapshot, and says where it is`, () => {
        const { policySet, diagnostics } = load(onlyGet("good"), text);
        assert.equal(policySet, undefined);
        assert.ok(diagnostics.length > 0);
        for (const { severity, file, line, column } of diagnostics) {
          assert.deepEqual([severity, file], ["error", "1.yaml"]);
          assert.ok(line > 0 && column > 0);
        }
      });
    }

    test("documents that are only inspected are never judged by", () => {
      const one = language.begin();
      assert.equal(group(one, false).policyNames.length, 0);
      const { load: refusing, readings } = readInto(language, [onlyGet("a")]);
      for (const reading of readings) reading.add("inspect");
      assert.equal(group(refusing, false).policyNames.length, 0);
      const { load: refused, readings: others } = readInto(language, [onlyGet("a")]);
      for (const reading of others) reading.add("load");
      assert.equal(finishSteps(refused.compileSteps(true)).group, undefined);
    });

    test("a budget that is used up is an error, never a pass", () => {
      const { load: loading, readings } = readInto(language, [onlyGet("a")]);
      for (const reading of readings) reading.add("load");
      const verdicts: unknown[] = [];
      const budget = createBudget({ ...defaultEvaluationLimits, maxSteps: 0 });
      group(loading, false).judge(get, budget, (_policy, _rule, verdict) => verdicts.push(verdict));
      assert.ok(verdicts.length > 0);
      for (const verdict of verdicts) {
        assert.ok(isEvaluationError(verdict), JSON.stringify(verdict));
      }
    });

    test("texts of failures end soon after their bound", () => {
      const { policySet } = load(onlyGet("a"));
      assert.ok(policySet !== undefined);
      const { load: loading, readings } = readInto(language, [onlyGet("a")]);
      for (const reading of readings) reading.add("load");
      group(loading, false).judge(
        post,
        createBudget(defaultEvaluationLimits),
        (_p, _r, verdict) => {
          assert.ok(typeof verdict === "object" && "renderMessages" in verdict);
          assert.equal(verdict.renderMessages(1_000), "only GET");
          const [violation] = verdict.renderViolations(1_000);
          assert.equal(violation?.message, "only GET");
        },
      );
    });
  });
}

function group(load: ReturnType<PolicyLanguage["begin"]>, isRefused: boolean): PolicyGroup {
  const compiled = finishSteps(load.compileSteps(isRefused));
  assert.ok(compiled.group !== undefined, JSON.stringify(compiled.diagnostics));
  return compiled.group;
}

function readInto(language: PolicyLanguage, texts: readonly string[]) {
  const load = language.begin();
  const readings = texts.map((fileText) => {
    const { value, faults } = parseYaml(fileText);
    return load.read({ file: "p.yaml", fileText, value, faults, locate });
  });
  return { load, readings };
}

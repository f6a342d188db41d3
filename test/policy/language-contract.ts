import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createBudget } from "../../src/model/budget.ts";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultEvaluationLimits, defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicyGroup, PolicyLanguage, PolicyLoad } from "../../src/model/policy-language.ts";
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
      assert.equal(group(language.begin()).policyNames.length, 0);
      assert.equal(group(begun(language, "inspect", onlyGet("a"))).policyNames.length, 0);
      const refused = begun(language, "load", onlyGet("a"));
      assert.equal(finishSteps(refused.compileSteps(true)).group, undefined);
    });

    test("a budget that is used up is an error, never a pass", () => {
      const verdicts: unknown[] = [];
      const budget = createBudget({ ...defaultEvaluationLimits, maxSteps: 0 });
      const { judge } = group(begun(language, "load", onlyGet("a")));
      judge({ payload: get }, budget, (_policy, _rule, verdict) => verdicts.push(verdict));
      assert.ok(verdicts.length > 0);
      for (const verdict of verdicts) {
        assert.ok(isEvaluationError(verdict), JSON.stringify(verdict));
      }
    });

    test("failures render their texts", () => {
      let failures = 0;
      const { judge } = group(begun(language, "load", onlyGet("a")));
      judge({ payload: post }, createBudget(defaultEvaluationLimits), (_policy, _rule, verdict) => {
        assert.ok(typeof verdict === "object" && "renderMessages" in verdict);
        assert.equal(verdict.renderMessages(1_000), "only GET");
        assert.equal(verdict.renderViolations(1_000)[0]?.message, "only GET");
        failures += 1;
      });
      assert.equal(failures, 1);
    });
  });
}

function group(load: PolicyLoad): PolicyGroup {
  const compiled = finishSteps(load.compileSteps(false));
  assert.ok(compiled.group !== undefined, JSON.stringify(compiled.diagnostics));
  return compiled.group;
}

/** A load to which the document of that text has been added. */
function begun(
  language: PolicyLanguage,
  purpose: "load" | "inspect",
  fileText: string,
): PolicyLoad {
  const load = language.begin();
  const { value, faults } = parseYaml(fileText);
  load.read({ file: "p.yaml", fileText, value, faults, locate }).add(purpose);
  return load;
}

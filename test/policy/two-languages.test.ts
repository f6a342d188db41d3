import assert from "node:assert/strict";
import { test } from "node:test";
import { createKyvernoJson } from "../../src/kyverno-json/language.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicyLanguage, RuleVerdict } from "../../src/model/policy-language.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import { type LoadedPolicySet, loadPolicySetSteps } from "../../src/policy/load-policy-set.ts";
import { allFunctions } from "../fuzz/engine-table.ts";
import { policyText } from "./load-text.ts";

/** A language whose documents say nothing but their name, and whose policies all say the same of every request. */
function constantLanguage(verdict: RuleVerdict): PolicyLanguage {
  return {
    takes: (apiVersion) => apiVersion === "test/v1",
    begin: () => {
      const names: string[] = [];
      return {
        read: () => ({
          name: "constant",
          isGood: true,
          faults: [],
          add: (purpose) => {
            if (purpose === "load") names.push("constant");
          },
        }),
        *compileSteps(isRefused) {
          yield;
          if (isRefused) return { diagnostics: [] };
          const judge = (_payload: unknown, _budget: unknown, visit: Visit): void => {
            for (const name of names) visit(name, "r", verdict);
          };
          const group = {
            policyNames: names,
            hasBoundedWork: true,
            judge,
          };
          return { diagnostics: [], group: { ...group, reads: [["request", "http", "path"]] } };
        },
      };
    },
  };
}

type Visit = (policy: string, rule: string, verdict: RuleVerdict) => void;

const constant = "apiVersion: test/v1\nkind: Constant\nmetadata: { name: constant }\n";
const onlyGet = policyText(
  "get",
  "name: r\nassert: { all: [{ message: only GET, check: { request: { http: { method: GET } } } }] }",
);

function load(verdict: RuleVerdict, ...texts: readonly string[]): LoadedPolicySet {
  const languages = [
    createKyvernoJson(defaultPolicyOptions, allFunctions),
    constantLanguage(verdict),
  ] as const;
  const files = texts.map((text, i) => ({ path: `${i}.yaml`, text }));
  return finishSteps(loadPolicySetSteps({ revision: "r", files }, defaultPolicyOptions, languages));
}

function decide({ policySet, diagnostics }: LoadedPolicySet, method: string) {
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet.decide({ payload: { request: { http: { method } } }, sizeBytes: 0 });
}

test("policies of both languages have to let a request pass", () => {
  const passing = load("passed", constant, onlyGet);
  assert.equal(decide(passing, "GET").allowed, true);
  assert.equal(decide(passing, "POST").policy, "get");
  const failing = load(
    { renderMessages: () => "never", renderViolations: () => [] },
    `${onlyGet}---\n${constant}`,
  );
  assert.deepEqual(
    [decide(failing, "GET").policy, decide(failing, "GET").body],
    ["constant", "never"],
  );
  assert.equal(decide(failing, "POST").body, "only GET\nnever");
  const erring = load(new EvaluationError("EVALUATION_PANIC", "oh"), constant, onlyGet);
  assert.deepEqual(
    [decide(erring, "GET").allowed, decide(erring, "GET").errorCode],
    [false, "EVALUATION_PANIC"],
  );
});

test("what a policy has the proxy told goes with the verdict that it belongs to", () => {
  const allow = {
    kind: "allow",
    requestHeaders: [{ name: "x-user", value: "ann", action: "set" }],
    removedHeaders: [],
    responseHeaders: [],
    queryParameters: [],
    removedQueryParameters: [],
  } as const;
  const passing = load({ allow }, constant, onlyGet);
  assert.deepEqual(decide(passing, "GET"), {
    allowed: true,
    reason: "passed",
    body: "",
    response: allow,
  });
  assert.deepEqual(
    [decide(passing, "POST").allowed, decide(passing, "POST").response],
    [false, undefined],
  );
  const deny = { kind: "deny", status: 401, headers: [] } as const;
  const failure = { deny, renderMessages: () => "who?", renderViolations: () => [] };
  const failing = load(failure, constant, onlyGet);
  assert.deepEqual(decide(failing, "GET").response, deny);
  // Of several denials the first is named, and the one that has an answer gives it.
  assert.deepEqual(
    [decide(failing, "POST").policy, decide(failing, "POST").response],
    ["get", deny],
  );
});

test("what either language reads is shown to both", () => {
  const { reads } = load("passed", constant, onlyGet);
  const paths = reads?.map((path) => path.join(".")).toSorted();
  assert.deepEqual(paths, ["request.http.method", "request.http.path"]);
});

test("a fault in one language's document keeps those of the other from being loaded", () => {
  const { policySet, diagnostics } = load("passed", constant, onlyGet.replace("check", "chekc"));
  assert.equal(policySet, undefined);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ["POLICY_SCHEMA", "POLICY_UNKNOWN_FIELD"],
  );
});

test("the same name in two languages is two policies, and twice in one is warned about", () => {
  const named = constant.replace("constant }", "get }");
  assert.deepEqual(load("passed", named, onlyGet).diagnostics, []);
  assert.deepEqual(
    load("passed", onlyGet, onlyGet).diagnostics.map(({ code }) => code),
    ["POLICY_DUPLICATE_NAME"],
  );
});

test("a document that no language takes is told of by the first", () => {
  const { diagnostics } = load(
    "passed",
    onlyGet,
    "apiVersion: other/v1\nkind: X\nmetadata: {name: x}\n",
  );
  assert.deepEqual(
    diagnostics.map(({ code, file }) => [code, file]),
    [["POLICY_KIND", "1.yaml"]],
  );
});

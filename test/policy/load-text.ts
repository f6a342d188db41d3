import assert from "node:assert/strict";
import { coreFunctions } from "../../src/jmespath/functions/core-functions.ts";
import {
  createFunctionTable,
  type FunctionRow,
} from "../../src/jmespath/functions/function-table.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import type { LoadedPolicySet } from "../../src/policy/load-policy-set.ts";
import type { PolicySet } from "../../src/policy/policy-set.ts";
import { loadPolicySet } from "./load-policies.ts";

export const compatOptions: PolicyOptions = {
  ...defaultPolicyOptions,
  compat: "kyverno-envoy-plugin",
  noRuleApplies: "allow",
  denyBody: "details",
};

/** Returns what loading one policy file of that text gives, with the core functions and those given. */
export function loadText(
  text: string,
  options: Partial<PolicyOptions> = {},
  functions: readonly FunctionRow[] = [],
): LoadedPolicySet {
  return loadPolicySet(
    { revision: "r1", files: text === "" ? [] : [{ path: "p.yaml", text }] },
    { ...defaultPolicyOptions, ...options },
    createFunctionTable([...coreFunctions, ...functions]),
  );
}

/** Returns the set of policies in a text that has to load. */
export function loadGoodText(
  text: string,
  options: Partial<PolicyOptions> = {},
  functions: readonly FunctionRow[] = [],
): PolicySet {
  const { policySet, diagnostics } = loadText(text, options, functions);
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet;
}

/** Returns the text of a policy with these rules, each given as YAML that starts at column 1. */
export function policyText(name: string, ...rules: readonly string[]): string {
  const lines = rules.flatMap((rule) =>
    rule
      .trimEnd()
      .split("\n")
      .map((line, i) => `${i === 0 ? "  - " : "    "}${line}`),
  );
  return [
    "apiVersion: json.kyverno.io/v1alpha1",
    "kind: ValidatingPolicy",
    "metadata:",
    `  name: ${name}`,
    "spec:",
    lines.length === 0 ? "  rules: []" : "  rules:",
    ...lines,
    "",
  ].join("\n");
}

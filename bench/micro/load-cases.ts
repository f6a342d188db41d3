import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import type { PolicyFile } from "../../src/model/policy-snapshot.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";
import { writeCatalogue } from "./catalogue.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

/** Returns from text to a policy set, on the kinds of policies that a catalogue holds. */
export function loadCases(): MicroCase[] {
  const files = writeCatalogue(60);
  return [
    {
      name: "load: YAML of one policy",
      operations: files.length,
      run: () => {
        for (const { text } of files) expectSame("YAML", parseYaml(text).faults.length, 0);
      },
    },
    {
      name: "load: one policy, YAML to closures",
      operations: files.length,
      run: () => expectSame("policies", countPolicies(files), files.length),
    },
  ];
}

function countPolicies(files: readonly PolicyFile[]): number {
  const created = createEvaluator({ revision: "micro", files }, defaultPolicyOptions);
  return created.evaluator?.policyNames.length ?? 0;
}

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";
import { parseYamlValue } from "../../src/yaml/parse-yaml-value.ts";
import { loadPolicySet } from "../policy/load-policies.ts";
import { anyText, damagedText, textOfPieces } from "./arbitrary-text.ts";
import { jsonDocument } from "./arbitrary-value.ts";
import { allFunctions, freshBudget } from "./engine-table.ts";
import { ownPolicyTexts } from "./own-vectors.ts";
import { inTime, runProperty } from "./run-property.ts";

const yamlPieces = [
  ..."- ? : , [ ] { } # & * ! | > ' \" % @ ` ~ --- ... << &a *a !!str !!binary null yes 0x1f".split(
    " ",
  ),
  "\n",
  "\n  ",
  "\n    ",
  "\r\n",
  "\r",
  "\t",
  " ",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\0",
  "\ud800",
  "a: ",
  "b: &x ",
  "*x",
  "<<: *x",
  "|-\n",
  ">+2\n",
  "spec:",
  "rules:\n",
  "- name: r\n",
  "1.5e3",
  "__proto__: ",
  "constructor: ",
  "? ",
  "'",
  '"\\u0041"',
  '"\\x',
  "é",
  "😀",
  "# c\n",
  "%YAML 1.1\n",
];
const policyTexts = ownPolicyTexts();
const wildText = fc.oneof(anyText, textOfPieces(yamlPieces, 25), {
  weight: 3,
  arbitrary: damagedText(policyTexts, yamlPieces),
});
const path = fc.constantFrom("p.yaml", "p.yml", "p.json");
const compat = fc.constantFrom("none", "kyverno-envoy-plugin");

test("any policy file loads whole, or is refused with an error that points into it", () => {
  runProperty(
    fc.property(wildText, path, compat, (text, file, mode) => {
      const snapshot = { revision: "r", files: [{ path: file, text }] };
      const options = { ...defaultPolicyOptions, compat: mode } as const;
      const { policySet, diagnostics } = inTime(() =>
        loadPolicySet(snapshot, options, allFunctions),
      );
      const errors = diagnostics.filter(({ severity }) => severity === "error");
      assert.equal(policySet === undefined, errors.length > 0);
      // As editors count; what ends too early may be wrong after the last line.
      const lines = text.split("\n");
      for (const { line, column, message, code } of diagnostics) {
        assert.ok(message !== "" && code.startsWith("POLICY_"), code);
        assert.ok(line >= 0 && line <= lines.length + 1, `line ${line} of ${lines.length}`);
        const length = lines[line - 1]?.length ?? 0;
        assert.ok(column >= 0 && column <= length + 1, `column ${column} of ${length}: ${message}`);
      }
    }),
    1_000,
  );
});

test("a policy that loads judges any document without an exception", () => {
  runProperty(
    fc.property(wildText, jsonDocument, (text, payload) => {
      const snapshot = { revision: "r", files: [{ path: "p.yaml", text }] };
      const options = { ...defaultPolicyOptions, compat: "kyverno-envoy-plugin" } as const;
      const { policySet } = loadPolicySet(snapshot, options, allFunctions);
      const results = inTime(() => policySet?.evaluate(payload, freshBudget()) ?? []);
      for (const { status, error, violations = [] } of results) {
        assert.ok(status === "pass" || (status === "error" ? error : violations.length > 0));
        // What an exception is turned into.
        assert.notEqual(error?.message, "the evaluation ended in a fault");
      }
    }),
    1_000,
  );
});

test("any text is YAML or has a fault in it, for policies and for `parse_yaml`", () => {
  runProperty(
    fc.property(wildText, fc.constantFrom("yaml", "json"), (text, dialect) => {
      const { faults } = inTime(() => parseYaml(text, { dialect }));
      for (const { offset, message } of faults) {
        assert.ok(offset >= 0 && offset <= text.length, `offset ${offset}: ${message}`);
      }
      const value = inTime(() => parseYamlValue(text));
      assert.notEqual(value, undefined);
    }),
    3_000,
  );
});

test("JSON text means the same as JSON and as YAML", () => {
  const asYaml = fc.jsonValue({ stringUnit: "grapheme-ascii" });
  runProperty(
    fc.property(asYaml, jsonDocument, (plain, wild) => {
      const { value, faults } = parseYaml(JSON.stringify(plain));
      assert.deepEqual([faults, value], [[], withoutMinusZero(plain)]);
      const json = parseYaml(JSON.stringify(wild), { dialect: "json" });
      assert.deepEqual([json.faults, json.value], [[], withoutMinusZero(wild)]);
    }),
    1_000,
  );
});

/** `JSON.stringify` prints −0 as 0. */
function withoutMinusZero(value: unknown): JsonValue {
  return JSON.parse(JSON.stringify(value));
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { isEvaluationError } from "../../src/model/evaluation-error.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";
import { parseYamlValue } from "../../src/yaml/parse-yaml-value.ts";
import { defaultYamlLimits } from "../../src/yaml/yaml-limits.ts";

const many = 100_000;
const bomb = [
  "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
  ...Array.from({ length: 9 }, (_, index) => {
    const items = Array.from({ length: 10 }, () => `*a${index}`).join(", ");
    return `a${index + 1}: &a${index + 1} [${items}]`;
  }),
].join("\n");

const refused: readonly { readonly name: string; readonly text: string; readonly code: string }[] =
  [
    { name: "nested flow sequences", text: "[".repeat(many), code: "POLICY_TOO_LARGE" },
    { name: "nested flow mappings", text: "{a: ".repeat(many), code: "POLICY_TOO_LARGE" },
    { name: "nested block sequences", text: "- ".repeat(many), code: "POLICY_TOO_LARGE" },
    { name: "nested keys", text: "? ".repeat(many), code: "POLICY_TOO_LARGE" },
    { name: "aliases of aliases", text: bomb, code: "POLICY_ALIAS_LIMIT" },
    {
      name: "merges",
      text: `a: &a\n${Array.from({ length: 1000 }, (_, i) => `  k${i}: 1\n`).join("")}${Array.from({ length: 200 }, (_, i) => `b${i}: {<<: *a}\n`).join("")}`,
      code: "POLICY_ALIAS_LIMIT",
    },
    { name: "NUL", text: "a: \0", code: "POLICY_YAML" },
    { name: "a lone surrogate", text: "a: \ud800", code: "POLICY_YAML" },
    { name: "a huge key", text: `${"k".repeat(many)}: 1`, code: "POLICY_YAML" },
    { name: "closing brackets", text: "]".repeat(1000), code: "POLICY_YAML" },
  ];

for (const { name, text, code } of refused) {
  test(`${name}: refused with ${code}`, () => {
    assert.ok(parseYaml(text).faults.some((fault) => fault.code === code));
  });
}

test("aliases that nest too deep together are refused", () => {
  const levels = Array.from(
    { length: 20 },
    (_, index) => `a${index + 1}: &a${index + 1} [[*a${index}]]`,
  );
  const limits = { ...defaultYamlLimits, maxDepth: 30 };
  const { faults } = parseYaml(`a0: &a0 [x]\n${levels.join("\n")}`, { limits });
  assert.equal(faults[0]?.message, "nested deeper than 30 levels");
});

test("names of the language's own objects are ordinary keys", () => {
  const text = "__proto__: {x: 1}\nconstructor: 2\ntoString: 3";
  const { value, faults, place } = parseYaml(text);
  assert.deepEqual(faults, []);
  assert.equal(JSON.stringify(value), '{"__proto__":{"x":1},"constructor":2,"toString":3}');
  assert.equal(place.members?.get("__proto__")?.offset, 0);
});

test("`__proto__` twice is a repeated key", () => {
  assert.equal(parseYaml("__proto__: 1\n__proto__: 2").faults[0]?.code, "POLICY_DUPLICATE_KEY");
});

test("a text beyond the limits inside a request is an error", () => {
  assert.ok(isEvaluationError(parseYamlValue("a".repeat(70_000))));
  assert.ok(isEvaluationError(parseYamlValue(bomb)));
});

test("a thousand syntax errors are not all told", () => {
  assert.ok(parseYaml("! ! ".repeat(1000)).faults.length <= 10);
});

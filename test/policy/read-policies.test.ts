import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defaultEvaluationLimits,
  defaultJwtCacheOptions,
  type PolicyOptions,
} from "../../src/model/limits.ts";
import type { PolicyFile } from "../../src/model/policy-snapshot.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import { countSteps } from "../support/count-steps.ts";
import { type ReadPolicies, readDocumentsSteps } from "./load-policies.ts";

const options: PolicyOptions = {
  compat: "none",
  celCompat: "none",
  noRuleApplies: "deny",
  denyBody: "messages",
  limits: defaultEvaluationLimits,
  jwtCache: defaultJwtCacheOptions,
};

function policyText(name: string, check = "a: 1"): string {
  return [
    "apiVersion: json.kyverno.io/v1alpha1",
    "kind: ValidatingPolicy",
    "metadata:",
    `  name: ${name}`,
    "  labels: null",
    "spec:",
    "  rules:",
    "  - name: r",
    "    identifier: ''",
    "    context:",
    "    - name: v",
    "      variable: null",
    "    match:",
    "      any: []",
    "      all: null",
    "    assert:",
    "      all:",
    "      - message: ''",
    "        check:",
    `          ${check}`,
    "",
  ].join("\n");
}

function read(path: string, text: string): ReadPolicies {
  return readAll([{ path, text }]);
}

function readAll(
  files: readonly PolicyFile[],
  { compat }: Pick<PolicyOptions, "compat"> = options,
): ReadPolicies {
  return finishSteps(readDocumentsSteps(files, { ...options, compat }));
}

test("a policy becomes a document", () => {
  const { documents, diagnostics } = read("p.yaml", policyText("p"));
  assert.deepEqual(diagnostics, []);
  assert.equal(documents.length, 1);
  const { locate, fileText: _, ...rest } = documents[0]!;
  assert.deepEqual(rest, {
    file: "p.yaml",
    name: "p",
    metadata: { name: "p" },
    rules: [
      {
        name: "r",
        context: [{ name: "v" }],
        match: { any: [] },
        assert: { all: [{ check: { a: 1 } }] },
      },
    ],
  });
  assert.deepEqual(locate(["spec", "rules", 0, "assert", "all", 0, "check", "a"]), {
    line: 20,
    column: 11,
  });
  assert.deepEqual(locate(["spec", "rules", 0]), { line: 8, column: 5 });
  assert.deepEqual(locate(["spec", "rules", 0, "exclude", "any"]), { line: 8, column: 5 });
});

test("places in the second document count from the top of the file", () => {
  const { documents } = read("p.yaml", `${policyText("p")}---\n${policyText("q")}`);
  assert.deepEqual(
    documents.map(({ name, locate }) => [name, locate(["metadata", "name"]).line]),
    [
      ["p", 4],
      ["q", 25],
    ],
  );
});

test("a file with a fault contributes nothing, and the others stay", () => {
  const files = [
    { path: "a.yaml", text: `${policyText("a")}---\n${policyText("b", "a: @x")}` },
    { path: "b.yaml", text: policyText("c") },
  ];
  const { documents, diagnostics } = readAll(files);
  assert.deepEqual(
    documents.map(({ name }) => name),
    ["c"],
  );
  assert.deepEqual(diagnostics, [
    {
      code: "POLICY_YAML",
      severity: "error",
      message: "no value can start with `@`: quote it",
      file: "a.yaml",
      line: 41,
      column: 14,
      frame: "41 |           a: @x\n   |              ^",
      originalText:
        "failed to parse document (failed to parse yaml: error converting YAML to JSON: yaml: line 20: found character that cannot start any token)",
    },
  ]);
});

test("all faults of all files are told, in the order of files and places", () => {
  const files = [
    { path: "a.yaml", text: `${policyText("A", "b: 1\n          b: 2")}--- x\n` },
    { path: "b.yaml", text: policyText("b").replace("match:", "matches:") },
    { path: "c.yaml", text: "- x" },
  ];
  const { documents, diagnostics } = readAll(files, { compat: "kyverno-envoy-plugin" });
  assert.deepEqual(documents, []);
  assert.deepEqual(
    diagnostics.map(({ file, line, column, code }) => [file, line, column, code]),
    [
      ["a.yaml", 4, 3, "POLICY_NAME"],
      ["a.yaml", 21, 11, "POLICY_DUPLICATE_KEY"],
      ["a.yaml", 22, 1, "POLICY_DOCUMENT_SEPARATOR"],
      ["b.yaml", 13, 5, "POLICY_UNKNOWN_FIELD"],
      ["c.yaml", 1, 1, "POLICY_KIND"],
    ],
  );
  assert.equal(
    diagnostics[0]?.originalText,
    'failed to parse document (yaml: unmarshal errors:\n  line 21: key "b" already set in map)',
  );
  assert.equal(
    diagnostics[3]?.message,
    "spec.rules[0].matches: Invalid value: value provided for unknown field",
  );
});

test("a policy name that another file has as well is a warning", () => {
  const files = ["a.yaml", "b.yaml"].map((path) => ({ path, text: policyText("p") }));
  const { documents, diagnostics } = readAll(files);
  assert.equal(documents.length, 2);
  assert.deepEqual(
    diagnostics.map(({ code, severity, file, line }) => [code, severity, file, line]),
    [["POLICY_DUPLICATE_NAME", "warning", "b.yaml", 4]],
  );
});

test("a file without policies is a warning", () => {
  const { diagnostics } = read("p.yaml", "# nothing\n");
  assert.deepEqual(
    diagnostics.map(({ code, severity, line }) => [code, severity, line]),
    [["POLICY_EMPTY", "warning", 0]],
  );
});

test("a file without anything in it is an error: its policies may have been lost", () => {
  for (const text of ["", "\n \t\n", "\ufeff"]) {
    const { diagnostics } = read("p.yaml", text);
    assert.deepEqual(
      diagnostics.map(({ code, severity, line }) => [code, severity, line]),
      [["POLICY_EMPTY", "error", 0]],
      JSON.stringify(text),
    );
  }
});

test("a JSON file is read as JSON", () => {
  const policy = {
    apiVersion: "json.kyverno.io/v1alpha1",
    kind: "ValidatingPolicy",
    metadata: { name: "p" },
    spec: { rules: [{ name: "r", assert: { all: [{ check: { a: "yes/😀" } }] } }] },
  };
  const text = `\ufeff${JSON.stringify(policy).replace("/😀", "\\/\\ud83d\\ude00")}\r\n`;
  const { documents, diagnostics } = read("p.json", text);
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(documents[0]?.rules[0]?.assert.all?.[0]?.check, { a: "yes/😀" });
});

test("a JSON file with a fault has no text of the original: it never read one", () => {
  const { diagnostics } = read("p.JSON", "{}");
  assert.deepEqual(
    diagnostics.map(({ code, originalText }) => [code, originalText]),
    [["POLICY_KIND", undefined]],
  );
});

test("trees deeper than the limit are refused", () => {
  const check = `a: ${"[".repeat(220)}${"]".repeat(220)}`;
  const { diagnostics } = read("p.yaml", policyText("p", check));
  assert.equal(diagnostics[0]?.code, "POLICY_TOO_LARGE");
});

test("very many faults are not all told", () => {
  const check = Array.from({ length: 1000 }, () => "k: 1").join("\n          ");
  const { diagnostics } = read("p.yaml", policyText("p", check));
  assert.equal(diagnostics.length, 100);
});

const inSteps = [
  {
    name: "files",
    files: Array.from({ length: 100 }, (_, i) => ({ path: `${i}.yaml`, text: "# nothing" })),
    want: 100,
  },
  {
    name: "documents, which are also cut in steps",
    files: [{ path: "p.yaml", text: "a: 1\n---\n".repeat(100) }],
    want: 200,
  },
  {
    name: "parts of a large document",
    files: [{ path: "p.yaml", text: `a: [${"1, ".repeat(20_000)}1]` }],
    want: 75,
  },
];

for (const { name, files, want } of inSteps) {
  test(`is read in steps: ${name}`, () => {
    assert.ok(countSteps(readDocumentsSteps(files, options)) >= want);
  });
}

test("of a file with many faulty documents the first hundred faults are told", () => {
  const text = Array.from({ length: 5_000 }, () => "a: 1\n").join("---\n");
  const { diagnostics } = read("p.yaml", text);
  assert.equal(diagnostics.length, 100);
  assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))], ["POLICY_KIND"]);
  assert.equal(diagnostics.at(-1)?.line, 199);
});

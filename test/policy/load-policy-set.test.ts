import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { coreFunctions } from "../../src/jmespath/functions/core-functions.ts";
import { createFunctionTable } from "../../src/jmespath/functions/function-table.ts";
import { createKyvernoJson } from "../../src/kyverno-json/language.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { loadPolicySetSteps } from "../../src/policy/load-policy-set.ts";
import { countSteps } from "../support/count-steps.ts";
import { readDocumentsSteps } from "./load-policies.ts";
import { compatOptions, loadText, policyText } from "./load-text.ts";

interface FaultCase {
  readonly name: string;
  readonly rule: string;
  /** Code, message, line and column; the rule's first line is line 7. */
  readonly want: readonly [code: string, message: string, line: number, column: number];
  /** What stands over the caret in the frame. */
  readonly at: string;
}

const faults: readonly FaultCase[] = [
  {
    name: "a syntax error in a key",
    rule: "name: r\nassert:\n  all:\n  - check:\n      (a + ): 1",
    want: ["POLICY_EXPRESSION_SYNTAX", "SyntaxError: Incomplete expression", 11, 16],
    at: "): 1",
  },
  {
    name: "an unknown function in a quoted key",
    rule: "name: r\nassert:\n  all:\n  - check:\n      \"(b && nope('x'))\": 1",
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 11, 18],
    at: "nope('x'))\": 1",
  },
  {
    name: "a wrong number of arguments on the right",
    rule: "name: r\nassert:\n  all:\n  - check:\n      a: (b || abs())",
    want: [
      "POLICY_ARITY",
      "invalid arity, the function 'abs' expects 1 argument but none were supplied",
      11,
      20,
    ],
    at: "abs())",
  },
  {
    name: "a text with escaped quotes",
    rule: 'name: r\nassert:\n  all:\n  - check:\n      "(nope(\\"x\\"))": 1',
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 11, 13],
    at: 'nope(\\"x\\"))": 1',
  },
  {
    name: "a text whose escapes hide the place",
    rule: 'name: r\nassert:\n  all:\n  - check:\n      "(\\u006eope(@))": 1',
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 11, 11],
    at: '"(\\u006eope(@))": 1',
  },
  {
    name: "an expression in a list",
    rule: "name: r\nassert:\n  all:\n  - check:\n      a:\n      - x\n      - (nope(@))",
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 13, 14],
    at: "nope(@))",
  },
  {
    name: "a match tree",
    rule: "name: r\nmatch: {any: [{(nope(@)): 1}]}\nassert: {all: [{check: {}}]}",
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 8, 21],
    at: "nope(@)): 1}]}",
  },
  {
    name: "a context entry that is never read",
    rule: "name: r\ncontext:\n- name: v\n  variable: (nope(@))\nassert: {all: [{check: {}}]}",
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 10, 18],
    at: "nope(@))",
  },
  {
    name: "an identifier",
    rule: "name: r\nidentifier: nope(@)\nassert: {all: [{check: {}}]}",
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 8, 17],
    at: "nope(@)",
  },
  {
    name: "a placeholder of a message",
    rule: "name: r\nassert:\n  all:\n  - message: 'x {{ a }} {{ nope(@) }}'\n    check: {}",
    want: ["POLICY_UNKNOWN_FUNCTION", "unknown function: nope", 10, 32],
    at: "nope(@) }}'",
  },
  {
    name: "a match without trees",
    rule: "name: r\nmatch: {}\nassert: {all: [{check: {}}]}",
    want: ["POLICY_EMPTY_MATCH", "`match` without any tree", 8, 5],
    at: "match: {}",
  },
  {
    name: "an exclude without trees",
    rule: "name: r\nexclude: {any: []}\nassert: {all: [{check: {}}]}",
    want: ["POLICY_EMPTY_MATCH", "`exclude` without any tree", 8, 5],
    at: "exclude: {any: []}",
  },
  {
    name: "an assert without assertions",
    rule: "name: r\nassert: {all: []}",
    want: ["POLICY_EMPTY_ASSERT", "`assert` without any assertion", 8, 5],
    at: "assert: {all: []}",
  },
  {
    name: "a binding on the right",
    rule: "name: r\nassert:\n  all:\n  - check:\n      a: (b)->c",
    want: ["POLICY_MISUSE", "binding is not supported on the RHS", 11, 14],
    at: "(b)->c",
  },
  {
    name: "a foreach in a context entry",
    rule: "name: r\ncontext:\n- name: v\n  variable: ~.(a)\nassert: {all: [{check: {}}]}",
    want: ["POLICY_MISUSE", "foreach is not supported in context", 10, 17],
    at: "~.(a)",
  },
];

/** What stands over the caret of a frame, to the end of the line. */
function shownAt(frame: string | undefined): string {
  const [line = "", caret = ""] = (frame ?? "").split("\n");
  return line.slice(caret.indexOf("^"));
}

suite("faults keep a policy from loading", () => {
  for (const { name, rule, want, at } of faults) {
    test(name, () => {
      const { policySet, diagnostics } = loadText(policyText("p", rule));
      assert.equal(policySet, undefined);
      const [first] = diagnostics;
      assert.deepEqual(
        [first?.code, first?.message, first?.line, first?.column, first?.severity],
        [...want, "error"],
      );
      assert.equal(shownAt(first?.frame), at);
    });
  }
});

suite("with --compat they are warnings, and errors when a request reaches them", () => {
  for (const { name, rule, want } of faults) {
    test(name, () => {
      const { policySet, diagnostics } = loadText(policyText("p", rule), compatOptions);
      assert.ok(policySet !== undefined);
      assert.deepEqual(
        diagnostics.map(({ code, severity }) => [code, severity]),
        diagnostics.map(() => [want[0], "warning"]),
      );
      assert.notEqual(diagnostics.length, 0);
    });
  }

  test("a fault that is reached", () => {
    const rule = "name: r\nassert: {all: [{check: {a: (nope(@))}}]}";
    const { policySet } = loadText(policyText("p", rule), compatOptions);
    const decision = policySet?.decide({ payload: {}, sizeBytes: 0 });
    assert.deepEqual(decision, {
      allowed: false,
      reason: "evaluation-error",
      body: "Request denied by Kyverno JSON engine. Reason: all[0].check.a: Internal error: unknown function: nope",
      policy: "p",
      rule: "r",
      errorCode: "EVALUATION_UNKNOWN_FUNCTION",
    });
  });

  test("a fault that is not reached", () => {
    const rule =
      "name: r\ncontext: [{name: v, variable: (nope(@))}]\nassert: {all: [{check: {a: 1}}]}";
    const { policySet } = loadText(policyText("p", rule), compatOptions);
    assert.equal(policySet?.decide({ payload: { a: 1 }, sizeBytes: 0 }).allowed, true);
  });
});

suite("variables that can never be defined are warned about", () => {
  const cases: readonly { name: string; rule: string; want: readonly string[] }[] = [
    {
      name: "variables that are",
      rule: "name: r\ncontext: [{name: v, variable: ($payload)}]\nassert:\n  all:\n  - message: '{{ $rule.name }} {{ $v }}'\n    check: {~i.(a)->b: {($i && $b): (let $c = $policy in $c)}}",
      want: [],
    },
    {
      name: "a variable of another key",
      rule: "name: r\nassert: {all: [{check: {(a)->x: 1, ($x): 1}}]}",
      want: ["8:41 variable `$x` is never defined here"],
    },
    {
      name: "a tree's variable in a message",
      rule: "name: r\nassert:\n  all:\n  - message: '{{ $x }}'\n    check: {(a)->x: 1}",
      want: ["10:22 variable `$x` is never defined here"],
    },
    {
      name: "a context entry in front of its own",
      rule: "name: r\ncontext: [{name: v, variable: ($v)}]\nassert: {all: [{check: {}}]}",
      want: ["8:36 variable `$v` is never defined here"],
    },
  ];
  for (const { name, rule, want } of cases) {
    test(name, () => {
      const { policySet, diagnostics } = loadText(policyText("p", rule));
      assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
      assert.deepEqual(
        diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`),
        want,
      );
    });
  }
});

test("all faults are told, in the order of their places", () => {
  const rule = "name: r\nassert: {all: [{check: {(x()): (x()), (a()): 1}}]}\nidentifier: b()";
  assert.deepEqual(
    loadText(policyText("p", rule)).diagnostics.map(
      ({ line, column, message }) => `${line}:${column} ${message}`,
    ),
    [
      "8:30 unknown function: x",
      "8:37 unknown function: x",
      "8:44 unknown function: a",
      "9:17 unknown function: b",
    ],
  );
});

test("a foreach mark without effect is a warning", () => {
  const { policySet, diagnostics } = loadText(
    policyText("p", "name: r\nassert: {all: [{check: {a: '~.(@)'}}]}"),
  );
  assert.ok(policySet !== undefined);
  assert.deepEqual(
    diagnostics.map(({ code, severity }) => [code, severity]),
    [["POLICY_MISUSE", "warning"]],
  );
});

test("one broken policy keeps the others of its snapshot out", () => {
  const good = policyText("good", "name: r\nassert: {all: [{check: {}}]}");
  const bad = policyText("bad", "name: r\nassert: {all: [{check: {(a +): 1}}]}");
  assert.equal(loadText(`${good}---\n${bad}`).policySet, undefined);
});

test("a set has its snapshot's revision and the names of its policies", () => {
  const texts = ["a", "b", "c"].map((name) => policyText(name));
  const { policySet } = loadText(texts.join("---\n"));
  assert.equal(policySet?.revision, "r1");
  assert.deepEqual(policySet.policyNames, ["a", "b", "c"]);
});

test("every rule is compiled in a step, and its match looked at in another", () => {
  const rules = Array.from({ length: 50 }, (_, i) => `name: r${i}\nassert: {all: [{check: {}}]}`);
  const files = [{ path: "p.yaml", text: policyText("p", ...rules) }];
  const functions = createFunctionTable(coreFunctions);
  const reading = countSteps(readDocumentsSteps(files, defaultPolicyOptions));
  const language = createKyvernoJson(defaultPolicyOptions, functions);
  const loading = loadPolicySetSteps({ revision: "r1", files }, defaultPolicyOptions, [language]);
  assert.ok(countSteps(loading) >= reading + 2 * rules.length);
});

test("all faults of a file are told at once, also of expressions in a document that is refused", () => {
  const text = [
    { name: "Bad_Name", check: "{'(nope(a))': 1}" },
    { name: "good", check: "{'(a ||)': 1}" },
  ]
    .map(
      ({ name, check }) => `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: {name: ${name}}
spec: {rules: [{name: r, assert: {all: [{check: ${check}}]}}]}
`,
    )
    .join("---\n");
  const { policySet, diagnostics } = loadText(text);
  assert.equal(policySet, undefined);
  assert.deepEqual(
    diagnostics.map(({ code, line }) => [code, line]),
    [
      ["POLICY_NAME", 3],
      ["POLICY_UNKNOWN_FUNCTION", 4],
      ["POLICY_EXPRESSION_SYNTAX", 9],
    ],
  );
});

suite("with --compat a rule that reads the host is warned about", () => {
  const assertHost = "assert: {all: [{check: {request: {http: {host: a.example}}}}]}";
  const cases = [
    { name: "a tree", rule: `name: r\n${assertHost}`, want: 1 },
    {
      name: "a match",
      rule: "name: r\nmatch: {any: [{(request.http.host == 'a.example'): true}]}\nassert: {all: [{check: {}}]}",
      want: 1,
    },
    {
      name: "a message, beside all of http",
      rule: 'name: r\nassert: {all: [{message: "{{ $payload.request.http.host }}", check: {(to_string(request.http)): x}}]}',
      want: 1,
    },
    { name: "another field", rule: `name: r\n${assertHost.replace("host", "path")}`, want: 0 },
    {
      name: "the header",
      rule: 'name: r\nassert: {all: [{check: {(request.http.headers.":authority"): a.example}}]}',
      want: 0,
    },
  ];
  for (const { name, rule, want } of cases) {
    test(name, () => {
      const text = policyText("p", rule);
      const warnings = loadText(text, compatOptions).diagnostics.filter(
        ({ code }) => code === "POLICY_RAW_HOST",
      );
      assert.deepEqual(
        warnings.map(({ severity, line }) => [severity, line]),
        want === 0 ? [] : [["warning", 7]],
      );
      assert.deepEqual(
        loadText(text).diagnostics.filter(({ code }) => code === "POLICY_RAW_HOST"),
        [],
      );
    });
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Door } from "../../../src/model/check-record.ts";
import type { Decision } from "../../../src/model/decision.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { defaultPolicyOptions } from "../../../src/model/limits.ts";
import { finishSteps } from "../../../src/model/resumable.ts";
import type { LoadedPolicySet } from "../../../src/policy/load-policy-set.ts";
import { createPolicyEngine } from "../../../src/policy/policy-engine.ts";
import { createSnapshot } from "../../../src/sources/files/read-policy-files.ts";

function load(...texts: readonly string[]): LoadedPolicySet {
  const engine = createPolicyEngine(defaultPolicyOptions, { nowMs: () => 0, random: () => 0.5 });
  const files = texts.map((text, index) => ({ path: `${index}.yaml`, text }));
  return finishSteps(engine.load(createSnapshot(files)));
}

function policy(annotations: string, rules: string, name = "p"): string {
  return `apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata:
  name: ${name}
  annotations:
${annotations.replace(/^/gm, "    ")}
spec:
  rules:
${rules.replace(/^/gm, "    ")}
`;
}

function decide({ policySet, diagnostics }: LoadedPolicySet, http: JsonObject): Decision {
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet.decide({ payload: { request: { http } }, sizeBytes: 0 });
}

const byHeader = `- name: token
  context:
    - name: user
      variable: (request.http.headers.user)
  assert:
    all:
      - message: no user
        check:
          request: { http: { headers: { (user != null): true } } }
- name: get
  assert:
    all:
      - message: only GET
        check:
          request: { http: { method: GET } }
`;

suite("a policy has a denied client answered", () => {
  const loaded = load(
    policy(
      `ostiary.dev/denied: |
  status: 401
  body: "no {{ request.http.method }}"
  headers:
    WWW-Authenticate: 'Bearer realm="{{ request.http.host }}"'
    x-gone: "{{ request.http.nothing }}"
  metadata: { who: "{{ $user }}", n: 1 }
  rules:
    get: { status: 405, headers: { allow: GET } }
`,
      byHeader,
    ),
  );

  test("by the first rule that fails, its own fields in front of the policy's", () => {
    const unknown = decide(loaded, { method: "PUT", host: "a.test", headers: {} });
    assert.equal(unknown.allowed, false);
    assert.deepEqual(unknown.response, {
      kind: "deny",
      status: 401,
      body: "no PUT",
      headers: [{ name: "www-authenticate", value: 'Bearer realm="a.test"', action: "set" }],
    });
    const known = decide(loaded, { method: "PUT", host: "a.test", headers: { user: "ann" } });
    assert.deepEqual(known.response, {
      kind: "deny",
      status: 405,
      body: "no PUT",
      headers: [
        { name: "www-authenticate", value: 'Bearer realm="a.test"', action: "set" },
        { name: "allow", value: "GET", action: "set" },
      ],
    });
  });

  test("without the fields whose texts fail, or would start another header", () => {
    const { response } = decide(loaded, { method: "PUT", host: "a\r\nx: 1", headers: {} });
    assert.ok(response?.kind === "deny");
    assert.deepEqual([response.status, response.headers], [401, []]);
    assert.equal(response.dynamicMetadata, undefined);
  });

  test("when a rule cannot be evaluated, too", () => {
    const erring = load(
      policy(
        "ostiary.dev/denied: '{status: 401}'",
        "- name: r\n  assert:\n    all:\n      - check: { (length(request.http.nothing) > `1`): true }\n",
      ),
    );
    const decision = decide(erring, { method: "GET" });
    assert.deepEqual(
      [decision.reason, decision.response],
      ["evaluation-error", { kind: "deny", status: 401, headers: [] }],
    );
  });
});

suite("a policy says what becomes of an allowed request", () => {
  const annotation = `ostiary.dev/allowed: |
  headers: { X-User: "{{ $user }}", x-n: 1, x-list: { value: a, append: true } }
  removeHeaders: [X-Secret]
  responseHeaders: { x-seen: "yes" }
  queryParameters: { who: "{{ $user }}" }
  removeQueryParameters: [token]
  metadata: { user: "{{ $user }}", deep: [{ m: "{{ request.http.method }}" }] }
  rules:
    get: { headers: { x-method: "{{ request.http.method }}" } }
`;

  test("with the policy's answer once and each rule's own", () => {
    const { allowed, response } = decide(load(policy(annotation, byHeader)), {
      method: "GET",
      headers: { user: "{{ $user }}" },
    });
    assert.equal(allowed, true);
    // What an expression gives is not expanded again.
    assert.deepEqual(response, {
      kind: "allow",
      requestHeaders: [
        { name: "x-user", value: "{{ $user }}", action: "set" },
        { name: "x-n", value: "1", action: "set" },
        // The request has none that it could be appended to.
        { name: "x-list", value: "a", action: "set" },
        { name: "x-method", value: "GET", action: "set" },
      ],
      removedHeaders: ["x-secret"],
      responseHeaders: [{ name: "x-seen", value: "yes", action: "set" }],
      queryParameters: [{ name: "who", value: "%7B%7B%20%24user%20%7D%7D" }],
      removedQueryParameters: ["token"],
      dynamicMetadata: { user: "{{ $user }}", deep: [{ m: "GET" }] },
    });
  });

  test("never by letting it in with a text that failed", () => {
    const loaded = load(policy(annotation, byHeader.replace("(user != null)", "(`1` == `1`)")));
    const missing = decide(loaded, { method: "GET", headers: {} });
    assert.deepEqual([missing.allowed, missing.reason], [false, "evaluation-error"]);
    for (const user of ["a\nb", "a\rb", "a\0b", "x".repeat(16_385)]) {
      assert.equal(decide(loaded, { method: "GET", headers: { user } }).allowed, false);
    }
  });

  test("only where no rule fails", () => {
    const loaded = load(policy(annotation, byHeader));
    const { allowed, response } = decide(loaded, { method: "PUT", headers: { user: "ann" } });
    assert.deepEqual([allowed, response], [false, undefined]);
  });

  test("with that of the later name where two policies set one header", () => {
    const rule =
      "- name: r\n  assert: { all: [{ check: { request: { http: { method: GET } } } }] }\n";
    const set = (name: string): string =>
      policy(`ostiary.dev/allowed: '{headers: {x-by: ${name}}}'`, rule, name);
    const loaded = load(set("b"), set("a"));
    assert.deepEqual(
      loaded.diagnostics.map(({ code, severity }) => [code, severity]),
      [["POLICY_ANSWER", "warning"]],
    );
    const { response } = decide(loaded, { method: "GET" });
    assert.ok(response?.kind === "allow");
    assert.deepEqual(
      response.requestHeaders.map(({ value }) => value),
      ["a", "b"],
    );
  });
});

suite("an answer that cannot be told is refused when policies load", () => {
  const rule =
    "- name: r\n  assert: { all: [{ check: { request: { http: { method: GET } } } }] }\n";
  const refused: readonly (readonly [string, RegExp])[] = [
    ["ostiary.dev/denied: '{status: 99}'", /200 to 599/],
    ["ostiary.dev/denied: '{status: 401, heders: {}}'", /not `heders`/],
    ["ostiary.dev/denied: '{removeHeaders: [a]}'", /not `removeHeaders`/],
    ["ostiary.dev/denied: '{headers: {\"a b\": c}}'", /token/],
    ["ostiary.dev/denied: '{headers: {content-length: 1}}'", /belongs to the connection/],
    ["ostiary.dev/denied: '{headers: {x: [1]}}'", /text/],
    ["ostiary.dev/denied: '{rules: {s: {status: 401}}}'", /no rule `s`/],
    ["ostiary.dev/denied: '[1]'", /YAML map/],
    ["ostiary.dev/denied: '{status: 401'", /./],
    ["ostiary.dev/denied: '{body: \"{{ a( }}\"}'", /./],
    ["ostiary.dev/denied: '{body: \"a {{ b\"}'", /in one line/],
    ["ostiary.dev/allowed: '{status: 200}'", /not `status`/],
    ["ostiary.dev/allowed: '{headers: {\":path\": /a}}'", /pseudo header/],
    ["ostiary.dev/allowed: '{headers: {host: a}}'", /belongs to/],
    [
      "ostiary.dev/allowed: '{headers: {x: \"{{ jwt_decode(a, $key).sub }}\"}}'",
      /key has no place/,
    ],
    ["ostiary.dev/allowed: '{headers: {x: \"{{ nope(a) }}\"}}'", /nope/],
  ];

  for (const [annotation, message] of refused) {
    test(annotation, () => {
      const { policySet, diagnostics } = load(policy(annotation, rule));
      assert.equal(policySet, undefined);
      assert.ok(
        diagnostics.some((found) => message.test(found.message) && found.line === 6),
        JSON.stringify(diagnostics),
      );
    });
  }

  test("and a status that does not say so is warned about", () => {
    const { policySet, diagnostics } = load(policy("ostiary.dev/denied: '{status: 200}'", rule));
    assert.deepEqual(
      diagnostics.map(({ code, severity }) => [code, severity]),
      [["POLICY_ANSWER", "warning"]],
    );
    const decision = policySet?.decide({
      payload: { request: { http: { method: "PUT" } } },
      sizeBytes: 0,
    });
    assert.equal(decision?.allowed, false);
  });
});

function warnings(text: string, ...openDoors: readonly Door[]): readonly string[] {
  const options = { ...defaultPolicyOptions, openDoors };
  const engine = createPolicyEngine(options, { nowMs: () => 0, random: () => 0.5 });
  const snapshot = createSnapshot([{ path: "p.yaml", text }]);
  return finishSteps(engine.load(snapshot)).diagnostics.map(
    ({ code, message }) => `${code}: ${message}`,
  );
}

function celPolicy(mode: string, expression: string): string {
  return `apiVersion: policies.kyverno.io/v1
kind: ValidatingPolicy
metadata: { name: ${mode.toLowerCase()} }
spec:
  evaluation: { mode: ${mode} }
  validations: [{ expression: ${expression}.Response() }]
`;
}

suite("with the HTTP door open", () => {
  const rule =
    "- name: r\n  assert: { all: [{ check: { request: { http: { method: GET } } } }] }\n";

  test("fields are warned about of which no proxy is told there", () => {
    const text = policy(
      "ostiary.dev/allowed: '{removeHeaders: [a], rules: {r: {queryParameters: {b: c}, metadata: {d: e}}}}'",
      rule,
    );
    assert.deepEqual(warnings(text, "grpc"), []);
    assert.deepEqual(
      warnings(text, "grpc", "http").map((line) => /`(\w+)`/.exec(line)?.[1]),
      ["removeHeaders", "queryParameters", "metadata"],
    );
  });

  test("a door whose requests no policy judges is warned about", () => {
    const envoy = celPolicy("Envoy", "envoy.Allowed()");
    const http = celPolicy("HTTP", "http.Allowed()");
    assert.deepEqual(warnings(envoy, "grpc"), []);
    assert.match(warnings(envoy, "grpc", "http").join(), /POLICY_DOOR: .*HTTP door/);
    assert.match(warnings(http, "grpc", "http").join(), /POLICY_DOOR: .*gRPC door/);
    assert.deepEqual(warnings(`${envoy}---\n${http}`, "grpc", "http"), []);
    assert.deepEqual(warnings(policy("{}", rule), "grpc", "http"), []);
  });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { CheckInput } from "../../src/model/check-input.ts";
import type { Decision } from "../../src/model/decision.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import { finishSteps } from "../../src/model/resumable.ts";
import type { LoadedPolicySet } from "../../src/policy/load-policy-set.ts";
import { createPolicyEngine } from "../../src/policy/policy-engine.ts";
import { createSnapshot } from "../../src/sources/files/read-policy-files.ts";
import { mintToken } from "../support/tokens.ts";

// Policies of our own in the forms of those that upstream publishes and tests, with the results that it gives them there.
const asUpstream: PolicyOptions = { ...defaultPolicyOptions, celCompat: "kyverno-authz" };

function load(text: string, options: PolicyOptions = asUpstream): LoadedPolicySet {
  const engine = createPolicyEngine(options, {
    nowMs: () => Date.UTC(2026, 0, 1),
    random: () => 0.5,
  });
  return finishSteps(engine.load(createSnapshot([{ path: "p.yaml", text }])));
}

interface Request {
  readonly method?: string;
  readonly path?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function envoyInput({
  method = "GET",
  path = "/get",
  host = "a",
  headers = {},
}: Request): CheckInput {
  return { payload: { request: { http: { method, path, host, headers } } }, sizeBytes: 100 };
}

function httpInput(request: Request): CheckInput {
  const lines = Object.entries(request.headers ?? {}).map(([name, value]) => [name, [value]]);
  return { ...envoyInput(request), http: { headerLines: Object.fromEntries(lines) } };
}

function decide(text: string, input: CheckInput): Decision {
  const { policySet, diagnostics } = load(text);
  assert.ok(policySet !== undefined, JSON.stringify(diagnostics));
  return policySet.decide(input);
}

function policy(mode: "Envoy" | "HTTP", name: string, spec: string): string {
  return `apiVersion: policies.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: ${name} }
spec:
  evaluation: { mode: ${mode} }
${spec.trimEnd().replace(/^/gm, "  ")}
`;
}

const deny403 = `validations:
  - expression: envoy.Denied(403).WithBody("no").Response()
`;

const withConditions = (failurePolicy: string, other: string): string =>
  policy(
    "Envoy",
    "conditions",
    `failurePolicy: ${failurePolicy}
matchConditions:
  - { name: error, expression: 'object.attributes.request.http.headers["nope"] == "1"' }
  - { name: other, expression: "${other}" }
${deny403}`,
  );

const named = (name: string): string =>
  policy(
    "Envoy",
    name,
    `validations:\n  - expression: envoy.Denied(403).WithBody("${name}").Response()\n`,
  );

const bodyOf = ({ response }: Decision): string | undefined =>
  response?.kind === "deny" ? response.body : undefined;

const bearer = (role: string): Readonly<Record<string, string>> => ({
  authorization: `Bearer ${mintToken({ claims: { role } })}`,
});

const guard = (condition: string): string =>
  policy(
    "HTTP",
    "guard",
    `validations:
  - expression: >
      ${condition} ? http.Allowed().Response() : http.Denied("no").Response()
`,
  );

const conditioned = (expression: string): string =>
  policy(
    "HTTP",
    "conditioned",
    `matchConditions:
  - { name: a, expression: '${expression}' }
validations:
  - expression: http.Denied("no").Response()
`,
  );

suite("policies of mode Envoy", () => {
  const forced = policy(
    "Envoy",
    "force",
    `variables:
  - name: force
    expression: object.attributes.request.http.headers[?"x-force-authorized"].orValue("") in ["enabled", "true"]
validations:
  - expression: >
      variables.force ? envoy.Allowed().Response() : envoy.Denied(403).Response()
`,
  );

  test("a header allows, a policy of mode HTTP beside it does not matter", () => {
    const beside = policy(
      "HTTP",
      "http",
      'validations:\n  - expression: http.Denied("never").Response()\n',
    );
    const text = `${forced}---\n${beside}`;
    const headers = { "x-force-authorized": "true" };
    assert.equal(decide(text, envoyInput({ headers })).allowed, true);
    assert.equal(decide(text, envoyInput({})).allowed, false);
  });

  test("null has nothing to say, which is an allow there and a deny by default here", () => {
    const nothing = policy("Envoy", "default", 'validations:\n  - expression: "null"\n');
    assert.equal(decide(nothing, envoyInput({})).allowed, true);
    const { policySet } = load(nothing, defaultPolicyOptions);
    assert.equal(policySet?.decide(envoyInput({})).allowed, false);
  });

  test("conditions of which one errs", () => {
    const outcomes = ["Fail", "Ignore"].flatMap((failurePolicy) =>
      ["false", "true"].map((other) =>
        decide(withConditions(failurePolicy, other), envoyInput({})),
      ),
    );
    assert.deepEqual(
      outcomes.map(({ allowed }) => allowed),
      [true, false, true, true],
    );
    assert.deepEqual(outcomes[3]?.ignoredErrors?.length, 1);
  });

  test("policies are asked in the order of their names, wherever they stand", () => {
    assert.equal(bodyOf(decide(named("policy-b"), envoyInput({}))), "policy-b");
    const both = `${named("policy-b")}---\n${named("policy-a")}`;
    assert.equal(bodyOf(decide(both, envoyInput({}))), "policy-a");
  });

  test("a token's role: 401, 403 and an allow", () => {
    const text = policy(
      "Envoy",
      "jwt",
      `variables:
  - name: authorization
    expression: object.attributes.request.http.headers[?"authorization"].orValue("").split(" ")
  - name: token
    expression: >
      size(variables.authorization) == 2 && variables.authorization[0].lowerAscii() == "bearer"
        ? jwt.Decode(variables.authorization[1], "secret") : null
validations:
  - expression: >
      variables.token == null || !variables.token.Valid ? envoy.Denied(401).Response() : null
  - expression: >
      variables.token.Claims.?role.orValue("") == "admin"
        ? envoy.Allowed().Response() : envoy.Denied(403).Response()
`,
    );
    const statusOf = (headers: Readonly<Record<string, string>>): number => {
      const { allowed, response } = decide(text, envoyInput({ headers }));
      return allowed ? 200 : response?.kind === "deny" ? response.status : 0;
    };
    assert.equal(statusOf({}), 401);
    assert.equal(statusOf(bearer("guest")), 403);
    assert.equal(statusOf(bearer("admin")), 200);
  });
});

suite("policies of mode HTTP", () => {
  test("a header", () => {
    const text = guard('object.attributes.Header("foo") == ["bar"]');
    assert.equal(decide(text, httpInput({ headers: { foo: "bar" } })).allowed, true);
    assert.equal(decide(text, httpInput({})).allowed, false);
  });

  test("a query parameter", () => {
    const text = guard('object.attributes.QueryParam("foo") == ["bar"]');
    assert.equal(decide(text, httpInput({ path: "/get?foo=bar" })).allowed, true);
    assert.equal(decide(text, httpInput({ path: "/get" })).allowed, false);
    assert.equal(decide(text, httpInput({ path: "/get?foo=bar&foo=bar" })).allowed, false);
  });

  test("a host and a path as conditions", () => {
    const byHost = conditioned('object.attributes.host == "srv.app"');
    assert.equal(decide(byHost, httpInput({ host: "srv.app" })).allowed, false);
    assert.equal(decide(byHost, httpInput({ host: "srv.app.svc.cluster.local" })).allowed, true);
    const byPath = conditioned('object.attributes.path == "/get"');
    assert.equal(decide(byPath, httpInput({ path: "/get" })).allowed, false);
    assert.equal(decide(byPath, httpInput({ path: "/post" })).allowed, true);
    // The path is the decoded one.
    assert.equal(decide(byPath, httpInput({ path: "/%67et" })).allowed, false);
  });

  test("an exception", () => {
    const text = `${policy("HTTP", "closed", 'validations:\n  - expression: http.Denied("no").Response()\n')}---
apiVersion: policies.kyverno.io/v1
kind: PolicyException
metadata: { name: trusted }
spec:
  evaluationMode: HTTP
  policyRefs: [{ name: closed, kind: ValidatingPolicy }]
  matchConditions:
    - { name: trusted, expression: 'object.attributes.Header("x-trusted") == ["yes"]' }
`;
    assert.equal(decide(text, httpInput({})).allowed, false);
    assert.equal(decide(text, httpInput({ headers: { "x-trusted": "yes" } })).allowed, true);
  });
});

suite("what cannot be compiled is refused with a word on what works", () => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    [
      "an optional of a list with a text as its default",
      'validations:\n  - expression: \'object.attributes.header[?"x"].orValue("") == "" ? http.Allowed().Response() : null\'\n',
      /orValue/,
    ],
    [
      "a type that does not exist",
      "validations:\n  - expression: http.Response{}\n",
      /http\.Response/,
    ],
    [
      "a builder that is not finished",
      "validations:\n  - expression: http.Allowed()\n",
      /\.Response\(\)/,
    ],
    [
      "a function that does not exist",
      "validations:\n  - expression: http.Maybe().Response()\n",
      /Maybe/,
    ],
    [
      "a condition that is no bool",
      "matchConditions:\n  - { name: a, expression: '\"yes\"' }\nvalidations: []\n",
      /bool/,
    ],
    [
      "variables in conditions",
      "variables:\n  - { name: a, expression: 'true' }\nmatchConditions:\n  - { name: a, expression: variables.a }\n",
      /variables/,
    ],
  ];
  for (const [name, spec, message] of refused) {
    test(name, () => {
      const { policySet, diagnostics } = load(policy("HTTP", "p", spec));
      assert.equal(policySet, undefined);
      assert.ok(
        diagnostics.some((found) => message.test(found.message)),
        JSON.stringify(diagnostics),
      );
    });
  }
});

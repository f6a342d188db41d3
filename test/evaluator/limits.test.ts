import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { optionRows } from "../../src/config/options.ts";
import { normalizeCheckRequest } from "../../src/envoy/check-request/normalize-check-request.ts";
import { createEvaluator, type Evaluator } from "../../src/evaluator/evaluator.ts";
import type { HttpFormOptions } from "../../src/forward-auth/http-form.ts";
import { normalizeHttpRequest } from "../../src/forward-auth/normalize-http-request.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import type { Diagnostic } from "../../src/model/diagnostic.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import {
  defaultEvaluationLimits,
  defaultPolicyOptions,
  type EvaluationLimits,
  type PolicyOptions,
} from "../../src/model/limits.ts";
import {
  defaultNormalizeOptions,
  type NormalizeOptions,
} from "../../src/payload/normalize-options.ts";
import { RequestError } from "../../src/payload/request-error.ts";
import { policyText } from "../policy/load-text.ts";
import { encodeCheckRequest } from "../support/check-request-bytes.ts";
import { mintToken } from "../support/tokens.ts";

/**
 * Every limit an operator can set, and those of YAML, one row each: what goes beyond is denied, or refused when it is
 * loaded, and is neither with the limit as it is by default. Nothing throws.
 */

const environment = { nowMs: () => 1_800_000_000_000, random: () => 0.5 };

function load(
  check: string,
  options: Partial<PolicyOptions>,
): { evaluator?: Evaluator; diagnostics: readonly Diagnostic[] } {
  const text = policyText("p", `name: r\nassert: {all: [{check: ${check}}]}`);
  const snapshot = { revision: "r", files: [{ path: "p.yaml", text }] };
  return createEvaluator(snapshot, { ...defaultPolicyOptions, ...options }, environment);
}

/** `allowed`, the code of the error that denies, or the codes that keep the policy from being loaded. */
function judge(check: string, payload: JsonObject, options: Partial<PolicyOptions>): string {
  const { evaluator, diagnostics } = load(check, options);
  if (evaluator === undefined) return diagnostics.map(({ code }) => code).join(" ");
  const { allowed, reason, errorCode } = evaluator.decide({ payload, sizeBytes: 0 });
  return allowed ? "allowed" : (errorCode ?? reason);
}

function nest(levels: number): JsonValue {
  let value: JsonValue = 1;
  for (let level = 0; level < levels; level += 1) value = { a: value };
  return value;
}

const token = mintToken({ claims: { sub: "a", text: "x".repeat(200) } });
const ones = Array.from({ length: 200 }, () => 1);
const aliases = Array.from({ length: 6 }, (_, i) => {
  const item = i === 0 ? "x" : `*a${i - 1}`;
  return `- &a${i} [${Array.from({ length: 10 }, () => item).join(", ")}]`;
});

interface EvaluationRow {
  readonly option: string;
  readonly name: string;
  readonly limits: Partial<EvaluationLimits>;
  readonly check: string;
  readonly payload: JsonObject;
  readonly want: string;
}

const evaluationRows: readonly EvaluationRow[] = [
  {
    option: "max-steps",
    name: "many elements",
    limits: { maxSteps: 150 },
    check: "{~.a: 1}",
    payload: { a: ones },
    want: "EVALUATION_STEP_LIMIT",
  },
  {
    option: "max-steps",
    name: "an expression that loops",
    limits: { maxSteps: 150 },
    check: "{'(length(a[?@ == `1`]))': 200}",
    payload: { a: ones },
    want: "EVALUATION_STEP_LIMIT",
  },
  {
    option: "max-evaluation-bytes",
    name: "a text that is built again and again",
    limits: { maxEvaluationBytes: 10_000 },
    check: "{'(length(map(&pad_left(@, `100`), a)))': 200}",
    payload: { a: ones.map(String) },
    want: "EVALUATION_BYTE_LIMIT",
  },
  {
    option: "max-evaluation-bytes",
    name: "a long value compared with another in a tree",
    limits: { maxEvaluationBytes: 10_000 },
    check: "{a: ($payload.b)}",
    payload: { a: "x".repeat(10_001), b: "x".repeat(10_001) },
    want: "EVALUATION_BYTE_LIMIT",
  },
  {
    option: "max-depth",
    name: "a value compared with one as deep",
    limits: { maxDepth: 20 },
    check: "{a: ($payload.a)}",
    payload: { a: nest(30) },
    want: "EVALUATION_DEPTH_LIMIT",
  },
  {
    option: "max-depth",
    name: "an expression that nests",
    limits: { maxDepth: 20 },
    check: `{'(${"[".repeat(30)}a${"]".repeat(30)} != \`1\`)': true}`,
    payload: {},
    want: "POLICY_EXPRESSION_SYNTAX",
  },
  {
    option: "max-depth",
    name: "a tree that nests",
    limits: { maxDepth: 20 },
    check: JSON.stringify(nest(25)),
    payload: { a: nest(24) },
    want: "POLICY_TOO_LARGE",
  },
  {
    option: "max-string-bytes",
    name: "a text that is built",
    limits: { maxStringBytes: 1_024 },
    check: "{'(length(concat(a, a)))': 1200}",
    payload: { a: "x".repeat(600) },
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    option: "max-string-bytes",
    name: "a text that is padded",
    limits: { maxStringBytes: 1_024 },
    check: "{'(length(pad_left(a, `2000`)))': 2000}",
    payload: { a: "x" },
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    option: "max-pattern-length",
    name: "a regular expression of the request",
    limits: { maxPatternLength: 10 },
    check: "{'(regex_match(a, `\"x\"`))': true}",
    payload: { a: "x|".repeat(10) },
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    option: "max-pattern-length",
    name: "a pattern for chance",
    limits: { maxPatternLength: 10 },
    check: "{'(length(random(a)))': 11}",
    payload: { a: "x".repeat(11) },
    want: "EVALUATION_SIZE_LIMIT",
  },
  {
    option: "max-token-length",
    name: "a token",
    limits: { maxTokenLength: 200 },
    check: "{'(jwt_decode(a, ''secret'').payload.sub)': a}",
    payload: { a: token },
    want: "EVALUATION_SIZE_LIMIT",
  },
];

suite("limits of evaluation", () => {
  for (const { option, name, limits, check, payload, want } of evaluationRows) {
    test(`${option}: ${name}`, () => {
      const limited = { limits: { ...defaultEvaluationLimits, ...limits } };
      assert.equal(judge(check, payload, limited), want);
      assert.equal(judge(check, payload, {}), "allowed");
    });
  }
});

test("max-depth with --compat: what is refused otherwise denies", () => {
  const limits = { ...defaultEvaluationLimits, maxDepth: 20 };
  const check = `{'(${"[".repeat(30)}@${"]".repeat(30)})': 1}`;
  const options = { limits, compat: "kyverno-envoy-plugin" } as const;
  assert.equal(judge(check, {}, options), "EVALUATION_DEPTH_LIMIT");
});

suite("limits of YAML", () => {
  const files: readonly { name: string; text: string; want: string }[] = [
    { name: "a long file", text: `a: ${"x".repeat(4_194_304)}`, want: "POLICY_TOO_LARGE" },
    { name: "a file that nests", text: "[".repeat(300), want: "POLICY_TOO_LARGE" },
    {
      name: "a file that multiplies by aliases",
      text: aliases.join("\n"),
      want: "POLICY_ALIAS_LIMIT",
    },
  ];
  for (const { name, text, want } of files) {
    test(name, () => {
      const snapshot = { revision: "r", files: [{ path: "p.yaml", text }] };
      const { evaluator, diagnostics } = createEvaluator(snapshot, defaultPolicyOptions);
      assert.equal(evaluator, undefined);
      assert.equal(diagnostics[0]?.code, want);
    });
  }
  const texts: readonly { name: string; within: string; beyond: string }[] = [
    { name: "length", within: "x".repeat(65_000), beyond: "x".repeat(66_000) },
    { name: "depth", within: `${"[".repeat(100)}${"]".repeat(100)}`, beyond: "[".repeat(300) },
    {
      name: "aliases",
      within: aliases.slice(0, 3).join("\n"),
      beyond: aliases.join("\n"),
    },
  ];
  for (const { name, within, beyond } of texts) {
    test(`parse_yaml: ${name}`, () => {
      const check = "{'(parse_yaml(a) != `null`)': true}";
      const limits = { ...defaultEvaluationLimits, maxSteps: 1_000_000 };
      assert.equal(judge(check, { a: within }, { limits }), "allowed");
      assert.equal(judge(check, { a: beyond }, { limits }), "EVALUATION_SIZE_LIMIT");
    });
  }
});

function codeOf(input: CheckInput | RequestError): string {
  return input instanceof RequestError ? input.code : "read";
}

const direct: HttpFormOptions = { form: "direct", pathPrefix: "", clientAddress: "none" };

function readHttp(headers: number, bodyBytes: number, options: NormalizeOptions): string {
  const rawHeaders = Array.from({ length: headers - 1 }, (_, i) => [`x-${i}`, "1"]).flat();
  const head = {
    method: "GET",
    target: "/",
    rawHeaders: ["host", "a.example", ...rawHeaders],
    httpVersion: "1.1",
    remoteAddress: "10.0.0.1",
    remotePort: 1,
    receivedMs: 0,
  };
  return codeOf(normalizeHttpRequest(head, new Uint8Array(bodyBytes), direct, options));
}

function readCheck(
  http: Parameters<typeof encodeCheckRequest>[0],
  options: NormalizeOptions,
  more: JsonObject = {},
): string {
  const attributes = { request: { http }, ...more } as Parameters<typeof encodeCheckRequest>[0];
  return codeOf(normalizeCheckRequest(encodeCheckRequest({ attributes }), options));
}

const headers = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x-${i}`, "1"]));

const requestRows: readonly {
  readonly option: string;
  readonly name: string;
  readonly options: Partial<NormalizeOptions>;
  readonly read: (options: NormalizeOptions) => string;
  readonly want: string;
}[] = [
  {
    option: "max-headers",
    name: "a CheckRequest",
    options: { maxHeaders: 10 },
    read: (options) => readCheck({ headers }, options),
    want: "REQUEST_TOO_MANY_HEADERS",
  },
  {
    option: "max-headers",
    name: "a plain request",
    options: { maxHeaders: 10 },
    read: (options) => readHttp(20, 0, options),
    want: "REQUEST_TOO_MANY_HEADERS",
  },
  {
    option: "max-body-bytes",
    name: "a CheckRequest's text body",
    options: { maxBodyBytes: 10 },
    read: (options) => readCheck({ body: "x".repeat(20) }, options),
    want: "REQUEST_TOO_LARGE",
  },
  {
    option: "max-body-bytes",
    name: "a CheckRequest's raw body",
    options: { maxBodyBytes: 10 },
    read: (options) => readCheck({ rawBody: btoa("x".repeat(20)) }, options),
    want: "REQUEST_TOO_LARGE",
  },
  {
    option: "max-body-bytes",
    name: "a plain request",
    options: { maxBodyBytes: 10 },
    read: (options) => readHttp(1, 20, options),
    want: "REQUEST_TOO_LARGE",
  },
  {
    option: "(depth of messages)",
    name: "a CheckRequest's metadata",
    options: { maxDepth: 20 },
    read: (options) =>
      readCheck({}, options, {
        metadataContext: { filterMetadata: { a: nest(30) } },
      }),
    want: "REQUEST_TOO_DEEP",
  },
];

suite("limits of requests", () => {
  for (const { option, name, options, read, want } of requestRows) {
    test(`${option}: ${name}`, () => {
      assert.equal(read({ ...defaultNormalizeOptions, ...options }), want);
      assert.equal(read(defaultNormalizeOptions), "read");
    });
  }
});

suite("limits of what is remembered change no answer", () => {
  const check = "{'(jwt_decode(a, ''secret'').payload.sub)': a}";
  const caches = [
    // A good one, and a refused one beside it.
    { name: "jwt-cache-entries", jwtCache: { maxEntries: 1, maxBytes: 1_000_000 }, most: 2 },
    { name: "jwt-cache-entries of 0", jwtCache: { maxEntries: 0, maxBytes: 1_000_000 }, most: 0 },
    { name: "jwt-cache-bytes", jwtCache: { maxEntries: 1_000, maxBytes: 1 }, most: 0 },
  ];
  for (const { name, jwtCache, most } of caches) {
    test(name, () => {
      const { evaluator } = load(check, { jwtCache });
      assert.ok(evaluator !== undefined);
      const others = Array.from({ length: 5 }, (_, n) => mintToken({ claims: { sub: "a", n } }));
      for (const a of [...others, ...others, token]) {
        assert.equal(evaluator.decide({ payload: { a }, sizeBytes: 0 }).allowed, true);
      }
      const a = mintToken({ claims: { sub: "a" }, secret: "other" });
      assert.equal(evaluator.decide({ payload: { a }, sizeBytes: 0 }).allowed, false);
      assert.ok(evaluator.jwtCacheStats().entries <= most);
    });
  }
});

/** Bounds what the doors read before there is a request: test/server. */
const provedAtTheDoors = ["max-message-bytes"];

test("every option of the group `Limits` has its row", () => {
  const proved = [
    ...evaluationRows.map(({ option }) => option),
    ...requestRows.map(({ option }) => option),
    "jwt-cache-entries",
    "jwt-cache-bytes",
    ...provedAtTheDoors,
  ];
  const names = optionRows.filter(({ group }) => group === "Limits").map(({ name }) => name);
  assert.deepEqual(
    names.filter((name) => !proved.includes(name)),
    [],
  );
});

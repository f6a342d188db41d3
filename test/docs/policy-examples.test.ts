import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { fromJson, type JsonValue as ProtobufJson, toBinary } from "@bufbuild/protobuf";
import { normalizeCheckRequest } from "../../src/envoy/check-request/normalize-check-request.ts";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { CheckRequestSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { CheckInput } from "../../src/model/check-input.ts";
import type { Decision, DecisionReason } from "../../src/model/decision.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { defaultPolicyOptions, type PolicyOptions } from "../../src/model/limits.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { createSnapshot } from "../../src/sources/files/read-policy-files.ts";
import { cellOf, type Fence, readBlocks } from "./read-examples.ts";

/**
 * A policy (`yaml`), then requests under it: `json allow` or `json deny`, with `compat` behind it where that mode is meant,
 * and under it, as `text`, what the client is told, or, as `json response`, what the proxy is told.
 */
interface RequestExample {
  readonly policy: Fence;
  readonly request: Fence;
  readonly body: string | undefined;
  /** What the proxy is told beside the verdict. */
  readonly response: string | undefined;
}

const documents = ["policy-language.md", "compatibility.md", "cel-policies.md"].map((name) => {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");
  return { name, blocks: readBlocks(text) };
});

const compatOptions: PolicyOptions = {
  ...defaultPolicyOptions,
  compat: "kyverno-envoy-plugin",
  noRuleApplies: "allow",
  denyBody: "details",
};

const environment = { nowMs: () => Date.UTC(2026, 0, 1), random: () => 0.5 };

function decide(text: string, options: PolicyOptions, input: CheckInput): Decision {
  const snapshot = createSnapshot([{ path: "example.yaml", text }]);
  const { evaluator, diagnostics } = createEvaluator(snapshot, options, environment);
  assert.ok(evaluator !== undefined, JSON.stringify(diagnostics));
  return evaluator.decide(input);
}

/** A policy that asserts the tree, which stands in one line. */
function policyOf(tree: string): string {
  return `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: example }
spec:
  rules:
    - name: example
      assert:
        all:
          - check: ${tree}
`;
}

/** What policies see of the attributes once they have been on the wire; the guide has to show them just so. */
function sendAsEnvoyDoes(attributes: ProtobufJson & JsonObject): CheckInput {
  const message = fromJson(CheckRequestSchema, { attributes });
  const input = normalizeCheckRequest(
    toBinary(CheckRequestSchema, message),
    defaultNormalizeOptions,
  );
  assert.ok("payload" in input);
  assert.deepEqual(input.payload, attributes);
  return input;
}

function requestExamples(blocks: ReturnType<typeof readBlocks>): readonly RequestExample[] {
  const fences = blocks.filter((block) => block.kind === "fence");
  let policy: Fence | undefined;
  return fences.flatMap((fence, i) => {
    if (fence.info === "yaml") policy = fence;
    if (!/^json (?:allow|deny)/.test(fence.info) || policy === undefined) return [];
    const next = fences[i + 1];
    const body = next?.info === "text" ? next.text : undefined;
    const response = next?.info === "json response" ? next.text : undefined;
    return [{ policy, request: fence, body, response }];
  });
}

/** What a block may be, so that none is passed over for a slip in its first line. */
const knownInfo =
  /^(?:yaml|json payload|json value|json response|json allow|json deny|json allow compat|json deny compat|text)$/;

test("every block of the documents is an example that is run", () => {
  for (const { name, blocks } of documents) {
    const infos = blocks.flatMap((block) => (block.kind === "fence" ? [block.info] : []));
    assert.deepEqual(
      infos.filter((info) => !knownInfo.test(info)),
      [],
      name,
    );
    assert.ok(requestExamples(blocks).length > 0, name);
  }
});

test("the guide's payload is one that Envoy can send", () => {
  const payloads = documents.flatMap(({ blocks }) =>
    blocks.filter((block) => block.kind === "fence" && block.info === "json payload"),
  );
  assert.equal(payloads.length, 1);
  for (const payload of payloads) {
    sendAsEnvoyDoes(JSON.parse("text" in payload ? payload.text : ""));
  }
});

suite("requests get the verdicts the documentation says", () => {
  for (const { name, blocks } of documents) {
    for (const { policy, request, body, response } of requestExamples(blocks)) {
      test(`${name}, line ${request.line}`, () => {
        const options = request.info.includes("compat") ? compatOptions : defaultPolicyOptions;
        const decision = decide(policy.text, options, sendAsEnvoyDoes(JSON.parse(request.text)));
        assert.equal(decision.allowed, request.info.startsWith("json allow"), decision.body);
        assert.equal(decision.body, body ?? decision.body);
        if (response !== undefined) assert.deepEqual(decision.response, JSON.parse(response));
      });
    }
  }
});

const reasons: ReadonlyMap<string, DecisionReason> = new Map([
  ["passes", "passed"],
  ["fails", "rule-failed"],
  ["error", "evaluation-error"],
]);

suite("checks come to what the documentation says", () => {
  for (const { name, blocks } of documents) {
    const rows = blocks.flatMap((block) =>
      block.kind === "table" && block.header.includes("check") ? block.rows : [],
    );
    for (const row of rows) {
      test(`${name}, line ${row.line}: ${cellOf(row, "check")}`, () => {
        const input = { payload: JSON.parse(cellOf(row, "value")), sizeBytes: 0 };
        const { reason } = decide(policyOf(cellOf(row, "check")), defaultPolicyOptions, input);
        assert.equal(reason, reasons.get(cellOf(row, "outcome")));
      });
    }
  }
});

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fromJson, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { parse } from "yaml";
import { normalizeCheckRequest } from "../../src/envoy/check-request/normalize-check-request.ts";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { CheckRequestSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { readPolicyFiles } from "../../src/sources/files/read-policy-files.ts";
import { mintToken, type TokenParts } from "../support/tokens.ts";

/** One file of cases: requests by their attributes, and what becomes of them. */
interface CaseFile {
  readonly policy: string;
  readonly cases: readonly SampleCase[];
}

interface SampleCase {
  readonly name: string;
  readonly http: JsonObject & { readonly headers?: JsonObject };
  readonly source?: JsonObject;
  readonly destination?: JsonObject;
  readonly contextExtensions?: JsonObject;
  /** Sent as `Authorization: Bearer …`. */
  readonly token?: TokenParts;
  /** What is sent instead, with the token for `TOKEN`. */
  readonly authorization?: string;
  readonly want: "allow" | "deny";
  /** No rule of the sample is about it. */
  readonly isUnjudged?: boolean;
  /** The text a denied client gets, where the case is about it. */
  readonly body?: string;
}

const folder = fileURLToPath(new URL("../../policies/", import.meta.url));
const caseFolder = new URL("./", import.meta.url);
const caseFiles: readonly CaseFile[] = readdirSync(caseFolder)
  .filter((name) => name.endsWith(".cases.yaml"))
  .map((name) => parse(readFileSync(new URL(name, caseFolder), "utf8")));

function encodeRequest({ http, token, ...sample }: SampleCase): Uint8Array {
  const { authorization = "Bearer TOKEN" } = sample;
  const headers = {
    ...http.headers,
    ...(token !== undefined && {
      authorization: authorization.replaceAll("TOKEN", mintToken(token)),
    }),
  };
  const { source = {}, destination = {}, contextExtensions = {} } = sample;
  const request = { http: { ...http, headers } };
  const attributes = { source, destination, contextExtensions, request };
  return toBinary(CheckRequestSchema, fromJson(CheckRequestSchema, { attributes }));
}

test("every sample policy has cases", () => {
  assert.deepEqual(new Set(caseFiles.map(({ policy }) => policy)), new Set(readdirSync(folder)));
});

for (const { policy, cases } of caseFiles) {
  suite(policy, async () => {
    const { snapshot } = await readPolicyFiles([folder + policy]);
    assert.ok(snapshot !== undefined);
    const { evaluator, diagnostics } = createEvaluator(snapshot, defaultPolicyOptions);
    // Of the published keys, which are not meant to be kept.
    assert.deepEqual(
      diagnostics.filter(({ code }) => code !== "POLICY_KEY"),
      [],
    );
    assert.ok(evaluator !== undefined);
    const { evaluator: lenient } = createEvaluator(snapshot, {
      ...defaultPolicyOptions,
      noRuleApplies: "allow",
    });
    for (const sample of cases) {
      test(`${sample.want}: ${sample.name}`, () => {
        const input = normalizeCheckRequest(encodeRequest(sample), defaultNormalizeOptions);
        assert.ok("payload" in input);
        const decision = evaluator.decide(input);
        assert.equal(decision.allowed, sample.want === "allow", JSON.stringify(decision));
        assert.equal(decision.body, sample.body ?? decision.body);
        // A rule says so: that none applies would let it in beside other policies, or with --compat.
        const wantLenient = sample.isUnjudged === true || sample.want === "allow";
        assert.equal(lenient?.decide(input).allowed, wantLenient);
      });
    }
  });
}

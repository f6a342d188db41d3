import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import type { Decision } from "../../src/model/decision.ts";
import { isJsonObject, type JsonValue } from "../../src/model/json.ts";
import { createInlinePool } from "../../src/pool/create-pool.ts";
import { createCurrentPool } from "../../src/pool/current-pool.ts";
import { createCheckHandlers } from "../../src/server/grpc/check-service.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { answerOptions } from "../support/answer-options.ts";
import { createRawGrpcClient, type RawAnswer } from "../support/raw-grpc-client.ts";
import { adapters } from "../support/transports.ts";
import { createEngine, type Engine } from "./engine.ts";
import { findVectorFiles, testedPaths } from "./find-vectors.ts";
import { canonicalText } from "./go-values.ts";
import type { Judgement } from "./judgement.ts";
import { decodeResponse, encodeRequest, normalizeOptions, withoutBody } from "./run-check.ts";
import { snapshotOf, wantedVerdict } from "./run-policy.ts";
import { type CheckJudge, runVectorFile } from "./run-vectors.ts";
import { formatFinding, isPassed, isTextFault } from "./tally.ts";
import type { CheckVector, ExpectedResponse } from "./vector.ts";

const checkPath = "/envoy.service.auth.v3.Authorization/Check";
const deadlineMs = 30_000;
const shownCharacters = 500;
/** The denial of a request that brought the Go process down. */
const denial: JsonValue = {
  status: { code: 7 },
  deniedResponse: { status: { code: "Forbidden" } },
};
/** UNAVAILABLE: there are no policies to judge by. */
const notReady = "grpc 14";

const engine = createEngine();
const files = testedPaths()
  .flatMap((path) => findVectorFiles(path) ?? [])
  .filter((path) => basename(path).startsWith("check-"));

for (const adapter of adapters) {
  test(`the check vectors hold for whoever calls over ${adapter.name}`, async (t) => {
    const metrics = createMetrics({ processMetrics: false });
    let served = createCurrentPool();
    const transport = adapter.create({
      maxMessageBytes: 4_194_304,
      handlers: createCheckHandlers({
        dispatcher: { serving: () => served.serving() },
        observer: metrics,
        defaultDeadlineMs: deadlineMs,
        ...answerOptions,
        normalize: normalizeOptions,
        denyContentType: false,
        isReady: () => true,
      }),
    });
    const client = createRawGrpcClient(await transport.listen("127.0.0.1:0"));
    t.after(async () => {
      client.close();
      await transport.close(0);
    });

    let calls = 0;
    const judgeOverWire: CheckJudge = async (vector) => {
      const decisions: Decision[] = [];
      served = createCurrentPool();
      const evaluator = createEvaluator(vector, engine, decisions);
      if (evaluator !== undefined) served.replace(createInlinePool(evaluator, metrics.poolEvents));
      calls += 1;
      const request = encodeRequest(vector.checkRequest);
      const answer = await client.call(checkPath, request, { deadlineMs });
      return compareServed(vector.expect, answer, decisions[0]?.body);
    };

    assert.ok(files.length > 0);
    for (const file of files) {
      const findings = await runVectorFile(file, engine, judgeOverWire);
      const faults = findings.filter((finding) => !isPassed(finding) || isTextFault(finding));
      const lines = faults.slice(0, 10).flatMap((fault) => formatFinding(fault, shownCharacters));
      assert.equal(faults.length, 0, lines.join("\n"));
    }
    assert.ok(calls >= 430, `${calls} calls`);
  });
}

/** An evaluator of the vector's policies that keeps its decisions; undefined where they do not load. */
function createEvaluator(
  vector: CheckVector,
  { load }: Engine,
  decisions: Decision[],
): Parameters<typeof createInlinePool>[0] | undefined {
  const { policySet, reads } = load(snapshotOf(vector.policies));
  if (policySet === undefined || reads === undefined) return undefined;
  return {
    revision: policySet.revision,
    reads,
    hasBoundedWork: true,
    jwtCacheStats: () => ({ hits: 0, misses: 0, entries: 0, bytes: 0 }),
    decide(input) {
      const decision = policySet.decide(input);
      decisions.push(decision);
      return decision;
    },
  };
}

/**
 * How what the caller got compares with what the Go plugin sent.
 *
 * @param decidedBody the body of our decision, which the answer's has to be where Go's has no fixed order
 */
function compareServed(
  expect: ExpectedResponse,
  answer: RawAnswer,
  decidedBody: string | undefined,
): Judgement {
  const response = answer.message && decodeResponse(answer.message);
  const got = response === undefined ? `grpc ${answer.code}` : canonicalText(withoutBody(response));
  const wanted = wantedAnswer(expect);
  const wantedBody = expect.order === "exact" ? expect.body : decidedBody;
  if (got !== wanted) return { agrees: false, wanted, got };
  if (wantedBody === undefined) return { agrees: true, wanted, got };
  const body = bodyOf(response);
  return { agrees: true, textsEqual: body === wantedBody, wanted: wantedBody, got: body };
}

function wantedAnswer(expect: ExpectedResponse): string {
  const verdict = wantedVerdict(expect);
  if (verdict === "load-error") return notReady;
  if (verdict === "rpc-error") return `a failed call: ${expect.rpcError}`;
  return canonicalText(withoutBody(expect.response ?? denial));
}

function bodyOf(response: JsonValue | undefined): string {
  if (!isJsonObject(response) || !isJsonObject(response["deniedResponse"])) return "";
  const { body = "" } = response["deniedResponse"];
  return typeof body === "string" ? body : JSON.stringify(body);
}

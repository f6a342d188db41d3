import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import { packAnswer, unpackAnswer } from "../../src/evaluator/protocol.ts";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import type { Decision } from "../../src/model/decision.ts";
import type { AllowResponse, DenyResponse } from "../../src/model/decision-response.ts";
import { answerOutcome } from "../../src/server/check/answer.ts";
import { createFakeDispatcher } from "../support/fake-dispatcher.ts";
import { startHttpDoor } from "../support/http-door.ts";

const allow: AllowResponse = {
  kind: "allow",
  requestHeaders: [
    { name: "x-user", value: "ann", action: "set" },
    { name: "x-role", value: "reader", action: "append" },
  ],
  removedHeaders: ["x-secret"],
  responseHeaders: [{ name: "x-seen", value: "1", action: "set" }],
  queryParameters: [{ name: "a", value: "1" }],
  removedQueryParameters: ["b"],
  dynamicMetadata: { user: { name: "ann", roles: ["reader", 1, null] } },
};
const deny: DenyResponse = {
  kind: "deny",
  status: 401,
  headers: [
    { name: "www-authenticate", value: "Bearer", action: "set" },
    { name: "www-authenticate", value: "Basic", action: "append" },
  ],
  body: "who are you?",
};
const allowed: Decision = { allowed: true, reason: "passed", body: "", response: allow };
const denied: Decision = { allowed: false, reason: "rule-failed", body: "no", response: deny };
const options = { shed: "deny", showReason: true } as const;
const jwtCache = { hits: 0, misses: 0, entries: 0, bytes: 0 };

const crossed = (decision: Decision) =>
  unpackAnswer(packAnswer({ decisions: [decision], evaluationMs: 1, jwtCache }), 1)?.decisions[0];

suite("a response on its way from a worker", () => {
  test("comes as it was", () => {
    assert.deepEqual(crossed(allowed), allowed);
    assert.deepEqual(crossed(denied), denied);
  });

  test("is refused with its decision, and all others of the answer, when it is for another verdict", () => {
    assert.equal(crossed({ ...denied, response: allow }), undefined);
    assert.equal(crossed({ ...allowed, response: deny }), undefined);
    assert.equal(crossed({ ...denied, response: { ...deny, status: 99 } }), undefined);
  });
});

suite("an answer", () => {
  test("has the response that fits it", () => {
    assert.deepEqual(answerOutcome(allowed, options), {
      kind: "allow",
      reason: "passed",
      response: allow,
    });
    assert.deepEqual(answerOutcome(denied, options), {
      kind: "forbidden",
      reason: "rule-failed",
      body: "who are you?",
      response: deny,
    });
    const { body: _, ...bare } = deny;
    const answer = answerOutcome({ ...denied, response: bare }, options);
    assert.equal("body" in answer && answer.body, "no");
  });

  test("has none that does not, and the verdict stays", () => {
    assert.deepEqual(answerOutcome({ ...allowed, response: deny }, options), {
      kind: "allow",
      reason: "passed",
    });
    assert.deepEqual(answerOutcome({ ...denied, response: allow }, options), {
      kind: "forbidden",
      reason: "rule-failed",
      body: "no",
    });
  });
});

const option = (key: string, value: string, action: "set" | "append") => ({
  header: { key, value },
  append: action === "append",
  ...(action === "set" && { appendAction: "OVERWRITE_IF_EXISTS_OR_ADD" }),
});

const answering = (decision: Decision) =>
  createFakeDispatcher((done) => {
    done(decision);
  });

const decode = (message: Uint8Array): unknown =>
  toJson(CheckResponseSchema, fromBinary(CheckResponseSchema, message));

suite("a CheckResponse", () => {
  test("that allows says what becomes of the request", () => {
    assert.deepEqual(decode(buildAllowResponse(allow)), {
      status: {},
      okResponse: {
        headers: [option("x-user", "ann", "set"), option("x-role", "reader", "append")],
        headersToRemove: ["x-secret"],
        responseHeadersToAdd: [option("x-seen", "1", "set")],
        queryParametersToSet: [{ key: "a", value: "1" }],
        queryParametersToRemove: ["b"],
      },
      dynamicMetadata: { user: { name: "ann", roles: ["reader", 1, null] } },
    });
  });

  test("that denies says what the client is answered, and is a denial whatever the status", () => {
    const denial = { kind: "forbidden", body: "who are you?", contentType: true } as const;
    assert.deepEqual(decode(buildDenyResponse({ ...denial, response: deny })), {
      status: { code: 7 },
      deniedResponse: {
        status: { code: "Unauthorized" },
        headers: [
          option("www-authenticate", "Bearer", "set"),
          // With `append: true` Envoy 1.40 leaves it out.
          { header: { key: "www-authenticate", value: "Basic" } },
          option("content-type", "text/plain; charset=utf-8", "set"),
        ],
        body: "who are you?",
      },
    });
    const typed: DenyResponse = {
      kind: "deny",
      status: 200,
      headers: [{ name: "Content-Type", value: "text/html", action: "set" }],
      dynamicMetadata: { why: 1 },
    };
    assert.deepEqual(decode(buildDenyResponse({ ...denial, response: typed })), {
      status: { code: 7 },
      deniedResponse: {
        status: { code: "OK" },
        headers: [option("Content-Type", "text/html", "set")],
        body: "who are you?",
      },
      dynamicMetadata: { why: 1 },
    });
  });

  test("of a status that HTTP does not have is a 403", () => {
    const denial = { kind: "forbidden", body: "", contentType: false } as const;
    const odd: DenyResponse = { kind: "deny", status: 42, headers: [] };
    assert.deepEqual(decode(buildDenyResponse({ ...denial, response: odd })), {
      status: { code: 7 },
      deniedResponse: { status: { code: "Forbidden" } },
    });
  });
});

suite("the HTTP door", () => {
  test("lets in by `allowed` alone: no status of a denial is a 2xx or a 5xx", async (t) => {
    for (const [status, want] of [
      [200, 403],
      [204, 403],
      [302, 302],
      [401, 401],
      [429, 429],
      [500, 403],
      [503, 403],
    ] as const) {
      const { port } = await startHttpDoor(
        t,
        answering({ ...denied, response: { ...deny, status } }),
      );
      const response = await fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" });
      assert.equal(response.status, want);
    }
  });

  test("sends nginx only what it knows as a denial", async (t) => {
    const form = { form: "original", pathPrefix: "", clientAddress: "none" } as const;
    for (const [status, want] of [
      [401, 401],
      [302, 403],
      [429, 403],
    ] as const) {
      const dispatcher = answering({ ...denied, response: { ...deny, status } });
      const { port } = await startHttpDoor(t, dispatcher, { form });
      const headers = { "x-original-method": "GET", "x-original-uri": "/" };
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers, redirect: "manual" });
      assert.equal(response.status, want);
    }
  });

  test("sends headers and body, and none that are not a policy's business", async (t) => {
    const headers = [
      ...deny.headers,
      { name: "Content-Length", value: "3", action: "set" },
      { name: "X-Envoy-Auth", value: "1", action: "set" },
      { name: "content-type", value: "application/json", action: "set" },
    ] as const;
    const { port } = await startHttpDoor(
      t,
      answering({ ...denied, response: { ...deny, headers } }),
    );
    const response = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(await response.text(), "who are you?");
    assert.equal(response.headers.get("www-authenticate"), "Bearer, Basic");
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("x-envoy-auth"), null);
    const passing = await startHttpDoor(t, answering(allowed));
    const pass = await fetch(`http://127.0.0.1:${passing.port}/`);
    assert.deepEqual([pass.status, pass.headers.get("x-user")], [200, "ann"]);
  });

  test("denies where a header cannot be sent", async (t) => {
    for (const decision of [allowed, denied]) {
      const bad = { name: "x-user", value: "a\r\nx-admin: 1", action: "set" } as const;
      const response =
        decision.response?.kind === "allow"
          ? { ...allow, requestHeaders: [bad] }
          : { ...deny, headers: [bad] };
      const faults: string[] = [];
      const onFault = (where: string): void => void faults.push(where);
      const dispatcher = answering({ ...decision, response });
      const { port } = await startHttpDoor(t, dispatcher, { onFault });
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      assert.deepEqual([answer.status, answer.headers.get("x-admin")], [403, null]);
      assert.deepEqual(faults, ["answer"]);
    }
  });
});

test("a denial that says no more than any other has the bytes of any other", () => {
  for (const body of ["", "no"]) {
    for (const contentType of [true, false]) {
      const denial = { kind: "forbidden", body, contentType } as const;
      const plain: DenyResponse = { kind: "deny", status: 403, headers: [], body };
      assert.deepEqual(
        Buffer.from(buildDenyResponse({ ...denial, response: plain })),
        Buffer.from(buildDenyResponse(denial)),
      );
      const other: DenyResponse = { ...plain, status: 404 };
      assert.notDeepEqual(
        Buffer.from(buildDenyResponse({ ...denial, response: other })),
        Buffer.from(buildDenyResponse(denial)),
      );
    }
  }
});

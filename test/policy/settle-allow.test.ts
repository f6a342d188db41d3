import assert from "node:assert/strict";
import { test } from "node:test";
import type { AllowResponse } from "../../src/model/decision-response.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { settleAllow } from "../../src/policy/settle-allow.ts";

const nothing: AllowResponse = {
  kind: "allow",
  requestHeaders: [],
  removedHeaders: [],
  responseHeaders: [],
  queryParameters: [],
  removedQueryParameters: [],
};

function settle(change: Partial<AllowResponse>, http: JsonObject): AllowResponse {
  return settleAllow({ ...nothing, ...change }, { request: { http } });
}

test("a header is appended where the request has one, and set where it has none", () => {
  const requestHeaders = [
    { name: "x-a", value: "1", action: "append" },
    { name: "x-b", value: "1", action: "append" },
    { name: "x-b", value: "2", action: "append" },
    { name: "__proto__", value: "1", action: "append" },
  ] as const;
  const actions = (http: JsonObject): readonly string[] =>
    settle({ requestHeaders }, http).requestHeaders.map(({ action }) => action);
  assert.deepEqual(actions({ headers: { "x-a": "0" } }), ["append", "set", "append", "set"]);
  assert.deepEqual(actions({ headers: { "x-b": "" } }), ["set", "append", "append", "set"]);
  assert.deepEqual(actions({}), ["set", "set", "append", "set"]);
});

test("a query parameter cannot start another, or be spelled so that it stays", () => {
  const change = {
    queryParameters: [{ name: "who", value: "a&admin=1 #\ud800" }],
    removedQueryParameters: ["token", "a b"],
  };
  const path = "/x?who=eve&%77ho=eve&tok%65n=1&token=2&a+b=1&a%20b=2&%zz=1&other=token&token";
  assert.deepEqual(settle(change, { path }), {
    ...nothing,
    queryParameters: [{ name: "who", value: "a%26admin%3D1%20%23%EF%BF%BD" }],
    removedQueryParameters: ["token", "a%20b", "%77ho", "tok%65n", "a+b"],
  });
  assert.deepEqual(settle(change, {}).removedQueryParameters, ["token", "a%20b"]);
});

test("an answer without either stays as it is", () => {
  assert.equal(settleAllow(nothing, {}), nothing);
});

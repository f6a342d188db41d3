import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  type AllowResponse,
  type DenyResponse,
  isResponseTo,
} from "../../src/model/decision-response.ts";
import type { JsonValue } from "../../src/model/json.ts";

const change = { name: "x-user", value: "ann", action: "set" } as const;
const allow: AllowResponse = {
  kind: "allow",
  requestHeaders: [change],
  removedHeaders: ["x-secret"],
  responseHeaders: [{ ...change, action: "append" }],
  queryParameters: [{ name: "a", value: "1" }],
  removedQueryParameters: ["b"],
  dynamicMetadata: { user: "ann" },
};
const deny: DenyResponse = { kind: "deny", status: 401, headers: [change], body: "who are you?" };

test("a response fits the verdict that it is for, and no other", () => {
  for (const response of [allow, deny]) {
    const crossed: JsonValue = JSON.parse(JSON.stringify(response));
    assert.equal(isResponseTo(true, crossed), response.kind === "allow");
    assert.equal(isResponseTo(false, crossed), response.kind === "deny");
  }
});

test("nothing fits nothing", () => {
  assert.equal(isResponseTo(true, undefined), false);
  assert.equal(isResponseTo(false, undefined), false);
});

suite("what is no response fits nothing", () => {
  const cases: readonly [string, object | null][] = [
    ["null", null],
    ["a list", [allow]],
    ["without a kind", { ...deny, kind: undefined }],
    ["an inherited kind", { ...deny, kind: undefined, ["__proto__"]: { kind: "deny" } }],
    ["a status below 200", { ...deny, status: 199 }],
    ["a status above 599", { ...deny, status: 600 }],
    ["half a status", { ...deny, status: 401.5 }],
    ["a status as text", { ...deny, status: "401" }],
    ["a body that is no text", { ...deny, body: 1 }],
    ["headers that are no list", { ...deny, headers: change }],
    ["a header without a name", { ...deny, headers: [{ value: "1", action: "set" }] }],
    ["a header whose value is no text", { ...deny, headers: [{ ...change, value: 1 }] }],
    ["a header of unknown action", { ...allow, requestHeaders: [{ ...change, action: "drop" }] }],
    ["a name that is no text", { ...allow, removedHeaders: [1] }],
    ["response headers left out", { ...allow, responseHeaders: undefined }],
    ["a parameter without a value", { ...allow, queryParameters: [{ name: "a" }] }],
    ["a parameter's name that is no text", { ...allow, removedQueryParameters: [null] }],
    ["metadata that is no object", { ...allow, dynamicMetadata: [] }],
  ];
  for (const [name, value] of cases) {
    test(name, () => {
      const sent: JsonValue = JSON.parse(JSON.stringify(value));
      assert.equal(isResponseTo(true, sent), false);
      assert.equal(isResponseTo(false, sent), false);
    });
  }
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  isSecretName,
  type LogValue,
  redactText,
  redactValue,
} from "../../src/telemetry/redact.ts";
import { cpuTimeMs } from "../support/cpu-time.ts";

const jwt = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.${"c".repeat(43)}`;

const texts = [
  { input: "GET /api/v1/books/123?page=2", want: "GET /api/v1/books/123?page=2" },
  { input: "policies/demo.yaml:3:7", want: "policies/demo.yaml:3:7" },
  { input: jwt, want: "[redacted]" },
  { input: `sent ${jwt}, denied`, want: "sent [redacted], denied" },
  { input: `Bearer ${jwt}`, want: "Bearer [redacted]" },
  { input: "authorization: bearer s3cret-opaque", want: "authorization: bearer [redacted]" },
  { input: "Basic dXNlcjpwYXNz rest", want: "Basic [redacted] rest" },
  { input: "/login?access_token=abc&page=2", want: "/login?access_token=[redacted]&page=2" },
  { input: "password=hunter2; other=1", want: "password=[redacted]; other=1" },
  { input: "Session-ID=42", want: "Session-ID=[redacted]" },
];

suite("text", () => {
  for (const { input, want } of texts) test(input, () => assert.equal(redactText(input), want));
});

const names = [
  "authorization",
  "Proxy-Authorization",
  "cookie",
  "Set-Cookie",
  "x-api-key",
  "apikey",
  "x-auth-token",
  "x-amz-security-token",
  "client_secret",
  "password",
  "X-Forwarded-Jwt",
];

suite("names of secrets", () => {
  for (const name of names) test(name, () => assert.equal(isSecretName(name), true));
});

suite("names of others", () => {
  for (const name of ["path", ":method", "x-request-id", "user-agent", "revision", "__proto__"]) {
    test(name, () => assert.equal(isSecretName(name), false));
  }
});

const values: { name: string; value: LogValue; want: LogValue }[] = [
  { name: "authorization", value: "x", want: "[redacted]" },
  { name: "cookies", value: ["a", "b"], want: "[redacted]" },
  { name: "tokens", value: 5, want: 5 },
  {
    name: "headers",
    value: { cookie: "a=b", accept: "*/*" },
    want: { cookie: "[redacted]", accept: "*/*" },
  },
  {
    name: "list",
    value: [jwt, { token: "x", n: 1 }],
    want: ["[redacted]", { token: "[redacted]", n: 1 }],
  },
  { name: "path", value: null, want: null },
];

suite("fields", () => {
  for (const { name, value, want } of values) {
    test(`${name}=${JSON.stringify(value)}`, () =>
      assert.deepEqual(redactValue(name, value), want));
  }
});

test("keys that look like tokens are redacted too, and __proto__ is an ordinary one", () => {
  const value = JSON.parse(`{"${jwt}":1,"__proto__":"Bearer x"}`);
  const want = JSON.parse('{"[redacted]":1,"__proto__":"Bearer [redacted]"}');
  assert.deepEqual(redactValue("claims", value), want);
});

test("depth is bounded", () => {
  let value: LogValue = "deep";
  for (let depth = 0; depth < 100_000; depth++) value = [value];
  assert.deepEqual(redactValue("x", value), [[[[[["[too deep]"]]]]]]);
});

const hostile = [
  { name: "a long word", text: "a".repeat(200_000) },
  { name: "hyphens", text: "a-".repeat(100_000) },
  { name: "spaces after bearer", text: `bearer${" ".repeat(200_000)}` },
  { name: "beginnings of tokens", text: "eyJ".repeat(70_000) },
];

suite("time and size are bounded", () => {
  for (const { name, text } of hostile) {
    test(name, () => {
      const tookMs = cpuTimeMs(() => {
        assert.ok(redactText(text).length <= 4_110);
      });
      assert.ok(tookMs < 1_000, `${tookMs} ms`);
    });
  }
});

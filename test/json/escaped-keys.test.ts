/**
 * V8 of Node 24 reads an escaped key as another one that it has met behind the same members (nodejs/node#63785). Each
 * way in which a client's or a policy's JSON is read is tried with texts that lead it to do so.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { packAnswer, packBatch, unpackAnswer, unpackBatch } from "../../src/evaluator/protocol.ts";
import { parseJsonText } from "../../src/go-values/json-text.ts";
import { hasEscapedKey } from "../../src/json/native-json.ts";
import { readJson } from "../../src/json/read-json.ts";
import { noDeadline } from "../../src/model/deadline.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { parseYaml } from "../../src/yaml/parse-yaml.ts";
import { readJsonLine } from "../support/read-json-line.ts";
import { mintToken } from "../tokens/mint-token.ts";

/** Texts that teach the engine's parser a key, and texts that it misreads afterwards, with what is right. */
const cases: readonly {
  readonly teach: string;
  readonly text: string;
  readonly want: JsonValue;
}[] = [
  {
    teach: "null",
    text: String.raw`{"x":{"x":1,"adm\\u":1},"adm\u0069n":true}`,
    want: { x: { x: 1, "adm\\u": 1 }, admin: true },
  },
  {
    teach: String.raw`{"h":1,"adm\\u":1}`,
    text: String.raw`{"h":1,"adm\u0069n":true}`,
    want: { h: 1, admin: true },
  },
  { teach: String.raw`{"h":1,"\\":0}`, text: String.raw`{"h":1,"\"":2}`, want: { h: 1, '"': 2 } },
  { teach: String.raw`{"h":1,"\\":0}`, text: String.raw`{"h":1,"\n":2}`, want: { h: 1, "\n": 2 } },
  {
    teach: String.raw`[{"a":1,"b":2,"c\\u":3}]`,
    text: String.raw`[{"a":1,"b":2,"c\u0064e":3}]`,
    want: [{ a: 1, b: 2, cde: 3 }],
  },
];

test("the engine's own parser misreads some, or need no longer be kept from them", () => {
  const misread = cases.filter(({ teach, text, want }) => {
    JSON.parse(teach);
    return JSON.stringify(JSON.parse(text)) !== JSON.stringify(want);
  });
  const isAffected = Number(process.versions.node.split(".")[0]) === 24;
  if (isAffected) assert.ok(misread.length > 0);
});

for (const { teach, text, want } of cases) {
  test(`${text} after ${teach}`, async (t) => {
    for (const [name, read] of Object.entries({
      "the reader": (json: string) => readJson(json, { maxDepth: 10, halfPairs: "kept" }),
      "the reader of parse functions": (json: string) => parseJsonText(json, 10),
      "the reader of long texts": (json: string) => parseJsonText(json + " ".repeat(5_000), 10),
      "a policy file": (json: string) => parseYaml(json, { dialect: "json" }).value,
      "a vector": readJsonLine,
    })) {
      await t.test(name, () => {
        JSON.parse(teach);
        read(teach);
        assert.deepEqual(read(text), want);
      });
    }
  });
}

test("keys that need escapes cross to a worker and back unchanged", () => {
  const keys = ["adm\\u", "admin", '"', "\\", "\n", "\u0000", "__proto__", "\ud800"];
  for (const first of keys) {
    for (const second of keys) {
      const inputs = [first, second, first].map((key) => ({
        payload: Object.fromEntries<JsonValue>([
          ["h", 1],
          [key, key],
        ]),
        sizeBytes: 9,
      }));
      const batch = inputs.map((input) => ({ input, deadline: noDeadline }));
      const arrived = unpackBatch(structuredClone(packBatch(batch)));
      assert.deepEqual(
        arrived.map(({ input }) => input),
        inputs,
      );
    }
  }
  const denied = { allowed: false, reason: "rule-failed", body: '{"\\u0069":1}' } as const;
  const jwtCache = { hits: 0, misses: 0, entries: 0, bytes: 0 };
  const answer = { decisions: [denied], evaluationMs: 1, jwtCache };
  assert.deepEqual(unpackAnswer(packAnswer(answer), 1), answer);
});

test("no escaped key gets past a policy that asks for its absence", async (t) => {
  const hidden = String.raw`{"x":{"x":1,"adm\\u":1},"adm\u0069n":true}`;
  const token = mintToken(hidden, "key");
  const header = mintToken(
    "{}",
    "key",
    String.raw`{"alg":"HS256","x":{"alg":1,"x":1,"adm\\u":1},"adm\u0069n":true}`,
  );
  const checks: Readonly<Record<string, JsonObject>> = {
    parse_json: { "(parse_json(request.http.body).admin)": null },
    json_parse: { "(json_parse(request.http.body).admin)": null },
    "a token's payload": { "(jwt_decode(request.http.token, 'key').payload.admin)": null },
    "a token's header": { "(jwt_decode(request.http.header, 'key').header.admin)": null },
    "a literal": { [`(\`${hidden}\`.admin)`]: null },
    "a literal that a payload can teach": {
      [`((json_parse(request.http.body)) && \`${hidden}\`.admin)`]: null,
    },
  };
  for (const [name, check] of Object.entries(checks)) {
    await t.test(name, () => {
      const policy = {
        apiVersion: "json.kyverno.io/v1alpha1",
        kind: "ValidatingPolicy",
        metadata: { name: "p" },
        spec: { rules: [{ name: "r", assert: { all: [{ check }] } }] },
      };
      const text = JSON.stringify(policy);
      const snapshot = { revision: "r", files: [{ path: "p.json", text }] };
      const { evaluator } = createEvaluator(snapshot, defaultPolicyOptions);
      const http = { body: hidden, token, header };
      const input = { payload: { request: { http } }, sizeBytes: 1 };
      for (let round = 0; round < 3; round++) {
        const decision = evaluator?.decide(input);
        assert.deepEqual([decision?.allowed, decision?.reason], [false, "rule-failed"]);
      }
    });
  }
});

test("where a text has an escaped key is told from what only looks like one", () => {
  for (const [text, want] of [
    [String.raw`{"a":"\n"}`, false],
    [String.raw`{"a\n":1}`, true],
    [String.raw`{"a":"\"b\":"}`, false],
    [String.raw`["\\","a",{"b":1}]`, false],
    [String.raw`{"\\" : 1}`, true],
    [String.raw`{"a":"\\","b\u0063":1}`, true],
    [String.raw`["\\" , "\\" ]`, false],
    ["{}", false],
  ] as const) {
    assert.equal(hasEscapedKey(text), want, text);
  }
});

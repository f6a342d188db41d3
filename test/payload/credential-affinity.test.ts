import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { JsonObject } from "../../src/model/json.ts";
import { credentialAffinity } from "../../src/payload/credential-affinity.ts";
import { mintToken } from "../support/tokens.ts";

function affinityOf(headers: JsonObject): number | undefined {
  return credentialAffinity({ payload: { request: { http: { headers } } }, sizeBytes: 1 });
}

const tokens = Array.from({ length: 1_000 }, (_, reader) =>
  mintToken({ claims: { sub: `reader-${reader}`, role: "admin" } }),
);
const numbers = tokens.map((token) => affinityOf({ authorization: `Bearer ${token}` }) ?? -1);

test("the same credential gives the same number, whatever else the request has", () => {
  const [token] = tokens;
  const again = affinityOf({ "x-request-id": "1", authorization: `Bearer ${token}` });
  assert.equal(again, numbers[0]);
});

suite("different credentials are spread evenly", () => {
  for (const workers of [2, 3, 4, 7, 8]) {
    test(`over ${workers} workers`, () => {
      const counts = Array.from(
        { length: workers },
        (_, worker) => numbers.filter((number) => number % workers === worker).length,
      );
      const share = tokens.length / workers;
      // Five standard deviations of a fair choice.
      const margin = 5 * Math.sqrt(share * (1 - 1 / workers));
      const strays = counts.filter((count) => Math.abs(count - share) > margin);
      assert.deepEqual(strays, [], String(counts));
    });
  }
});

test("the number is a whole one of 32 bits", () => {
  const strange = numbers.filter((number) => number !== number >>> 0);
  assert.deepEqual(strange, []);
});

const none: { name: string; payload: JsonObject }[] = [
  { name: "no request", payload: {} },
  { name: "no http", payload: { request: null } },
  { name: "no headers", payload: { request: { http: { headers: [] } } } },
  { name: "no such header", payload: { request: { http: { headers: { cookie: "a=b" } } } } },
  { name: "no text", payload: { request: { http: { headers: { authorization: 5 } } } } },
  { name: "an inherited one", payload: JSON.parse('{"__proto__":{"request":{}}}') },
];

suite("without a credential there is none", () => {
  for (const { name, payload } of none) {
    test(name, () => assert.equal(credentialAffinity({ payload, sizeBytes: 1 }), undefined));
  }
});

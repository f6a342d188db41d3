import assert from "node:assert/strict";
import { test } from "node:test";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import type { JwtCacheOptions } from "../../src/model/limits.ts";
import { mintToken } from "./mint-token.ts";
import { createTestVerifier, type TestVerifier } from "./test-verifier.ts";

const startSeconds = 2_000_000_000;

function verifierAt(
  clock: { seconds: number },
  cache: JwtCacheOptions = { maxEntries: 10, maxBytes: 100_000 },
): TestVerifier {
  return createTestVerifier({
    nowMs: () => clock.seconds * 1000,
    cache,
    maxTokenLength: 4_000,
    text: {
      toBytes: (value) => Buffer.from(value, "utf16le"),
      fromBytes: (bytes) => Buffer.from(bytes).toString("utf8"),
      parseJson: (value) => JSON.parse(value),
    },
  });
}

/** The key as the verifier above takes it from a secret that is not base64. */
const keyOf = (secret: string): Buffer => Buffer.from(secret, "utf16le");

test("a token is verified once and remembered", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = mintToken('{"sub":"a"}', keyOf("key"));
  const first = verifier.decode(token, "key");
  const second = verifier.decode(token, "key");
  assert.ok(!(first instanceof EvaluationError));
  assert.equal(second, first);
  const { hits, misses, entries, bytes } = verifier.stats();
  assert.deepEqual({ hits, misses, entries }, { hits: 1, misses: 1, entries: 1 });
  assert.ok(bytes > token.length);
});

test("a remembered token does not open with another key", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = mintToken('{"sub":"a"}', keyOf("key"));
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  for (const secret of ["kez", "ke", "keyy", "", "KEY"]) {
    assert.ok(verifier.decode(token, secret) instanceof EvaluationError, secret);
  }
});

test("what of a secret runs into the token makes no difference", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = mintToken("{}", keyOf("a!"));
  assert.ok(!(verifier.decode(token, "a!") instanceof EvaluationError));
  assert.ok(verifier.decode(`!${token}`, "a") instanceof EvaluationError);
});

test("two secrets of bytes that are not UTF-8 are two keys", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = mintToken("{}", keyOf("\udcff"));
  assert.ok(!(verifier.decode(token, "\udcff") instanceof EvaluationError));
  assert.ok(verifier.decode(token, "\udcfe") instanceof EvaluationError);
  assert.ok(verifier.decode(token, "\ufffd") instanceof EvaluationError);
});

test("a changed token does not meet the remembered one", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = mintToken('{"sub":"a"}', keyOf("key"));
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  const other = mintToken('{"sub":"b"}', keyOf("other"));
  const signature = token.slice(token.lastIndexOf("."));
  const forged = other.slice(0, other.lastIndexOf(".")) + signature;
  assert.ok(verifier.decode(forged, "key") instanceof EvaluationError);
  assert.equal(verifier.stats().entries, 1);
});

test("exp is judged at every use, and an expired entry is dropped", () => {
  const clock = { seconds: startSeconds };
  const verifier = verifierAt(clock);
  const token = mintToken(`{"exp":${startSeconds + 10}}`, keyOf("key"));
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  clock.seconds += 10;
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  clock.seconds += 1;
  const late = verifier.decode(token, "key");
  assert.ok(late instanceof EvaluationError);
  assert.equal(late.message, "invalid JWT token: Token is expired");
  assert.equal(verifier.stats().entries, 0);
});

test("nbf is judged again when the clock was set back", () => {
  const clock = { seconds: startSeconds };
  const verifier = verifierAt(clock);
  const token = mintToken(`{"nbf":${startSeconds}}`, keyOf("key"));
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  clock.seconds -= 1;
  const early = verifier.decode(token, "key");
  assert.ok(early instanceof EvaluationError);
  assert.equal(early.message, "invalid JWT token: Token is not valid yet");
});

test("tokens that do not verify, or do not hold now, take no place", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  verifier.decode(mintToken("{}", keyOf("other")), "key");
  verifier.decode(mintToken('{"exp":1}', keyOf("key")), "key");
  verifier.decode("a.b", "key");
  const { misses, entries, bytes } = verifier.stats();
  assert.deepEqual({ misses, entries, bytes }, { misses: 3, entries: 0, bytes: 0 });
});

function isDeeplyFrozen(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen);
}

test("nobody can change what others are given", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = mintToken('{"roles":["guest",{"deep":[1]}]}', keyOf("key"));
  const first = verifier.decode(token, "key");
  assert.ok(!(first instanceof EvaluationError));
  assert.ok(isDeeplyFrozen(first));
  assert.equal(verifier.decode(token, "key"), first);
});

test("the cache is bounded by entries", () => {
  const verifier = verifierAt({ seconds: startSeconds }, { maxEntries: 3, maxBytes: 100_000 });
  for (let n = 0; n < 10; n += 1) verifier.decode(mintToken(`{"n":${n}}`, keyOf("key")), "key");
  assert.equal(verifier.stats().entries, 3);
});

test("the cache is bounded by bytes, and what is larger than all of it is not kept", () => {
  const verifier = verifierAt({ seconds: startSeconds }, { maxEntries: 100, maxBytes: 3_000 });
  for (let n = 0; n < 30; n += 1) verifier.decode(mintToken(`{"n":${n}}`, keyOf("key")), "key");
  const { entries, bytes } = verifier.stats();
  assert.ok(entries > 1 && entries < 30, `${entries} entries`);
  assert.ok(bytes <= 3_000, `${bytes} bytes`);
  const large = mintToken(JSON.stringify({ a: "x".repeat(2_000) }), keyOf("key"));
  assert.ok(!(verifier.decode(large, "key") instanceof EvaluationError));
  assert.ok(!(verifier.decode(large, "key") instanceof EvaluationError));
  assert.equal(verifier.stats().hits, 0);
});

test("without entries there is no cache", () => {
  const verifier = verifierAt({ seconds: startSeconds }, { maxEntries: 0, maxBytes: 100_000 });
  const token = mintToken("{}", keyOf("key"));
  assert.deepEqual(verifier.decode(token, "key"), verifier.decode(token, "key"));
  assert.deepEqual(verifier.stats(), { hits: 0, misses: 2, entries: 0, bytes: 0 });
});

test("secrets beyond the number of keys kept still verify", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  for (let n = 0; n < 200; n += 1) {
    const secret = `secret ${n % 100}`;
    const token = mintToken("{}", keyOf(secret));
    assert.ok(!(verifier.decode(token, secret) instanceof EvaluationError), secret);
  }
});

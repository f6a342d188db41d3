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
    isStrict: false,
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
  const { misses, hits } = verifier.stats();
  assert.deepEqual({ misses, hits }, { misses: 2, hits: 0 });
});

/** A quarter of it is room for one refused token: another one that comes twice drives it out. */
const roomForOneRefused = { maxEntries: 4, maxBytes: 100_000 };

test("exp is judged at every use, and an expired token is remembered as refused", () => {
  const clock = { seconds: startSeconds };
  const verifier = verifierAt(clock, roomForOneRefused);
  const token = mintToken(`{"exp":${startSeconds + 10}}`, keyOf("key"));
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  clock.seconds += 10;
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  clock.seconds += 1;
  const late = verifier.decode(token, "key");
  assert.ok(late instanceof EvaluationError);
  assert.equal(late.message, "invalid JWT token: Token is expired");
  assert.ok(verifier.decode(token, "key") instanceof EvaluationError);
  const { misses, hits, entries } = verifier.stats();
  assert.deepEqual([misses, hits, entries], [1, 3, 1]);
  for (let round = 0; round < 2; round += 1) verifier.decode(signedWith("other"), "key");
  verifier.decode(token, "key");
  assert.equal(verifier.stats().misses, 4);
});

test("a token refused for its times opens as soon as they hold, and is good from then on", () => {
  const clock = { seconds: startSeconds };
  const verifier = verifierAt(clock, roomForOneRefused);
  const token = mintToken(`{"nbf":${startSeconds + 10}}`, keyOf("key"));
  assert.ok(verifier.decode(token, "key") instanceof EvaluationError);
  clock.seconds += 9;
  assert.ok(verifier.decode(token, "key") instanceof EvaluationError);
  clock.seconds += 1;
  assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  for (const secret of ["other", "another"]) verifier.decode(signedWith(secret), "key");
  verifier.decode(token, "key");
  const { misses, hits, entries } = verifier.stats();
  assert.deepEqual([misses, hits, entries], [3, 3, 2]);
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

function signedWith(key: string, header: string = '{"alg":"HS256"}'): string {
  return mintToken('{"sub":"a"}', keyOf(key), header);
}

function encode(part: string): string {
  return Buffer.from(part).toString("base64url");
}

const remembered: readonly { name: string; token: string; want: string }[] = [
  { name: "a wrong signature", token: signedWith("other"), want: "signature is invalid" },
  {
    name: "an algorithm that takes no secret",
    token: signedWith("key", '{"alg":"RS256"}'),
    want: "key is of invalid type",
  },
  {
    name: "no signature",
    token: signedWith("key", '{"alg":"none"}'),
    want: "'none' signature type is not allowed",
  },
  {
    name: "an unknown algorithm",
    token: signedWith("key", '{"alg":"hs256"}'),
    want: "signing method (alg) is unavailable.",
  },
  {
    name: "a header that is no object",
    token: `${encode("[]")}.e30.`,
    want: "json: cannot unmarshal array into Go value of type map[string]interface {}",
  },
  {
    name: "claims that are no object",
    token: mintToken("[]", keyOf("key")),
    want: "json: cannot unmarshal array into Go value of type jwt.MapClaims",
  },
];
for (const { name, token, want } of remembered) {
  test(`a token refused for good is remembered: ${name}`, () => {
    const verifier = verifierAt({ seconds: startSeconds });
    const first = verifier.decode(token, "key");
    assert.ok(first instanceof EvaluationError);
    assert.equal(first.message, `invalid JWT token: ${want}`);
    assert.equal(verifier.decode(token, "key"), first);
    const { misses, hits, entries } = verifier.stats();
    assert.deepEqual([misses, hits, entries], [1, 1, 1]);
  });
}

for (const token of ["", "a.b", "a.b.c.d", "!.e30.", "Bearer e30.e30."]) {
  test(`what has not the form of a token is not remembered: ${JSON.stringify(token)}`, () => {
    const verifier = verifierAt({ seconds: startSeconds });
    assert.deepEqual(verifier.decode(token, "key"), verifier.decode(token, "key"));
    const { misses, hits, bytes } = verifier.stats();
    assert.deepEqual({ misses, hits, bytes }, { misses: 2, hits: 0, bytes: 0 });
  });
}

test("what one key refuses another may open, in either order", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  const token = signedWith("key");
  for (let round = 0; round < 3; round += 1) {
    assert.ok(verifier.decode(token, "other") instanceof EvaluationError);
    assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  }
  const { misses, hits } = verifier.stats();
  assert.deepEqual({ misses, hits }, { misses: 2, hits: 4 });
});

test("a refused token stays refused whatever else is asked meanwhile", () => {
  const clock = { seconds: startSeconds };
  const verifier = verifierAt(clock);
  const forged = signedWith("other");
  for (let n = 0; n < 100; n += 1) {
    assert.ok(verifier.decode(forged, "key") instanceof EvaluationError);
    verifier.decode(mintToken(`{"n":${n}}`, keyOf("key")), "key");
    clock.seconds += 3_600;
  }
});

const roomForFour = { maxEntries: 4, maxBytes: 100_000 };

test("tokens that come once drive out none that come again", () => {
  const verifier = verifierAt({ seconds: startSeconds }, roomForFour);
  const known = Array.from({ length: 4 }, (_, n) => mintToken(`{"n":${n}}`, keyOf("key")));
  for (const token of known) verifier.decode(token, "key");
  for (let n = 4; n < 1_000; n += 1) verifier.decode(mintToken(`{"n":${n}}`, keyOf("key")), "key");
  for (const token of known) verifier.decode(token, "key");
  assert.equal(verifier.stats().hits, 4);
});

test("a token that comes twice drives out the one that was not used for longest", () => {
  const verifier = verifierAt({ seconds: startSeconds }, roomForFour);
  const tokens = Array.from({ length: 5 }, (_, n) => mintToken(`{"n":${n}}`, keyOf("key")));
  const [first = "", second = "", , , fifth = ""] = tokens;
  for (const token of tokens) verifier.decode(token, "key");
  verifier.decode(first, "key");
  verifier.decode(fifth, "key");
  assert.deepEqual([verifier.stats().misses, verifier.stats().hits], [6, 1]);
  for (const token of [fifth, first]) verifier.decode(token, "key");
  assert.deepEqual([verifier.stats().misses, verifier.stats().hits], [6, 3]);
  verifier.decode(second, "key");
  assert.equal(verifier.stats().misses, 7);
});

test("of a round longer than the cache, as many are found as the cache holds", () => {
  const maxEntries = 100;
  const verifier = verifierAt({ seconds: startSeconds }, { maxEntries, maxBytes: 1_000_000 });
  const round = Array.from({ length: 600 }, (_, n) => mintToken(`{"n":${n}}`, keyOf("key")));
  for (let times = 0; times < 5; times += 1) {
    for (const token of round) verifier.decode(token, "key");
  }
  const { hits, entries } = verifier.stats();
  assert.equal(entries, maxEntries);
  assert.equal(hits, 4 * maxEntries);
});

test("100,000 tokens that do not verify drive out no good one, and take no more room than a quarter", () => {
  const cache = { maxEntries: 400, maxBytes: 400_000 };
  const verifier = verifierAt({ seconds: startSeconds }, cache);
  const good = Array.from({ length: 300 }, (_, n) => mintToken(`{"n":${n}}`, keyOf("key")));
  for (const token of good) verifier.decode(token, "key");
  const goodBytes = verifier.stats().bytes;
  const [header = "", payload = ""] = signedWith("key").split(".");
  for (let n = 0; n < 100_000; n += 1) {
    const signature = Buffer.from(String(n).padStart(32)).toString("base64url");
    const garbage = verifier.decode(`${header}.${payload}.${signature}`, "key");
    assert.ok(garbage instanceof EvaluationError);
  }
  const { misses, hits, entries, bytes } = verifier.stats();
  assert.deepEqual([misses, hits, entries], [100_300, 0, 300 + 100]);
  assert.ok(
    bytes - goodBytes <= cache.maxBytes / 4,
    `${bytes - goodBytes} bytes of refused tokens`,
  );
  for (const token of good) assert.ok(!(verifier.decode(token, "key") instanceof EvaluationError));
  assert.equal(verifier.stats().hits, 300);
});

test("expired tokens drive out no good one either, and are bounded by bytes", () => {
  const cache = { maxEntries: 4_000, maxBytes: 40_000 };
  const verifier = verifierAt({ seconds: startSeconds }, cache);
  const good = Array.from({ length: 20 }, (_, n) => mintToken(`{"n":${n}}`, keyOf("key")));
  for (const token of good) verifier.decode(token, "key");
  const goodBytes = verifier.stats().bytes;
  for (let n = 0; n < 1_000; n += 1) {
    verifier.decode(mintToken(`{"exp":${startSeconds - 1 - n}}`, keyOf("key")), "key");
  }
  const { entries, bytes } = verifier.stats();
  const refused = entries - good.length;
  assert.ok(refused > 1 && refused < 40, `${refused} refused`);
  assert.ok(
    bytes - goodBytes <= cache.maxBytes / 4,
    `${bytes - goodBytes} bytes of refused tokens`,
  );
  for (const token of good) verifier.decode(token, "key");
  assert.equal(verifier.stats().hits, good.length);
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
  const refused = mintToken("{}", keyOf("other"));
  assert.deepEqual(verifier.decode(refused, "key"), verifier.decode(refused, "key"));
  assert.deepEqual(verifier.stats(), {
    hits: 0,
    misses: 4,
    entries: 0,
    bytes: 0,
  });
});

test("secrets beyond the number of keys kept still verify", () => {
  const verifier = verifierAt({ seconds: startSeconds });
  for (let n = 0; n < 200; n += 1) {
    const secret = `secret ${n % 100}`;
    const token = mintToken("{}", keyOf(secret));
    assert.ok(!(verifier.decode(token, secret) instanceof EvaluationError), secret);
  }
});

test("a token is kept while there is room for its bytes, to the last one, good and refused apart", () => {
  const clock = { seconds: startSeconds };
  const tokens = ["a", "b"].map((sub) => mintToken(JSON.stringify({ sub }), keyOf("key")));
  const roomy = verifierAt(clock);
  for (const token of tokens) roomy.decode(token, "key");
  const { bytes } = roomy.stats();
  for (const [maxBytes, kept] of [
    [bytes, 2],
    [bytes - 1, 1],
  ] as const) {
    const verifier = verifierAt(clock, { maxEntries: 10, maxBytes });
    for (const token of tokens) verifier.decode(token, "key");
    assert.equal(verifier.stats().entries, kept);
  }
  const before = roomy.stats();
  roomy.decode(mintToken("{}", keyOf("other")), "key");
  const after = roomy.stats();
  assert.equal(after.entries, before.entries + 1);
  assert.ok(after.bytes > before.bytes);
});

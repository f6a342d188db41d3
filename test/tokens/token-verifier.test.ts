import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { clientTextOf, EvaluationError } from "../../src/model/evaluation-error.ts";
import { isJsonObject } from "../../src/model/json.ts";
import type { TokenText } from "../../src/tokens/token-text.ts";
import type { TokenVerifierOptions } from "../../src/tokens/token-verifier.ts";
import { mintToken } from "./mint-token.ts";
import { createTestVerifier, type TestVerifier } from "./test-verifier.ts";

const nowSeconds = 2_000_000_000;

/** Text as latin1, so that any byte can stand in a secret; JSON by Node's own reader. */
const text: TokenText = {
  toBytes: (value) => Buffer.from(value, "latin1"),
  fromBytes: (bytes) => Buffer.from(bytes).toString("utf8"),
  parseJson: (value) => {
    try {
      return JSON.parse(value);
    } catch {
      return new EvaluationError("EVALUATION_VALUE", "unexpected end of JSON input");
    }
  },
};

function verifierWith(options: Partial<TokenVerifierOptions> = {}): TestVerifier {
  return createTestVerifier({
    nowMs: () => nowSeconds * 1000,
    cache: { maxEntries: 10, maxBytes: 100_000 },
    maxTokenLength: 4_000,
    isStrict: false,
    text,
    ...options,
  });
}

function errorOf(result: unknown): string {
  assert.ok(result instanceof EvaluationError, "an error was expected");
  return result.message;
}

const good = mintToken('{"sub":"a"}', "secret");
const [goodHeader, goodPayload, goodSignature] = good.split(".");

test("a genuine token gives header, payload and the hex of its signature segment", () => {
  const want = {
    header: { alg: "HS256" },
    payload: { sub: "a" },
    sig: Buffer.from(goodSignature!).toString("hex"),
  };
  const verifier = verifierWith();
  assert.deepEqual(verifier.decode(good, "secret"), want);
  assert.deepEqual(verifier.decode(good, "c2VjcmV0"), want, "the same secret in base64");
});

const algorithmCases = [
  { name: "HS256", hash: "HS256" },
  { name: "HS384", hash: "HS384" },
  { name: "HS512", hash: "HS512" },
] as const;

test("the three HMAC algorithms verify", async (t) => {
  for (const { name, hash } of algorithmCases) {
    await t.test(name, () => {
      const token = mintToken("{}", "secret", `{"alg":"${name}"}`, hash);
      assert.deepEqual(verifierWith().decode(token, "secret"), {
        header: { alg: name },
        payload: {},
        sig: Buffer.from(token.split(".")[2]!).toString("hex"),
      });
    });
  }
});

const withHeader = (header: string): string => mintToken('{"sub":"a"}', "secret", header);
const base64url = (value: string): string => Buffer.from(value).toString("base64url");

const faultyCases = [
  { name: "another key", token: good, secret: "Secret", want: "signature is invalid" },
  {
    name: "a secret that is base64 by chance is decoded",
    token: mintToken("{}", "password"),
    secret: "password",
    want: "signature is invalid",
  },
  {
    name: "a shortened signature",
    token: good.slice(0, -4),
    want: "signature is invalid",
  },
  { name: "no signature", token: `${goodHeader}.${goodPayload}.`, want: "signature is invalid" },
  {
    name: "a signature that is no base64",
    token: `${goodHeader}.${goodPayload}.!`,
    want: "illegal base64 data at input byte 0",
  },
  {
    name: "another payload",
    token: `${goodHeader}.${base64url('{"sub":"b"}')}.${goodSignature}`,
    want: "signature is invalid",
  },
  {
    name: "a wrong key and past exp",
    token: mintToken('{"exp":1}', "other"),
    want: "signature is invalid",
  },
  { name: "past exp", token: mintToken('{"exp":1}', "secret"), want: "Token is expired" },
  { name: "empty", token: "", want: "token contains an invalid number of segments" },
  { name: "two parts", token: "a.b", want: "token contains an invalid number of segments" },
  { name: "four parts", token: `${good}.`, want: "token contains an invalid number of segments" },
  {
    name: "the scheme in front",
    token: `BeaRer ${good}`,
    want: "tokenstring should not contain 'bearer '",
  },
  { name: "a blank in front", token: ` ${good}`, want: "illegal base64 data at input byte 0" },
  { name: "empty header", token: "..", want: "unexpected end of JSON input" },
  { name: "empty payload", token: `${goodHeader}..`, want: "EOF" },
  { name: "open payload", token: `${goodHeader}.${base64url("{")}.`, want: "unexpected EOF" },
  { name: "cut word", token: `${goodHeader}.${base64url("nul")}.`, want: "unexpected EOF" },
  { name: "cut number", token: `${goodHeader}.${base64url("-")}.`, want: "unexpected EOF" },
  { name: "cut text", token: `${goodHeader}.${base64url('{"a')}.`, want: "unexpected EOF" },
  {
    name: "payload that is no base64",
    token: `${goodHeader}.a=.`,
    want: "illegal base64 data at input byte 1",
  },
  {
    name: "array as header",
    token: withHeader("[]"),
    want: "json: cannot unmarshal array into Go value of type map[string]interface {}",
  },
  {
    name: "number as payload",
    token: mintToken("5", "secret"),
    want: "json: cannot unmarshal number into Go value of type jwt.MapClaims",
  },
  {
    name: "boolean as payload",
    token: mintToken("true", "secret"),
    want: "json: cannot unmarshal bool into Go value of type jwt.MapClaims",
  },
  {
    name: "null as header",
    token: withHeader("null"),
    want: "signing method (alg) is unspecified.",
  },
  { name: "no alg", token: withHeader("{}"), want: "signing method (alg) is unspecified." },
  { name: "alg 5", token: withHeader('{"alg":5}'), want: "signing method (alg) is unspecified." },
  {
    name: "alg of the prototype",
    token: withHeader('{"__proto__":{"alg":"HS256"}}'),
    want: "signing method (alg) is unspecified.",
  },
  {
    name: "hs256",
    token: withHeader('{"alg":"hs256"}'),
    want: "signing method (alg) is unavailable.",
  },
  {
    name: "constructor as alg",
    token: withHeader('{"alg":"constructor"}'),
    want: "signing method (alg) is unavailable.",
  },
  {
    name: "none",
    token: withHeader('{"alg":"none"}'),
    want: "'none' signature type is not allowed",
  },
  {
    name: "a scheme that is not in front",
    token: "x bearer a.b.c",
    want: "illegal base64 data at input byte 1",
  },
  ...["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "EdDSA"].map((alg) => ({
    name: alg,
    token: withHeader(JSON.stringify({ alg })),
    want: "key is of invalid type",
  })),
  ...["PS256", "PS384", "PS512"].map((alg) => ({
    name: alg,
    token: withHeader(JSON.stringify({ alg })),
    want: "key is invalid",
  })),
];

test("the signature of a good token is shown in hexadecimal", () => {
  const result = verifierWith().decode(good, "secret");
  assert.ok(!(result instanceof EvaluationError));
  const signature = good.slice(good.lastIndexOf(".") + 1);
  assert.equal(result["sig"], Buffer.from(signature, "latin1").toString("hex"));
});

test("an empty secret is told as what it is", () => {
  const result = verifierWith().decode(mintToken("{}", ""), "");
  assert.ok(result instanceof EvaluationError);
  assert.deepEqual([result.code, result.message], ["EVALUATION_JWT", "the secret is empty"]);
  assert.equal(clientTextOf(result, "masked"), "the secret is empty");
});

test("whatever is wrong with a token is told in the engine's words", async (t) => {
  for (const { name, token, secret, want } of faultyCases) {
    await t.test(name, () => {
      const result = verifierWith().decode(token, secret ?? "secret");
      assert.equal(errorOf(result), `invalid JWT token: ${want}`);
    });
  }
});

test("what follows the payload's first value is ignored, and null is no claims", () => {
  const verifier = verifierWith();
  const garbage = verifier.decode(mintToken('{"a":1}}{', "secret"), "secret");
  const nothing = verifier.decode(mintToken("null", "secret"), "secret");
  assert.ok(!(garbage instanceof EvaluationError) && !(nothing instanceof EvaluationError));
  assert.deepEqual(garbage["payload"], { a: 1 });
  assert.deepEqual(nothing["payload"], {});
});

test("a token or secret over the limit is refused before anything is computed", () => {
  const verifier = verifierWith({ maxTokenLength: good.length });
  assert.ok(!(verifier.decode(good, "secret") instanceof EvaluationError));
  const long = verifier.decode(`${good}A`, "secret");
  assert.ok(long instanceof EvaluationError);
  assert.equal(long.code, "EVALUATION_SIZE_LIMIT");
  const longSecret = verifier.decode(good, "s".repeat(good.length + 1));
  assert.ok(longSecret instanceof EvaluationError);
  assert.equal(longSecret.code, "EVALUATION_SIZE_LIMIT");
  assert.equal(verifier.stats().misses, 1);
});

test("a claim named __proto__ is a claim, and pollutes nothing", () => {
  const token = mintToken('{"__proto__":{"role":"admin"},"constructor":1}', "secret");
  const result = verifierWith().decode(token, "secret");
  assert.ok(!(result instanceof EvaluationError));
  const payload = result["payload"];
  assert.ok(isJsonObject(payload));
  assert.deepEqual(Object.keys(payload), ["__proto__", "constructor"]);
  assert.equal(payload["role"], undefined);
  assert.equal(Object.hasOwn(Object.prototype, "role"), false);
});

/** The token with another last character of the segment, which decodes to the same bytes. */
function respell(token: string, segment: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const segments = token.split(".");
  const written = segments[segment] ?? "";
  const bytes = Buffer.from(written, "base64url");
  const other = Array.from(alphabet, (last) => written.slice(0, -1) + last).find(
    (spelling) => spelling !== written && Buffer.from(spelling, "base64url").equals(bytes),
  );
  assert.ok(other !== undefined, "the segment has no other spelling");
  segments[segment] = other;
  return segments.join(".");
}

/** A token over segments as they are given. */
function signed(header: string, payload: string, secret: string): string {
  const signature = createHmac("sha256", secret).update(`${header}.${payload}`).digest("base64url");
  return `${header}.${payload}.${signature}`;
}

test("a segment that could be spelt otherwise is refused by a strict verifier only", () => {
  const header = Buffer.from('{"alg":"HS256"}').toString("base64url");
  const payload = Buffer.from('{"sub":"ab"}').toString("base64url");
  const other = Buffer.from('{"sub":"abc"}').toString("base64url");
  const lenient = verifierWith();
  const strict = verifierWith({ isStrict: true });
  const tokens = [
    respell(signed(header, payload, "secret"), 2),
    `${signed(header, payload, "secret")}\n`,
    signed(header, respell(`${other}.`, 0).slice(0, -1), "secret"),
    signed(
      respell(`${Buffer.from('{"alg":"HS256" }').toString("base64url")}.`, 0).slice(0, -1),
      payload,
      "secret",
    ),
    signed(`${header.slice(0, 4)}\r\n${header.slice(4)}`, payload, "secret"),
  ];
  for (const token of tokens) {
    assert.ok(!(lenient.decode(token, "secret") instanceof EvaluationError), token);
    const message = "invalid JWT token: a segment is not canonical base64url";
    assert.equal(errorOf(strict.decode(token, "secret")), message);
  }
  assert.ok(!(strict.decode(good, "secret") instanceof EvaluationError));
});

test("a header that names critical extensions is refused by a strict verifier only", () => {
  const payload = Buffer.from("{}").toString("base64url");
  for (const crit of ['["exp"]', '["b64"]', "[]", "null", '"x"']) {
    const header = Buffer.from(`{"alg":"HS256","crit":${crit}}`).toString("base64url");
    const token = signed(header, payload, "secret");
    assert.ok(!(verifierWith().decode(token, "secret") instanceof EvaluationError), crit);
    const refused = verifierWith({ isStrict: true }).decode(token, "secret");
    assert.equal(errorOf(refused), "invalid JWT token: the header names critical extensions");
  }
});

test("nothing is signed with an empty key, whatever spells it", () => {
  for (const isStrict of [true, false]) {
    for (const secret of ["", "\n", "\r\n\n"]) {
      const verifier = verifierWith({ isStrict });
      for (const token of [mintToken('{"sub":"a"}', ""), good, "x"]) {
        assert.equal(errorOf(verifier.decode(token, secret)), "the secret is empty");
      }
    }
  }
});

import { createTokenDecoder } from "../../src/kyverno-json/functions/token-decoder.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultPolicyOptions, type JwtCacheOptions } from "../../src/model/limits.ts";
import { mintToken } from "../../test/support/tokens.ts";
import { bookToken } from "./fresh-requests.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

const batch = 32;
const noCache: JwtCacheOptions = { maxEntries: 0, maxBytes: 0 };
let minted = 0;

/** Returns cases of `jwt_decode` alone, on strings that are new as they are when cut out of a header. */
export function tokenCases(): MicroCase[] {
  return [...genuineCases(), ...refusedCases()];
}

function genuineCases(): MicroCase[] {
  const known = Array.from({ length: 16 }, (_, reader) => bookToken("admin", reader));
  return [
    tokenCase("jwt: cached", (index) => known[index % known.length] ?? "", batch),
    tokenCase("jwt: HS256 verified, then cached", fresh, batch),
    tokenCase("jwt: HS256 verified, no cache", fresh, batch, noCache),
    tokenCase(
      "jwt: HS512 verified, then cached",
      () => mintToken({ alg: "HS512", claims: { role: "admin", reader: nextReader() } }),
      batch,
    ),
  ];
}

/** What tokens cost that are refused, when they were seen before and when not. */
function refusedCases(): MicroCase[] {
  const expired = mintToken({ claims: { role: "admin", exp: 1 } });
  return [
    tokenCase("jwt: signature wrong, cached", () => forge(1), 0),
    tokenCase("jwt: signature wrong, then cached", () => forge(nextReader()), 0),
    tokenCase("jwt: signature wrong, no cache", () => forge(nextReader()), 0, noCache),
    tokenCase("jwt: expired, cached", () => expired, 0),
    tokenCase("jwt: expired, no cache", () => expired, 0, noCache),
    tokenCase("jwt: algorithm RS256, cached", () => withHeader('{"alg":"RS256"}'), 0),
    tokenCase("jwt: algorithm RS256, no cache", () => withHeader('{"alg":"RS256"}'), 0, noCache),
    tokenCase("jwt: header is no JSON, cached", () => withHeader("no JSON"), 0),
    tokenCase("jwt: header is no JSON, no cache", () => withHeader("no JSON"), 0, noCache),
    tokenCase(
      "jwt: no token at all, never cached",
      () => "0f8fad5b-d9cb-469f-a165-70867728950e",
      0,
    ),
  ];
}

function nextReader(): number {
  minted += 1;
  return minted;
}

function fresh(): string {
  return bookToken("admin", nextReader());
}

/** A token that nobody's key has signed; another number is another token. */
function forge(number: number): string {
  const genuine = bookToken("admin", 0);
  const signature = Buffer.from(String(number).padStart(32)).toString("base64url");
  return genuine.slice(0, genuine.lastIndexOf(".") + 1) + signature;
}

function withHeader(header: string): string {
  const genuine = bookToken("admin", 0);
  return Buffer.from(header).toString("base64url") + genuine.slice(genuine.indexOf("."));
}

function tokenCase(
  name: string,
  token: (index: number) => string,
  wanted: number,
  jwtCache: JwtCacheOptions = defaultPolicyOptions.jwtCache,
): MicroCase {
  const decode = createTokenDecoder(Date.now, { ...defaultPolicyOptions, jwtCache }).decoderFor(
    "secret",
  );
  let tokens: string[] = [];
  return {
    name,
    operations: batch,
    prepare: () => {
      tokens = Array.from({ length: batch }, (_, index) => `Bearer ${token(index)}`.slice(7));
    },
    run: () => {
      let genuine = 0;
      for (const text of tokens) if (!(decode(text) instanceof EvaluationError)) genuine += 1;
      expectSame(name, genuine, wanted);
    },
  };
}

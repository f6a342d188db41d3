import { createTokenDecoder } from "../../src/functions/token-decoder.ts";
import { EvaluationError } from "../../src/model/evaluation-error.ts";
import { defaultPolicyOptions, type JwtCacheOptions } from "../../src/model/limits.ts";
import { mintToken } from "../../test/support/tokens.ts";
import { bookToken } from "./fresh-requests.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

const batch = 32;
let minted = 0;

/** `jwt_decode` alone, on strings that are new as they are when cut out of a header. */
export function tokenCases(): MicroCase[] {
  const known = Array.from({ length: 16 }, (_, reader) => bookToken("admin", reader));
  return [
    tokenCase("jwt: cached", (index) => known[index % known.length] ?? ""),
    tokenCase("jwt: HS256 verified, then cached", () => bookToken("admin", nextReader())),
    tokenCase("jwt: HS256 verified, no cache", () => bookToken("admin", nextReader()), {
      maxEntries: 0,
      maxBytes: 0,
    }),
    tokenCase("jwt: HS512 verified, then cached", () =>
      mintToken({ alg: "HS512", claims: { role: "admin", reader: nextReader() } }),
    ),
  ];
}

function nextReader(): number {
  minted += 1;
  return minted;
}

function tokenCase(
  name: string,
  token: (index: number) => string,
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
      expectSame(name, genuine, batch);
    },
  };
}

import {
  createTokenVerifier,
  type TokenDecoder,
  type TokenVerifier,
  type TokenVerifierOptions,
} from "../../src/tokens/token-verifier.ts";

/** A verifier that is asked for token and secret at once. */
export interface TestVerifier extends TokenVerifier {
  readonly decode: (token: string, secret: string) => ReturnType<TokenDecoder>;
}

/** Returns a verifier with those options; every call makes its decoder anew. */
export function createTestVerifier(options: TokenVerifierOptions): TestVerifier {
  const verifier = createTokenVerifier(options);
  return { ...verifier, decode: (token, secret) => verifier.decoderFor(secret)(token) };
}

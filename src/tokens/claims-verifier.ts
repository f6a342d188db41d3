import { isUtf8 } from "node:buffer";
import { EvaluationError } from "../model/evaluation-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import { decodeBase64Url, isCanonicalBase64Url } from "./base64.ts";
import { judgeClaimTimes } from "./claim-times.ts";
import { freezeDeeply } from "./freeze-token.ts";
import { isSignedBy } from "./key-signature.ts";
import { normalizeClaims } from "./normalize-claims.ts";
import { type KnownToken, recallToken, type TokenCache } from "./token-cache.ts";
import type { VerificationKey, VerificationKeys } from "./verification-keys.ts";

/** The options of a verifier of claims. */
export interface ClaimsVerifierOptions {
  readonly cache: TokenCache;
  /** How large a token may be, in characters. */
  readonly maxTokenLength: number;
  /** Reads a JSON text whose keys may be anything and whose nesting has to be limited. */
  readonly parseJson: (text: string) => JsonValue | EvaluationError;
}

/** The claims of a token whose signature holds. */
interface JudgedClaims {
  /** Deeply frozen. */
  readonly claims: JsonObject;
  /** Whether its times hold now. */
  readonly isValid: boolean;
}

/** Returns the claims of a token that one of the keys signed, or why there are none. */
export type ClaimsVerifier = (
  token: string,
  keys: VerificationKeys,
  nowMs: number,
) => JudgedClaims | EvaluationError;

/**
 * Returns a verifier by the rules of `jwt.Decode` (docs/compatibility.md): the key says which algorithms it verifies, a `kid` has to
 * name a key, without one there may only be one key. Segments that have a second spelling are refused, and so are
 * extensions that must be understood (`crit`), of which it knows none.
 */
export function createClaimsVerifier(options: ClaimsVerifierOptions): ClaimsVerifier {
  const { cache, maxTokenLength, parseJson } = options;

  function readSegment(segment: string): JsonObject | undefined {
    const bytes = isCanonicalBase64Url(segment) ? decodeBase64Url(segment) : 0;
    if (typeof bytes === "number" || !isUtf8(bytes)) return undefined;
    const value = parseJson(bytes.toString());
    return value instanceof EvaluationError || !isJsonObject(value) ? undefined : value;
  }

  function verify(token: string, { keys }: VerificationKeys): KnownToken | string {
    const segments = token.split(".", 4);
    const [headerText = "", payloadText = "", signature = ""] = segments;
    if (segments.length !== 3) return "token contains an invalid number of segments";
    const header = readSegment(headerText);
    if (header === undefined) return "the header cannot be read";
    if (!isCanonicalBase64Url(signature)) return "a segment is not canonical base64url";
    const fault = judgeSignature(header, keys, `${headerText}.${payloadText}`, signature);
    if (fault !== undefined) return invalid(fault);
    const payload = readSegment(payloadText);
    if (payload === undefined) return invalid("the payload is no JSON object");
    const claims = normalizeClaims(payload);
    if (typeof claims === "string") return invalid(claims);
    const decoded = { header, payload: claims };
    return { decoded, claims, sizeBytes: token.length + freezeDeeply(decoded) };
  }

  return (token, keys, nowMs) => {
    if (token.length > maxTokenLength) {
      const text = `token over ${maxTokenLength} characters`;
      return new EvaluationError("EVALUATION_SIZE_LIMIT", text);
    }
    const nowSeconds = Math.floor(nowMs / 1_000);
    const isValid = (claims: JsonObject): boolean =>
      judgeClaimTimes(claims, nowSeconds, true) === undefined;
    const known = recallToken(
      cache,
      keys.id,
      token,
      () => verify(token, keys),
      ({ claims }) => isValid(claims),
    );
    if (typeof known === "string") return invalid(known);
    if (known instanceof EvaluationError) return known;
    return { claims: known.claims, isValid: isValid(known.claims) };
  };
}

/** Returns why the signature does not hold, or undefined when it does. */
function judgeSignature(
  header: JsonObject,
  keys: readonly VerificationKey[],
  signedText: string,
  signature: string,
): string | undefined {
  if (ownValue(header, "crit") !== undefined) return "the header names critical extensions";
  const algorithm = ownValue(header, "alg");
  if (typeof algorithm !== "string") return "the algorithm is unspecified";
  const chosen = chooseKey(ownValue(header, "kid"), keys);
  if (typeof chosen === "string") return chosen;
  const { key, algorithms } = chosen;
  if (key === undefined || !algorithms.includes(algorithm)) {
    return "the algorithm is none of the key's";
  }
  return isSignedBy(key, algorithm, signedText, signature) ? undefined : "signature is invalid";
}

function chooseKey(
  kid: JsonValue | undefined,
  keys: readonly VerificationKey[],
): VerificationKey | string {
  const [first] = keys;
  if (kid === undefined) {
    return keys.length === 1 && first !== undefined
      ? first
      : "the token names no key, and there is not just one";
  }
  return (
    keys.find((key) => key.kid !== undefined && key.kid === kid) ?? "there is no key of that id"
  );
}

/** Returns the error of a fault whose text quotes nothing. */
function invalid(fault: string): EvaluationError {
  const text = `invalid JWT token: ${fault}`;
  return new EvaluationError("EVALUATION_JWT", text, text);
}

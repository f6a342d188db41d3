import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { charge, spend } from "../../model/step-limit.ts";
import type { ClaimsVerifier } from "../../tokens/claims-verifier.ts";
import { readKeySet, secretKeys, type VerificationKeys } from "../../tokens/verification-keys.ts";
import { RecentCache } from "../../values/recent-cache.ts";
import { type CelFunction, define, messageOf, opaqueOf, types } from "../functions/define.ts";
import type { Frame } from "../functions/frame.ts";
import { boolField } from "../messages/native-fields.ts";
import { anyMapField, type NativeShape, nativeShapeOf } from "../messages/native-message.ts";
import { jsonToCel } from "../messages/well-known-fields.ts";
import { valueError } from "../values/errors.ts";
import { CelOpaque, type CelResult } from "../values/value.ts";
import { readJsonText } from "./json-functions.ts";

const { string } = types;

/** A verified token: `Claims`, and in `Valid` whether its times hold. */
export const tokenShape: NativeShape = nativeShapeOf("jwt.Token", {
  Claims: anyMapField,
  Valid: boolField,
});

/** A set of keys that tokens are verified with (`jwk.Set`). */
class CelKeySet extends CelOpaque {
  override readonly typeName = "jwk.Set";
  readonly keys: VerificationKeys;

  constructor(keys: VerificationKeys) {
    super();
    this.keys = keys;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelKeySet && other.keys.id === this.keys.id;
  }
}

const token = messageOf(tokenShape.name);
const keySet = opaqueOf("jwk.Set", CelKeySet);

/** What a token that nobody has seen yet costs. */
const stepsPerToken = 50;
const bytesPerCharacter = 64;

/** An HMAC key has as many bytes as SHA-256 gives (RFC 7518 section 3.2). */
const minKeyBytes = 32;

function warnOfKey([, key]: readonly (string | undefined)[]): string | undefined {
  if (key === undefined) return undefined;
  if (key.includes("-----BEGIN")) {
    return "the key of `jwt.Decode` is PEM text, which would be a shared secret: whoever has the public key can sign";
  }
  const length = Buffer.byteLength(key);
  return length < minKeyBytes
    ? `the key of \`jwt.Decode\` has ${length} bytes; with fewer than ${minKeyBytes} it can be guessed from a token`
    : undefined;
}

/** Returns the functions of tokens and key sets. */
export function createJwtFunctions(verify: ClaimsVerifier): readonly CelFunction[] {
  const secrets = new RecentCache<VerificationKeys>();
  const sets = new RecentCache<VerificationKeys>();
  const keysOf = (secret: string): VerificationKeys | EvaluationError => {
    const known = secrets.get(secret);
    if (known !== undefined) return known;
    const made = secretKeys(secret);
    if (made === undefined) return valueError("with an empty key anybody could sign");
    secrets.set(secret, made);
    return made;
  };
  const decode = (frame: Frame, text: string, keys: VerificationKeys): CelResult => {
    const unpaid =
      spend(frame.budget, stepsPerToken) ?? charge(frame.budget, text.length * bytesPerCharacter);
    if (unpaid !== undefined) return unpaid;
    const judged = verify(text, keys, frame.nowMs);
    if (isEvaluationError(judged)) return judged;
    const { claims, isValid } = judged;
    return tokenShape.build(
      new Map([
        ["Claims", jsonToCel(claims)],
        ["Valid", isValid],
      ]),
    );
  };
  const fetchSet = (frame: Frame, url: string): CelResult => {
    const answer = frame.outbound?.ask({ method: "GET", url, headers: [] });
    if (answer === undefined) return valueError("calls to the outside are not made here");
    if (isEvaluationError(answer)) return answer;
    if (answer.kind === "failure" || answer.status !== 200) {
      return valueError("the key set cannot be fetched");
    }
    const { body } = answer;
    const known = sets.get(body);
    if (known !== undefined) return new CelKeySet(known);
    const made = readKeySet(body, (text) => readJsonText(text, frame.budget));
    if (typeof made === "string") return valueError(made);
    sets.set(body, made);
    return new CelKeySet(made);
  };
  const functions = [
    define("jwt.Decode", [string, string], token, (frame, text, secret) => {
      const keys = keysOf(secret);
      return isEvaluationError(keys) ? keys : decode(frame, text, keys);
    }),
    define("jwt.Decode", [string, keySet], token, (frame, text, set) =>
      decode(frame, text, set.keys),
    ),
    define("jwks.Fetch", [string], keySet, fetchSet),
  ];
  return functions.map((item) => ({ ...item, dependsOnFrame: true, warnOfKey }));
}

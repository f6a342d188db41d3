import { type JsonObject, type JsonValue, ownValue } from "../model/json.ts";

/** Doubles from here on do not fit Go's int64. */
const int64Bound = 2 ** 63;

/**
 * Returns why the claims do not hold now, or undefined when they do: the last that fails of `exp`, `iat` and `nbf`.
 *
 * The rules are golang-jwt's (docs/policy-language.md, Tokens): whole seconds, no leeway, 0 counts as absent, anything
 * but a number never holds. A strict judge takes `exp` as RFC 7519 does: the token is over at that second, not behind it. What does not fit int64 depends on the processor in Go; here a time out of reach never
 * holds.
 */
export function judgeClaimTimes(
  claims: JsonObject,
  nowSeconds: number,
  isStrict: boolean,
): string | undefined {
  const lastSeconds = isStrict ? nowSeconds + 1 : nowSeconds;
  if (!holds(ownValue(claims, "nbf"), (time) => nowSeconds >= time)) {
    return "Token is not valid yet";
  }
  if (!holds(ownValue(claims, "iat"), (time) => nowSeconds >= time)) {
    return "Token used before issued";
  }
  if (!holds(ownValue(claims, "exp"), (time) => lastSeconds <= time)) return "Token is expired";
  return undefined;
}

function holds(claim: JsonValue | undefined, test: (time: number) => boolean): boolean {
  if (claim === undefined) return true;
  if (typeof claim !== "number" || !(claim < int64Bound)) return false;
  const time = Math.trunc(claim);
  return time === 0 || test(time);
}

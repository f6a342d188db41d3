import { EvaluationError } from "../model/evaluation-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import { decodeBase64Url, isCanonicalBase64Url } from "./base64.ts";
import { firstJsonValue } from "./first-json-value.ts";
import { illegalBase64, signatureAlgorithms, type VerifySignature } from "./signature.ts";
import type { TokenText } from "./token-text.ts";

/** A token taken apart; nothing about it has been verified yet. */
export interface ParsedToken {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** The third segment as it stands in the token. */
  readonly signature: string;
  /** The first two segments with the dot between them: what is signed. ASCII only. */
  readonly signedText: string;
  readonly verify: VerifySignature;
}

/** A token that has the outer form of one. */
export interface TokenParts {
  readonly token: string;
  readonly headerBytes: Uint8Array;
  /** Where the first dot and the second one are. */
  readonly first: number;
  readonly second: number;
}

/** Returns the token's parts, or the text that golang-jwt 3.2.2 gives for what has not even the outer form of a token. */
export function splitToken(token: string): TokenParts | string {
  const first = token.indexOf(".");
  const second = token.indexOf(".", first + 1);
  if (first < 0 || second < 0 || token.includes(".", second + 1)) {
    return "token contains an invalid number of segments";
  }
  const headerBytes = decodeBase64Url(token.slice(0, first));
  if (typeof headerBytes === "number") {
    return /^bearer /i.test(token)
      ? "tokenstring should not contain 'bearer '"
      : illegalBase64(headerBytes);
  }
  return { token, headerBytes, first, second };
}

/**
 * Returns the token with all its parts read, or golang-jwt's text for what is wrong with them or with the algorithm. A strict
 * reader also refuses what RFC 7515 does and golang-jwt does not: segments with a second spelling, and extensions that
 * must be understood (`crit`), of which it knows none.
 */
export function parseToken(
  parts: TokenParts,
  text: TokenText,
  isStrict: boolean,
): ParsedToken | string {
  const { token, headerBytes, first, second } = parts;
  if (isStrict && !token.split(".").every(isCanonicalBase64Url)) {
    return "a segment is not canonical base64url";
  }
  const header = parseHeader(headerBytes, text);
  if (typeof header === "string") return header;
  if (isStrict && ownValue(header, "crit") !== undefined) {
    return "the header names critical extensions";
  }
  const payloadBytes = decodeBase64Url(token.slice(first + 1, second));
  if (typeof payloadBytes === "number") return illegalBase64(payloadBytes);
  const payload = parsePayload(payloadBytes, text);
  if (typeof payload === "string") return payload;
  const algorithm = ownValue(header, "alg");
  if (typeof algorithm !== "string") return "signing method (alg) is unspecified.";
  const verify = signatureAlgorithms.get(algorithm);
  if (verify === undefined) return "signing method (alg) is unavailable.";
  return {
    header,
    payload,
    signature: token.slice(second + 1),
    signedText: token.slice(0, second),
    verify,
  };
}

/** The whole segment is one JSON value; null counts as an object without members. */
function parseHeader(bytes: Uint8Array, text: TokenText): JsonObject | string {
  const value = text.parseJson(text.fromBytes(bytes));
  if (value instanceof EvaluationError) return value.message;
  return toObject(value, "map[string]interface {}");
}

/** Only the first JSON value counts, as a stream's reader takes it; null counts as an object without members. */
function parsePayload(bytes: Uint8Array, text: TokenText): JsonObject | string {
  const whole = text.fromBytes(bytes);
  const only = text.parseJson(whole);
  // Nearly always there is nothing behind the first value, and looking for its end costs as much as reading it.
  if (!(only instanceof EvaluationError)) return toObject(only, "jwt.MapClaims");
  const first = firstJsonValue(whole);
  if (first === undefined) return "EOF";
  const value = text.parseJson(first);
  if (value instanceof EvaluationError) {
    return isFaultOfEnd(value, first, text) ? "unexpected EOF" : value.message;
  }
  return toObject(value, "jwt.MapClaims");
}

/** Returns whether the fault is that the text ends: a character behind it makes another one of what the reader took for a blank. */
function isFaultOfEnd({ message }: EvaluationError, json: string, text: TokenText): boolean {
  if (message === "unexpected end of JSON input") return true;
  if (!message.startsWith("invalid character ' '")) return false;
  const longer = text.parseJson(`${json}\u0001`);
  return !(longer instanceof EvaluationError) || longer.message !== message;
}

function toObject(value: JsonValue, goType: string): JsonObject | string {
  if (value === null) return {};
  if (isJsonObject(value)) return value;
  const kind = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type ${goType}`;
}

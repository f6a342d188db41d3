import type { CheckInput } from "../model/check-input.ts";
import { isJsonObject, type JsonValue, ownValue } from "../model/json.ts";

/** How many characters count, from the end: there a token has its signature. */
const maxCharacters = 48;

/**
 * Returns a number from 0 to 2³² − 1 that is the same for requests with the same `authorization` header; undefined without
 * one. Cheap, and no secret: whoever wants two tokens to share a number can make them.
 */
export function credentialAffinity({ payload }: CheckInput): number | undefined {
  const http = member(member(payload, "request"), "http");
  const credential = member(member(http, "headers"), "authorization");
  if (typeof credential !== "string") return undefined;
  let sum = 0x811c9dc5;
  const from = Math.max(credential.length - maxCharacters, 0);
  for (let index = from; index < credential.length; index++) {
    sum = Math.imul(sum ^ credential.charCodeAt(index), 0x01000193);
  }
  // The low bits, which choose among few workers, have seen all the characters' low bits but hardly the high ones.
  return (sum ^ (sum >>> 16)) >>> 0;
}

function member(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) ? ownValue(value, key) : undefined;
}

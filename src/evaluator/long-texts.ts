import type { CheckInput } from "../model/check-input.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../model/json.ts";

/** A text that travels beside a batch's JSON: which request it belongs to, under which keys of its payload. */
export interface LongText {
  readonly request: number;
  readonly keys: readonly string[];
  readonly text: string;
}

/** Requests without their long texts, and these. */
export interface TrimmedRequests {
  readonly inputs: readonly CheckInput[];
  readonly longTexts: readonly LongText[];
}

/** From this length on, in characters, a text costs less copied whole than written into JSON and parsed again. */
const minLongText = 4_096;
/** Payload, request, http, headers: no text further inside is looked for. */
const maxDepth = 4;

/**
 * Takes the long texts out of the requests, which stay as they were: an empty text stands in each one's place.
 * Objects are searched to a depth of four, arrays are not.
 */
export function takeLongTexts(inputs: readonly CheckInput[]): TrimmedRequests {
  const longTexts: LongText[] = [];
  const trimmed = inputs.map((input, request) => {
    const payload = trim(input.payload, [], (keys, text) =>
      longTexts.push({ request, keys, text }),
    );
    return payload === input.payload ? input : { ...input, payload };
  });
  return { inputs: trimmed, longTexts };
}

/**
 * Puts long texts back into the requests that {@link takeLongTexts} took them out of, in place; the requests must be
 * parsed ones that nobody else has. Throws when a text has no place there.
 */
export function putLongTexts(inputs: readonly CheckInput[], longTexts: readonly LongText[]): void {
  for (const { request, keys, text } of longTexts) {
    let place: JsonValue | undefined = inputs[request]?.payload;
    const last = keys.at(-1);
    for (const key of keys.slice(0, -1)) place = readOwn(place, key);
    if (last === undefined || !isJsonObject(place) || readOwn(place, last) !== "") {
      throw new Error("a long text has no place");
    }
    // The key is there, so that even `__proto__` is just written to.
    Object.assign(place, { [last]: text });
  }
}

function trim(
  object: JsonObject,
  path: readonly string[],
  take: (keys: readonly string[], text: string) => void,
): JsonObject {
  let copy: Record<string, JsonValue> | undefined;
  for (const key of Object.keys(object)) {
    const member = object[key];
    let kept = member;
    if (typeof member === "string") {
      if (member.length >= minLongText) {
        take([...path, key], member);
        kept = "";
      }
    } else if (path.length + 1 < maxDepth && isJsonObject(member)) {
      kept = trim(member, [...path, key], take);
    }
    if (kept === undefined || kept === member) continue;
    copy ??= { ...object };
    copy[key] = kept;
  }
  return copy ?? object;
}

function readOwn(value: JsonValue | undefined, key: string): JsonValue | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

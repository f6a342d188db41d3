import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../model/json.ts";
import type { PayloadReads } from "../model/payload-reads.ts";
import { type Part, selectionOf } from "./payload-selection.ts";

/** Returns the payload without the parts that are not converted for these reads: what the lean reader makes of it by itself. */
export function cutPayload(payload: JsonObject, reads: PayloadReads): JsonObject {
  const { parts } = selectionOf(reads);
  return parts === "whole" ? payload : cutObject(payload, parts);
}

function cutObject(object: JsonObject, parts: ReadonlyMap<string, Part>): JsonObject {
  const members: [string, JsonValue][] = [];
  for (const [name, part] of parts) {
    const member = ownValue(object, name);
    if (member === undefined) continue;
    const isCut = part !== "whole" && isJsonObject(member);
    members.push([name, isCut ? cutObject(member, part) : member]);
  }
  // Makes own members of all names, `__proto__` too.
  return Object.fromEntries(members);
}

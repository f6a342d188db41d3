import { charge } from "../../model/step-limit.ts";
import {
  type CelFunction,
  define,
  defineMethod,
  listOf,
  messageOf,
  types,
} from "../functions/define.ts";
import type { Frame } from "../functions/frame.ts";
import { CelMap } from "../values/map.ts";
import type { CelMessage } from "../values/message.ts";
import type { CelResult, CelValue } from "../values/value.ts";
import { canonicalName } from "./header-name.ts";
import { attributesName, deniedName, nativeShape, okName, responseName } from "./native-types.ts";

const { string } = types;

const attributes = messageOf(attributesName);
const ok = messageOf(okName);
const denied = messageOf(deniedName);
const response = messageOf(responseName);

/** Bytes that one builder call is counted as. */
const bytesPerBuild = 128;

/** The functions of mode HTTP: they read the request and build its answer. */
export const httpFunctions: readonly CelFunction[] = [
  define("http.Allowed", [], ok, (frame) => build(frame, okName, {})),
  define("http.Denied", [string], denied, (frame, reason) => build(frame, deniedName, { reason })),
  defineMethod("Response", [ok], response, (frame, message) =>
    build(frame, responseName, { ok: message }),
  ),
  defineMethod("Response", [denied], response, (frame, message) =>
    build(frame, responseName, { denied: message }),
  ),
  defineMethod("Header", [attributes, string], listOf(string), (frame, message, name) =>
    lookUp(frame, message, "header", canonicalName(name)),
  ),
  defineMethod("QueryParam", [attributes, string], listOf(string), (frame, message, name) =>
    lookUp(frame, message, "query", name),
  ),
];

function build(frame: Frame, name: string, fields: Readonly<Record<string, CelValue>>): CelResult {
  const unpaid = charge(frame.budget, bytesPerBuild);
  if (unpaid !== undefined) return unpaid;
  const shape = nativeShape(name);
  if (shape === undefined) throw new Error(`there is no structure ${name}`);
  return shape.build(new Map(Object.entries(fields)));
}

/** Returns the values of a name, none when it is absent. */
function lookUp(frame: Frame, message: CelMessage, field: string, name: string): CelResult {
  const unpaid = charge(frame.budget, name.length);
  if (unpaid !== undefined) return unpaid;
  const table = message.get(field);
  return table instanceof CelMap ? (table.get(name) ?? []) : (table ?? []);
}

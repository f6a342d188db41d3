import type { Ast } from "../syntax/ast.ts";
import { keyOfAst } from "../syntax/ast-key.ts";

/** A part of what a call gives that reads a JSON text. */
export interface JsonPart {
  /** The call as {@link keyOfJsonCall} names it. */
  readonly call: string;
  /** The way from the whole value: names of members, and undefined for each element of an array or member of an object. */
  readonly steps: readonly (string | undefined)[];
  /** Whether no more of it is looked at than its type and, of a container, how much is in it. */
  readonly isOnlySeen?: boolean;
}

/** Functions whose result is the value of the JSON text that is their argument. */
const jsonFunctions: ReadonlySet<string> = new Set([
  "json_parse",
  "json_parse_strict",
  "parse_json",
]);

/** How many steps a way has at most; a longer one counts as its beginning. */
const maxSteps = 16;

/** Names the call; undefined for one that reads no JSON text. Calls that share a name give the same of the same value. */
export function keyOfJsonCall(name: string, parameters: readonly Ast[]): string | undefined {
  const [text] = parameters;
  if (text === undefined || parameters.length > 1 || !jsonFunctions.has(name)) return undefined;
  return `${name} ${keyOfAst(text)}`;
}

/** Returns the part as one that is only seen; all of one that may stand for what is inside it. */
export function seenOnly(part: JsonPart): JsonPart {
  return part.steps.length >= maxSteps ? part : { ...part, isOnlySeen: true };
}

/** Returns the part one step further; the same one once that is as far as parts are told apart. */
export function stepInto(part: JsonPart, step: string | undefined): JsonPart {
  return part.steps.length >= maxSteps ? part : { call: part.call, steps: [...part.steps, step] };
}

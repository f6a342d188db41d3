import type { JsonObject, JsonValue } from "../../model/json.ts";
import { isJsonObject } from "../../model/json.ts";
import type { Evaluate } from "../functions/frame.ts";
import type { MessageField } from "../messages/field-type.ts";
import { JsonMessage, readJsonField } from "../messages/json-message.ts";
import type { SelectNode } from "../syntax/ast.ts";
import type { Compiler } from "./compiler.ts";

const nothing: JsonObject = {};

/**
 * Returns the closure of a chain of fields that begins at the request, as `object.attributes.request.http.path`: it goes
 * down the payload's JSON without making a message of each step. Undefined for any other selection.
 */
export function compileFieldPath(node: SelectNode, compiler: Compiler): Evaluate | undefined {
  const path = fieldPath(node, compiler);
  const last = path?.at(-1);
  if (path === undefined || last === undefined) return undefined;
  const names = path.slice(0, -1).map(({ jsonName }) => jsonName);
  const { isTest } = node;
  return ({ object }) => {
    let json: JsonObject = object instanceof JsonMessage ? object.json : nothing;
    for (const name of names) {
      const next: JsonValue | undefined = Object.hasOwn(json, name) ? json[name] : undefined;
      json = isJsonObject(next) ? next : nothing;
    }
    return isTest
      ? new JsonMessage({ name: "", fields: new Map([[last.name, last]]) }, json).has(last.name)
      : readJsonField(json, last);
  };
}

/** Returns the fields from the request down to the node's, or undefined when a step is anything but a field of a message. */
function fieldPath(node: SelectNode, compiler: Compiler): readonly MessageField[] | undefined {
  const { checked, messages } = compiler;
  const { operand } = node;
  const type = checked.types.get(operand);
  if (type?.kind !== "message" || (node.isOptional && !node.isTest)) return undefined;
  const shape = messages.shape(type.name);
  const field = shape?.fields?.get(node.field);
  if (field === undefined) return undefined;
  if (operand.kind === "identifier") {
    const reference = checked.references.get(operand);
    const isRequest = reference?.kind === "variable" && reference.name === "object";
    return isRequest ? [field] : undefined;
  }
  if (operand.kind !== "select" || operand.isTest) return undefined;
  const before = fieldPath(operand, compiler);
  return before === undefined ? undefined : [...before, field];
}

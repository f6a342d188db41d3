import { isEvaluationError } from "../../model/evaluation-error.ts";
import { isJsonObject, type JsonObject, type JsonValue, ownValue } from "../../model/json.ts";
import { chargeElements } from "../../model/step-limit.ts";
import {
  type CelFunction,
  defineMethod,
  listOf,
  messageOf,
  opaqueOf,
  type Typed,
  types,
} from "../functions/define.ts";
import { jsonToCel } from "../messages/well-known-fields.ts";
import { valueError } from "../values/errors.ts";
import { CelMap } from "../values/map.ts";
import { CelMessage } from "../values/message.ts";
import { CelNamespace, type CelResult, type CelValue, isList } from "../values/value.ts";
import { readJsonText } from "./json-functions.ts";
import {
  CelRequestId,
  type McpMethod,
  mcpMethods,
  mcpNamespace,
  requestShape,
} from "./mcp-types.ts";

const { bool, double, dyn, int, string } = types;
const request = messageOf(requestShape.name);
const namespace = opaqueOf(mcpNamespace, CelNamespace);

/** Texts that have a name in `mcp`. */
export const mcpConstants: ReadonlyMap<string, string> = new Map([
  ["mcp.InitializeMethod", "initialize"],
  ["mcp.PingMethod", "ping"],
  ["mcp.ResourcesListMethod", "resources/list"],
  ["mcp.ResourcesTemplatesListMethod", "resources/templates/list"],
  ["mcp.ResourcesReadMethod", "resources/read"],
  ["mcp.PromptsListMethod", "prompts/list"],
  ["mcp.PromptsGetMethod", "prompts/get"],
  ["mcp.ToolsListMethod", "tools/list"],
  ["mcp.ToolsCallMethod", "tools/call"],
  ["mcp.SetLogLevelMethod", "logging/setLevel"],
  ["mcp.ElicitationCreateMethod", "elicitation/create"],
]);

/** The functions of `mcp`. */
export const mcpFunctions: readonly CelFunction[] = [
  defineMethod("Parse", [namespace, dyn], request, (frame, _, text) => {
    if (typeof text !== "string") return valueError("`mcp.Parse` reads a string");
    const json = readJsonText(text, frame.budget);
    if (isEvaluationError(json)) return json;
    return isJsonObject(json) ? readRequest(json) : noRequest("the text is no JSON object");
  }),
  ...getters("String", string, readText),
  ...getters("Int", int, readInt),
  ...getters("Float", double, readFloat),
  ...getters("Bool", bool, readBool),
];

function noRequest(why: string): CelResult {
  return valueError(`no MCP request: ${why}`);
}

function readRequest(json: JsonObject): CelResult {
  const method = ownValue(json, "method") ?? "";
  const id = ownValue(json, "id") ?? null;
  if (typeof method !== "string") return noRequest("its method is no string");
  if (id !== null && typeof id !== "string" && typeof id !== "number") {
    return noRequest("its id is neither a string nor a number");
  }
  const fields = new Map<string, CelValue>([["Method", method]]);
  if (id !== null) fields.set("ID", new CelRequestId(id));
  const known = mcpMethods.get(method);
  if (known !== undefined) {
    const parameters = readParameters(ownValue(json, "params") ?? null, known);
    if (isEvaluationError(parameters)) return parameters;
    fields.set(known.field, parameters);
  }
  return requestShape.build(fields);
}

function readParameters(params: JsonValue, { shape, members }: McpMethod): CelResult {
  if (params !== null && !isJsonObject(params)) return noRequest("its params are no object");
  const fields = new Map<string, CelValue>();
  for (const [field, { name, kind }] of Object.entries(members)) {
    const value = params === null ? null : (ownValue(params, name) ?? null);
    if (value === null) continue;
    if (kind === "text" ? typeof value === "string" : isMapOf(value, kind)) {
      fields.set(field, jsonToCel(value));
      continue;
    }
    // The original takes whatever the arguments of a tool are, and sees none where they are no object.
    if (kind !== "any-map") return noRequest(`its parameter \`${name}\` has the wrong form`);
  }
  return shape.build(fields);
}

function isMapOf(value: JsonValue, kind: "any-map" | "text-map"): boolean {
  if (!isJsonObject(value)) return false;
  return kind === "any-map" || Object.values(value).every((member) => typeof member === "string");
}

/** Two functions, for one argument and for a list of them: what cannot be read is the default, or left out of a list. */
function getters<T extends CelValue>(
  name: string,
  type: Typed<T>,
  read: (value: CelValue) => T | undefined,
): readonly CelFunction[] {
  const list = listOf(type);
  return [
    defineMethod(`Get${name}Argument`, [request, string, type], type, (_, message, key, other) => {
      const value = argumentOf(message, key);
      return (value === undefined ? undefined : read(value)) ?? other;
    }),
    defineMethod(
      `Get${name}SliceArgument`,
      [request, string, list],
      list,
      (frame, message, key, other) => {
        const value = argumentOf(message, key);
        if (value === undefined || !isList(value)) return other;
        const unpaid = chargeElements(frame.budget, value.length);
        return unpaid ?? value.map(read).filter((member) => member !== undefined);
      },
    ),
  ];
}

/** Returns an argument of the request's tool, else of its resource, else of its prompt. */
function argumentOf(message: CelMessage, key: string): CelValue | undefined {
  for (const field of ["ToolCall", "ResourceRead", "PromptGet"]) {
    const parameters = message.has(field) ? message.get(field) : undefined;
    if (!(parameters instanceof CelMessage)) continue;
    const found = parameters.get("Arguments");
    return found instanceof CelMap ? found.get(key) : undefined;
  }
  return undefined;
}

function readText(value: CelValue): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function readInt(value: CelValue): bigint | undefined {
  if (typeof value === "number") return toInt64(Math.trunc(value));
  const isWhole = typeof value === "string" && /^[+-]?\d{1,19}$/.test(value);
  if (!isWhole) return undefined;
  const whole = BigInt(value.replace("+", ""));
  return whole === BigInt.asIntN(64, whole) ? whole : undefined;
}

function toInt64(value: number): bigint | undefined {
  return Math.abs(value) < 2 ** 63 ? BigInt(value) : undefined;
}

function readFloat(value: CelValue): number | undefined {
  if (typeof value === "number") return value;
  const isNumber =
    typeof value === "string" && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(value);
  const number = isNumber ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

const truths: ReadonlySet<CelValue> = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const falsehoods: ReadonlySet<CelValue> = new Set(["0", "f", "F", "FALSE", "false", "False"]);

function readBool(value: CelValue): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0;
  if (truths.has(value)) return true;
  return falsehoods.has(value) ? false : undefined;
}

import { fromJsonString, toJson } from "@bufbuild/protobuf";
import { CelRequestId } from "../../src/cel/kyverno/mcp-types.ts";
import { CelMap } from "../../src/cel/values/map.ts";
import { CelMessage } from "../../src/cel/values/message.ts";
import { renderTimestamp } from "../../src/cel/values/render-time.ts";
import {
  CelDuration,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
} from "../../src/cel/values/value.ts";
import type { JsonObject, JsonValue } from "../../src/model/json.ts";
import { isJsonObject } from "../../src/model/json.ts";
import { messageRegistry } from "./message-registry.ts";

/** Writes a value in the vectors' notation. */
export function formatCelValue(value: CelValue): JsonValue {
  if (value === null) return { null: null };
  if (typeof value === "boolean") return { bool: value };
  if (typeof value === "bigint") return { int: String(value) };
  if (typeof value === "number") return { double: formatDouble(value) };
  if (typeof value === "string") return { string: value };
  if (value instanceof CelUint) return { uint: String(value.value) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString("base64") };
  if (isList(value)) return { list: value.map(formatCelValue) };
  if (value instanceof CelMap) return { map: formatEntries(value) };
  return formatStructure(value);
}

function formatStructure(value: Exclude<CelValue, null | string | number | boolean | bigint>) {
  if (value instanceof CelOptional) {
    return { optional: value.value === undefined ? null : [formatCelValue(value.value)] };
  }
  if (value instanceof CelTimestamp) {
    return { timestamp: renderTimestamp(new CelTimestamp(value.nanos)) };
  }
  if (value instanceof CelDuration) return { duration: String(value.nanos) };
  if (value instanceof CelTypeValue) {
    // The original's tool does not show the names of native types.
    return /^(?:http|mcp|resource|imagedata|json)\./.test(value.name)
      ? { opaque: "type" }
      : { type: value.name };
  }
  if (value instanceof CelMessage) return formatMessage(value);
  if (value instanceof CelOpaque) return { opaque: value.typeName };
  throw new Error("a value of an unknown kind");
}

function formatDouble(value: number): JsonValue {
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : value;
  return String(value);
}

function formatEntries(map: CelMap): JsonValue[] {
  const entries = [...map.entries()].map(([key, value]) => [
    formatCelValue(key),
    formatCelValue(value),
  ]);
  return entries.toSorted(([a], [b]) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function formatMessage(message: CelMessage): JsonObject {
  const { typeName } = message;
  // The original's tool shows of these the type alone.
  if (typeName.startsWith("mcp.") && typeName !== "mcp.MCPRequest") return { opaque: typeName };
  if (messageRegistry.getMessage(typeName) === undefined) {
    return { object: typeName, value: toPlain(message) };
  }
  return { message: typeName, value: toProtobufJson(message) };
}

/** Writes a protobuf message as protobuf JSON: enums by name, defaults left out. */
export function toProtobufJson(message: CelMessage): JsonValue {
  const schema = messageRegistry.getMessage(message.typeName);
  if (schema === undefined) throw new Error(`${message.typeName} is no protobuf message`);
  const options = { registry: messageRegistry };
  return toJson(schema, fromJsonString(schema, JSON.stringify(toPlain(message)), options), options);
}

/** The value as plain JSON, as protobuf JSON takes it: names in camel case, whole numbers as text. */
function toPlain(value: CelValue): JsonValue {
  if (value instanceof CelMessage) return messageToPlain(value);
  if (value instanceof CelMap) {
    return Object.fromEntries([...value.entries()].map(([key, of]) => [textOf(key), toPlain(of)]));
  }
  if (isList(value)) return value.map(toPlain);
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  if (value instanceof CelUint) return toPlain(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (value instanceof CelTimestamp) return renderTimestamp(new CelTimestamp(value.nanos));
  if (value instanceof CelDuration) return formatSeconds(value.nanos);
  if (value instanceof CelRequestId) return value.id;
  if (value === null || typeof value !== "object") return value;
  throw new Error("a value has no JSON form");
}

function textOf(key: CelValue): string {
  if (typeof key !== "string") throw new Error("a key is no text");
  return key;
}

function messageToPlain(message: CelMessage): JsonValue {
  if (message.typeName === "google.protobuf.Struct") return toPlain(fieldOf(message, "fields"));
  const members = [...message.setFields()].map(([name, value]) => [
    camelCase(name),
    toPlain(value),
  ]);
  return Object.fromEntries(members);
}

function fieldOf(message: CelMessage, name: string): CelValue {
  for (const [field, value] of message.setFields()) {
    if (field === name) return value;
  }
  return null;
}

function formatSeconds(nanos: bigint): string {
  const whole = nanos < 0n ? -nanos : nanos;
  const fraction = String(whole % 1_000_000_000n).padStart(9, "0");
  return `${nanos < 0n ? "-" : ""}${whole / 1_000_000_000n}.${fraction}s`;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Returns a value in a form in which two can be compared: members sorted; of opaque values the type alone; of native
 * structures, whose members Go names in its own way, what is not a zero value, by names in lower case.
 */
export function comparable(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(comparable);
  if (!isJsonObject(value)) return value;
  if ("opaque" in value) return { opaque: value["opaque"] ?? null };
  if (typeof value["object"] === "string" && "value" in value) {
    return { object: value["object"], value: withoutZeros(value["value"] ?? null) ?? {} };
  }
  const sorted = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([name, member]) => [name, comparable(member)]));
}

function withoutZeros(value: JsonValue): JsonValue | undefined {
  if (value === null || value === "" || value === 0 || value === false) return undefined;
  if (Array.isArray(value)) {
    return value.length === 0 ? undefined : value.map((member) => withoutZeros(member) ?? null);
  }
  if (!isJsonObject(value)) return value;
  const members = Object.entries(value)
    .map(([name, member]) => [name.toLowerCase(), withoutZeros(member)] as const)
    .flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const]))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  return members.length === 0 ? undefined : Object.fromEntries(members);
}

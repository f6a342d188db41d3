import { isJsonObject, type JsonObject, type JsonValue } from "../../src/model/json.ts";
import type { PayloadPath, PayloadReads } from "../../src/model/payload-reads.ts";
import type { Random } from "./random.ts";

/** Returns the payload cut down to the reads, to the letter: everything named, and the objects on the way to it. */
export function cutToReads(payload: JsonObject, reads: PayloadReads): JsonObject {
  const cut = keep(payload, [], reads);
  return isJsonObject(cut) ? cut : {};
}

/** Returns the reads as far as the readers of requests tell parts apart. */
export function roundReads(reads: PayloadReads): PayloadReads {
  return reads.map((path) => path.slice(0, levelsOf(path)));
}

/** Returns parts of requests, some of them deeper than parts are told apart, some that no request has. */
export function randomReads(random: Random): PayloadReads {
  return Array.from({ length: random.below(8) }, () => randomPath(random));
}

function keep(value: JsonValue, path: PayloadPath, reads: PayloadReads): JsonValue {
  const isNamed = reads.some((read) => read.length <= path.length && isPrefix(read, path));
  if (isNamed || !isJsonObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([name]) => reads.some((read) => isPrefix([...path, name], read)))
    .map(([name, member]) => [name, keep(member, [...path, name], reads)]);
  return Object.fromEntries(entries);
}

function isPrefix(prefix: PayloadPath, path: PayloadPath): boolean {
  return prefix.length <= path.length && prefix.every((name, index) => name === path[index]);
}

function levelsOf([first, second, third]: PayloadPath): number {
  if (first === "source" || first === "destination") return 2;
  if (first !== "request") return 1;
  if (second !== "http") return 2;
  return third === "headers" ? 4 : 3;
}

const attributeNames = [
  "source",
  "destination",
  "contextExtensions",
  "metadataContext",
  "tlsSession",
  "routeMetadataContext",
  "request",
  "__proto__",
  "constructor",
];
const peerNames = ["address", "service", "labels", "principal", "certificate", "toString"];
const httpNames = [
  "id",
  "method",
  "path",
  "host",
  "scheme",
  "query",
  "fragment",
  "size",
  "protocol",
  "body",
  "rawBody",
  "headers",
  "headerMap",
  "__proto__",
];
const headerNames = [
  "authorization",
  ":path",
  ":authority",
  "a",
  "1",
  "x-a",
  "x-b",
  "x-é",
  "",
  "__proto__",
  "constructor",
  "é日😀",
  "x".repeat(130),
];

function randomPath(random: Random): PayloadPath {
  const tail = random.chance(0.2) ? ["x", "y"] : [];
  const http = ["request", "http"];
  switch (random.below(16)) {
    case 0:
      return random.chance(0.1) ? [] : [random.pick(attributeNames)];
    case 1:
    case 2:
      return [random.pick(attributeNames), ...tail];
    case 3:
    case 4:
      return [random.pick(["source", "destination"]), random.pick(peerNames), ...tail];
    case 5:
      return ["request", random.pick(["time", "http", "x"])];
    case 6:
    case 7:
    case 8:
    case 9:
      return [...http, random.pick(httpNames), ...tail];
    default:
      return [...http, "headers", random.pick(headerNames), ...tail];
  }
}

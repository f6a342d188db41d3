import { readJson } from "../json/read-json.ts";
import type { OriginalText, YamlFault } from "../model/yaml-fault.ts";
import { resolvePlainScalar, type ScalarValue, stringScalar } from "./resolve-scalar.ts";
import type { ScalarNode } from "./yaml-node.ts";

/** The rules that a scalar is read by: YAML 1.1 as the original reads it, or JSON. */
export type YamlDialect = "yaml" | "json";

/** Hands a fault to whoever collects them. */
export type ReportFault = (fault: YamlFault) => void;

/** Returns what a scalar node stands for. */
export function readScalar(
  { text, tag, isPlain, offset }: ScalarNode,
  dialect: YamlDialect,
  report: ReportFault,
): ScalarValue {
  if (dialect === "json") return readJsonScalar(text);
  if (tag !== undefined) return readTagged(tag, text, offset, report);
  return isPlain ? resolvePlainScalar(text) : stringScalar(text);
}

/** The text was checked as JSON before, so every scalar is a JSON scalar. */
function readJsonScalar(source: string): ScalarValue {
  const value = readJson(source, { maxDepth: 0, halfPairs: "replaced" });
  if (typeof value === "number") {
    return Number.isInteger(value) && Number.isSafeInteger(value)
      ? { kind: "integer", value, digits: String(value) }
      : { kind: "float", value };
  }
  if (typeof value === "boolean") return { kind: "boolean", value };
  return typeof value === "string" ? stringScalar(value) : { kind: "null", value: null };
}

const coreTag = "tag:yaml.org,2002:";
const typedTags: ReadonlySet<string> = new Set(["int", "float", "bool", "null", "timestamp"]);
const timestamp =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})| [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:\.[0-9]+)?)?$/;

/** Tags of YAML 1.1's scalar types convert, whatever the quotes; every other tag makes a string. */
function readTagged(
  tag: string,
  content: string,
  offset: number,
  report: ReportFault,
): ScalarValue {
  const name = tag.startsWith(coreTag) ? tag.slice(coreTag.length) : "";
  if (name === "binary") return readBinary(content, offset, report);
  if (!typedTags.has(name)) return stringScalar(content);
  const scalar = resolvePlainScalar(content);
  const found = nameOf(scalar, content);
  if (name === "timestamp" && found === "str" && timestamp.test(content)) return scalar;
  if (name === found) return scalar;
  if (name === "float" && found === "int") return { kind: "float", value: scalar.value };
  const originalText = (): string => `yaml: cannot decode !!${found} \`${content}\` as a !!${name}`;
  const message = `\`${content}\` is no !!${name}`;
  report({ code: "POLICY_YAML", stage: "decode", message, offset, originalText });
  return stringScalar(content);
}

function nameOf({ kind }: ScalarValue, content: string): string {
  switch (kind) {
    case "null":
    case "float":
      return kind;
    case "boolean":
      return "bool";
    case "integer":
      return "int";
    case "string":
      return content === "<<" ? "merge" : "str";
  }
}

const binaryText: OriginalText = () => "yaml: !!binary value contains invalid base64 data";

function readBinary(content: string, offset: number, report: ReportFault): ScalarValue {
  const compact = content.replace(/[\r\n]/g, "");
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    const bytes = Uint8Array.from(atob(compact), (character) => character.charCodeAt(0));
    return stringScalar(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  }
  const message = "a !!binary value has to be base64";
  report({ code: "POLICY_YAML", stage: "decode", message, offset, originalText: binaryText });
  return stringScalar("");
}

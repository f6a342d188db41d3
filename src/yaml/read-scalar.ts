import type { Scalar } from "yaml";
import { foldDoubleQuoted, foldPlainScalar, foldSingleQuoted } from "./fold-scalar.ts";
import { scannerText } from "./go-text.ts";
import { resolvePlainScalar, type ScalarValue, stringScalar } from "./resolve-scalar.ts";
import { noText, type OriginalText, type YamlFault } from "./yaml-fault.ts";

/** Which rules a scalar is read by: YAML 1.1 as the original reads it, or JSON. */
export type YamlDialect = "yaml" | "json";

/** Hands a fault to whoever collects them. */
export type ReportFault = (fault: YamlFault) => void;

/**
 * What a scalar node stands for.
 *
 * @param text the text the node was composed from, its line breaks as written
 */
export function readScalar(
  node: Scalar.Parsed,
  text: string,
  dialect: YamlDialect,
  report: ReportFault,
): ScalarValue {
  const [start, end] = node.range;
  const source = text.slice(start, end);
  if (dialect === "json") return readJsonScalar(source);
  const content = readContent(node, source, text, report);
  if (node.tag !== undefined) return readTagged(node.tag, content, start, report);
  return node.type === "PLAIN" ? resolvePlainScalar(content) : stringScalar(content);
}

/** The text was checked as JSON before, so every scalar is a JSON scalar. */
function readJsonScalar(source: string): ScalarValue {
  const value: unknown = JSON.parse(source);
  if (typeof value === "number") {
    return Number.isInteger(value) && Number.isSafeInteger(value)
      ? { kind: "integer", value, digits: String(value) }
      : { kind: "float", value };
  }
  if (typeof value === "boolean") return { kind: "boolean", value };
  // Half a surrogate pair is no character.
  return typeof value === "string"
    ? stringScalar(value.replace(/\p{Surrogate}/gu, "\ufffd"))
    : { kind: "null", value: null };
}

function readContent(
  node: Scalar.Parsed,
  source: string,
  text: string,
  report: ReportFault,
): string {
  switch (node.type) {
    case "QUOTE_SINGLE":
      return foldSingleQuoted(source);
    case "QUOTE_DOUBLE": {
      const { value, fault } = foldDoubleQuoted(source);
      if (fault !== undefined) {
        const { message, problem } = fault;
        const offset = node.range[0] + fault.at;
        const originalText = (): string => scannerText(text, offset, problem);
        report({ code: "POLICY_YAML", stage: "syntax", message, offset, originalText });
      }
      return value;
    }
    case "BLOCK_FOLDED":
    case "BLOCK_LITERAL":
      if (/[\u2028\u2029]/.test(source)) {
        report(refused("U+2028 and U+2029 are not supported in a block scalar", node.range[0]));
      }
      return String(node.value);
    case "PLAIN":
    case undefined:
    default:
      return foldPlainScalar(source);
  }
}

function refused(message: string, offset: number): YamlFault {
  return { code: "POLICY_YAML", stage: "ours", message, offset, originalText: noText };
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

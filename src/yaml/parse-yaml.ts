import { describeJsonFault, JsonFault } from "../json/json-fault.ts";
import { readJson } from "../json/read-json.ts";
import type { JsonValue } from "../model/json.ts";
import { finishSteps, type Steps } from "../model/resumable.ts";
import { noText, type OriginalText, type YamlFault } from "../model/yaml-fault.ts";
import { type ComposedDocument, composeDocumentSteps } from "./compose-document.ts";
import { composeJson } from "./compose-json.ts";
import { convertDocument } from "./convert-document.ts";
import type { YamlDialect } from "./read-scalar.ts";
import type { Place } from "./source-offsets.ts";
import { describeProblem, originalTextOf } from "./syntax-problem.ts";
import { defaultYamlLimits, type YamlLimits } from "./yaml-limits.ts";

/** The options of reading a text. */
export interface YamlOptions {
  /** `json`: the text has to be JSON, read by JSON's rules. Default `yaml`. */
  readonly dialect?: YamlDialect;
  /** Whether a repeated key is a fault. Default true. */
  readonly uniqueKeys?: boolean;
  /** Whether what stands behind the document is a fault, or not looked at. Default true. */
  readonly wholeText?: boolean;
  readonly limits?: YamlLimits;
}

/** A text's value; worth nothing when there are faults. */
export interface YamlDocument {
  readonly value: JsonValue;
  /** Where its parts stand. */
  readonly place: Place;
  /** In the order of the text within a stage. */
  readonly faults: readonly YamlFault[];
}

/**
 * Returns the one document of a text as go-yaml v2 (YAML 1.1) reads it and turns it into JSON, with the place of every part.
 * Never throws: whatever is wrong is in `faults`, all of it, except that after a syntax error nothing else is looked
 * for.
 */
export function parseYaml(text: string, options: YamlOptions = {}): YamlDocument {
  return finishSteps(parseYamlSteps(text, options));
}

/** Returns the same in steps. The longest one makes nodes of what was read, a tenth of a millisecond a kilobyte. */
export function* parseYamlSteps(text: string, options: YamlOptions = {}): Steps<YamlDocument> {
  const { dialect = "yaml", uniqueKeys = true, wholeText = true } = options;
  const { limits = defaultYamlLimits } = options;
  const fault = textFault(text, dialect, limits);
  if (fault !== undefined) return nothing([fault]);
  const composed =
    dialect === "json"
      ? composeJson(text, limits)
      : yield* composeDocumentSteps(text, limits, wholeText);
  yield;
  const found = compositionFault(composed, text, limits);
  if (found !== undefined) return nothing([found]);
  const faults: YamlFault[] = [];
  const { root } = composed;
  if (root === undefined) return nothing(faults);
  const { value, place } = convertDocument(root, { dialect, limits, uniqueKeys }, (late) => {
    faults.push(late);
  });
  return { value, place, faults };
}

function nothing(faults: readonly YamlFault[]): YamlDocument {
  return { value: null, place: { offset: 0 }, faults };
}

function textFault(text: string, dialect: YamlDialect, limits: YamlLimits): YamlFault | undefined {
  if (text.length > limits.maxLength) {
    const message = `longer than ${limits.maxLength} characters`;
    return { code: "POLICY_TOO_LARGE", stage: "ours", message, offset: 0, originalText: noText };
  }
  return dialect === "json"
    ? jsonFault(text, limits)
    : (controlFault(text) ?? byteOrderFault(text));
}

// biome-ignore format: one range a line says more
const unprintable =
  /[^\t\n\r\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

const controlText: OriginalText = () => "yaml: control characters are not allowed";

function controlFault(text: string): YamlFault | undefined {
  const offset = text.search(unprintable);
  if (offset < 0) return undefined;
  const hex = text.charCodeAt(offset).toString(16).padStart(4, "0").toUpperCase();
  const message = `the control character U+${hex} is not allowed`;
  return { code: "POLICY_YAML", stage: "syntax", message, offset, originalText: controlText };
}

/** One such mark in front is passed over; behind a second one the original leaves out the first character of lines. */
function byteOrderFault(text: string): YamlFault | undefined {
  if (!text.startsWith("\ufeff\ufeff")) return undefined;
  const message = "two byte order marks in front of the text";
  return { code: "POLICY_YAML", stage: "ours", message, offset: 1, originalText: noText };
}

function jsonFault(text: string, limits: YamlLimits): YamlFault | undefined {
  const { maxDepth } = limits;
  const fault = readJson(text, { maxDepth, halfPairs: "replaced" });
  if (!(fault instanceof JsonFault)) return undefined;
  const { kind, at: offset } = fault;
  if (kind === "depth") {
    const message = `nested deeper than ${maxDepth} levels`;
    return { code: "POLICY_TOO_LARGE", stage: "ours", message, offset, originalText: noText };
  }
  const message = `not JSON: ${describeJsonFault(fault, text)}`;
  return { code: "POLICY_YAML", stage: "syntax", message, offset, originalText: noText };
}

function compositionFault(
  { problem, tooDeepAt, tailAt }: ComposedDocument,
  text: string,
  limits: YamlLimits,
): YamlFault | undefined {
  if (problem !== undefined) {
    const originalText = (): string => originalTextOf(problem);
    const described = describeProblem(problem, text);
    return { code: "POLICY_YAML", stage: "syntax", ...described, originalText };
  }
  if (tooDeepAt !== undefined) {
    const message = `nested deeper than ${limits.maxDepth} levels`;
    const fault = { stage: "ours", message, offset: tooDeepAt, originalText: noText } as const;
    return { code: "POLICY_TOO_LARGE", ...fault };
  }
  if (tailAt === undefined) return undefined;
  const message = "what stands behind the end of a document is never read";
  const fault = { stage: "ours", message, offset: tailAt, originalText: noText } as const;
  return { code: "POLICY_DOCUMENT_SEPARATOR", ...fault };
}

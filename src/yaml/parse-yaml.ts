import type { JsonValue } from "../model/json.ts";
import { finishSteps, type Steps } from "../model/steps.ts";
import { composeDocumentSteps, type SyntaxProblem } from "./compose-document.ts";
import { convertDocument } from "./convert-document.ts";
import { describeSyntax } from "./describe-syntax.ts";
import { parserText, scannerText } from "./go-text.ts";
import type { Place } from "./place.ts";
import type { YamlDialect } from "./read-scalar.ts";
import { noText, type OriginalText, type YamlFault } from "./yaml-fault.ts";
import { defaultYamlLimits, type YamlLimits } from "./yaml-limits.ts";

/** How a text is read. */
export interface YamlOptions {
  /** `json`: the text has to be JSON, read by JSON's rules. Default `yaml`. */
  readonly dialect?: YamlDialect;
  /** Whether a repeated key is a fault. Default true. */
  readonly uniqueKeys?: boolean;
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
 * The one document of a text as go-yaml v2 (YAML 1.1) reads it and turns it into JSON, with the place of every part.
 * Never throws: whatever is wrong is in `faults`, all of it, except that after a syntax error nothing else is looked
 * for. Content after the document's end is a fault.
 *
 * @param text one document; its line breaks may be of any kind but `\r\n`
 */
export function parseYaml(text: string, options: YamlOptions = {}): YamlDocument {
  return finishSteps(parseYamlSteps(text, options));
}

/** The same in steps. The longest one makes nodes of what was read, a tenth of a millisecond a kilobyte. */
export function* parseYamlSteps(text: string, options: YamlOptions = {}): Steps<YamlDocument> {
  const { dialect = "yaml", uniqueKeys = true, limits = defaultYamlLimits } = options;
  const fault = textFault(text, dialect, limits);
  if (fault !== undefined) return nothing([fault]);
  // Offsets must stay, so every line break is replaced by one of the same length.
  const lines = dialect === "json" ? text : text.replace(/[\r\u0085\u2028\u2029]/g, "\n");
  const { contents, errors } = yield* composeDocumentSteps(lines, limits);
  yield;
  if (errors.length > 0) return nothing(errors.map((error) => syntaxFault(error, text)));
  const faults: YamlFault[] = [];
  if (contents === undefined || contents === null) return nothing(faults);
  const converted = convertDocument(contents, text, { dialect, limits, uniqueKeys }, (found) => {
    faults.push(found);
  });
  return { value: converted.value, place: converted.place, faults };
}

function nothing(faults: readonly YamlFault[]): YamlDocument {
  return { value: null, place: { offset: 0 }, faults };
}

function textFault(text: string, dialect: YamlDialect, limits: YamlLimits): YamlFault | undefined {
  if (text.length > limits.maxLength) {
    const message = `longer than ${limits.maxLength} characters`;
    return { code: "POLICY_TOO_LARGE", stage: "ours", message, offset: 0, originalText: noText };
  }
  return dialect === "json" ? jsonFault(text) : (controlFault(text) ?? directiveFault(text));
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

/** The first directive the original refuses, in front of the document. */
function directiveFault(text: string): YamlFault | undefined {
  const head = /^\ufeff?(?:[ ]*(?:#[^\n]*)?\n)*%/.exec(text)?.[0];
  if (head === undefined) return undefined;
  const offset = head.length - 1;
  const line = text.slice(offset).split("\n", 1)[0] ?? "";
  const [name, version] = line.slice(1).split(/[ \t]+/);
  const fault = (message: string, originalText: OriginalText): YamlFault => ({
    code: "POLICY_YAML",
    stage: "syntax",
    message,
    offset,
    originalText,
  });
  if (name !== "YAML" && name !== "TAG") {
    const originalText = (): string => scannerText(text, offset, "found unknown directive name");
    return fault("there are no such directives", originalText);
  }
  if (name === "YAML" && version !== "1.1") {
    const originalText = (): string => parserText(text, offset, "found incompatible YAML document");
    return fault("only YAML 1.1 is read", originalText);
  }
  const rest = /^(?:%[^\n]*(?:\n|$)|[ ]*(?:#[^\n]*)?\n)*/.exec(text.slice(offset))?.[0] ?? "";
  if (text.startsWith("---", offset + rest.length)) return undefined;
  const originalText = (): string =>
    parserText(text, offset + rest.length, "did not find expected <document start>");
  return fault("a directive needs a `---` line behind it, and files are cut there", originalText);
}

function jsonFault(text: string): YamlFault | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const offset = Number(/position ([0-9]+)/.exec(reason)?.[1] ?? text.length);
    const message = `not JSON: ${reason.replace(/ \(line .*\)$/, "")}`;
    return { code: "POLICY_YAML", stage: "syntax", message, offset, originalText: noText };
  }
}

function syntaxFault(problem: SyntaxProblem, text: string): YamlFault {
  const { code, offset } = problem;
  const message = messageOf(problem.message);
  if (code === "depth") {
    return { code: "POLICY_TOO_LARGE", stage: "ours", message, offset, originalText: noText };
  }
  if (code === "documents") {
    return {
      code: "POLICY_DOCUMENT_SEPARATOR",
      stage: "ours",
      message,
      offset,
      originalText: noText,
    };
  }
  const originalText = (): string => describeSyntax(problem, text);
  return { code: "POLICY_YAML", stage: "syntax", message, offset, originalText };
}

function messageOf(text: string): string {
  if (text.startsWith("Missing closing")) {
    return "the quote is not closed, or goes on with less indentation than what it is in";
  }
  return text.charAt(0).toLowerCase() + text.slice(1);
}

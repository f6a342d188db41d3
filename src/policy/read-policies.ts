import { type Diagnostic, isError } from "../model/diagnostic.ts";
import { isJsonObject, type JsonValue, ownValue } from "../model/json.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type {
  DocumentReading,
  ParsedDocument,
  PolicyLanguage,
  PolicyLoad,
} from "../model/policy-language.ts";
import type { PolicyFile } from "../model/policy-snapshot.ts";
import type { Position } from "../model/position.ts";
import type { Steps } from "../model/resumable.ts";
import { renderCodeFrame } from "../yaml/code-frame.ts";
import { parseYamlSteps, type YamlOptions } from "../yaml/parse-yaml.ts";
import { findOffset } from "../yaml/source-offsets.ts";
import { defaultYamlLimits, type YamlLimits } from "../yaml/yaml-limits.ts";
import { type DocumentText, splitDocumentsSteps } from "./split-documents.ts";

/** How many levels of a policy are around its deepest assertion tree; `maxDepth` is about trees. */
const envelopeDepth = 10;

/** So many faults of a document, and of a file, are told, the first ones; the rest wait until these are mended. */
const maxDiagnostics = 100;

/** A language, and its loading of the snapshot. */
export interface LanguageLoad {
  readonly takes: PolicyLanguage["takes"];
  readonly load: PolicyLoad;
}

/** The result of reading a file. */
interface ReadFile {
  readonly readings: readonly LocatedReading[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What a language makes of a document, and where the document is. */
interface LocatedReading {
  readonly reading: DocumentReading;
  readonly kind: string;
  readonly parsed: ParsedDocument;
}

/**
 * Reads the policies of all files, a document a step, and adds each to the loading of its language; returns everything
 * that is wrong with any of them, in the order of files and places. Never throws. A file with any error contributes
 * nothing to be loaded. `--compat` makes no difference: the original refuses these faults as well, and what it drops in
 * silence is refused always.
 */
export function* readPoliciesSteps(
  files: readonly PolicyFile[],
  options: PolicyOptions,
  languages: readonly [LanguageLoad, ...LanguageLoad[]],
): Steps<readonly Diagnostic[]> {
  const diagnostics: Diagnostic[] = [];
  const names = new Map<string, ParsedDocument>();
  const maxDepth = options.limits.maxDepth + envelopeDepth;
  const limits = { ...defaultYamlLimits, maxDepth };
  for (const file of files) {
    yield;
    const read = yield* readFile(file, limits, languages);
    diagnostics.push(...read.diagnostics);
    if (read.diagnostics.some(isError)) {
      for (const { reading } of read.readings) reading.add("inspect");
      continue;
    }
    for (const { reading, kind, parsed } of read.readings) {
      const key = `${kind} ${reading.name}`;
      const earlier = names.get(key);
      if (earlier === undefined) names.set(key, parsed);
      else diagnostics.push(repeatedName(file, reading.name, parsed, earlier));
      reading.add("load");
    }
  }
  return diagnostics;
}

function* readFile(
  file: PolicyFile,
  limits: YamlLimits,
  languages: readonly [LanguageLoad, ...LanguageLoad[]],
): Steps<ReadFile> {
  if (file.path.toLowerCase().endsWith(".json")) {
    const text = file.text.replace(/^\ufeff/, " ");
    return yield* readDocument(file, { text, line: 1 }, { dialect: "json", limits }, languages);
  }
  const { documents: texts, faults } = yield* splitDocumentsSteps(file.text);
  const results: ReadFile[] = [];
  let errors = 0;
  for (const text of texts) {
    // Each is told with the lines around it, which are looked for in the whole file.
    if (errors >= maxDiagnostics) break;
    const result = yield* readDocument(file, text, { limits }, languages);
    results.push(result);
    errors += result.diagnostics.filter(isError).length;
  }
  const diagnostics = [
    ...faults.map(({ message, line }) =>
      diagnose(file, { code: "POLICY_DOCUMENT_SEPARATOR", message }, { line, column: 1 }),
    ),
    ...results.flatMap((result) => result.diagnostics),
  ];
  if (texts.length === 0 && faults.length === 0) diagnostics.push(emptyFile(file));
  return {
    readings: results.flatMap(({ readings }) => readings),
    diagnostics: diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}

function* readDocument(
  file: PolicyFile,
  source: DocumentText,
  options: YamlOptions,
  languages: readonly [LanguageLoad, ...LanguageLoad[]],
): Steps<ReadFile> {
  const { value, place, faults: yamlFaults } = yield* parseYamlSteps(source.text, options);
  const locate: ParsedDocument["locate"] = (path) => positionOf(source, findOffset(place, path));
  const parsed = { file: file.path, fileText: file.text, value, faults: yamlFaults, locate };
  const kind = textOf(value, "kind");
  const apiVersion = textOf(value, "apiVersion");
  const [standard] = languages;
  const { load } = languages.find(({ takes }) => takes(apiVersion, kind)) ?? standard;
  const reading = load.read(parsed);
  const readings = [{ reading, kind: `${apiVersion} ${kind}`, parsed }];
  if (reading.isGood) return { readings, diagnostics: [] };
  const placed = [
    ...yamlFaults,
    ...reading.faults.map((fault) => ({ ...fault, offset: findOffset(place, fault.path) })),
  ].toSorted((a, b) => a.offset - b.offset);
  const diagnostics = placed
    .slice(0, maxDiagnostics)
    .map((fault) => diagnose(file, fault, positionOf(source, fault.offset)));
  const { originalText } = reading;
  const wasRead = options.dialect !== "json" && originalText !== undefined;
  const [first, ...rest] = diagnostics;
  if (first === undefined || !wasRead) return { readings, diagnostics };
  return { readings, diagnostics: [{ ...first, originalText }, ...rest] };
}

function textOf(value: JsonValue, name: string): string {
  const member = isJsonObject(value) ? ownValue(value, name) : undefined;
  return typeof member === "string" ? member : "";
}

function positionOf({ text, line }: DocumentText, offset: number): Position {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: line + before.split("\n").length - 1, column: offset - lineStart + 1 };
}

function diagnose(
  file: PolicyFile,
  { code, message }: Pick<Diagnostic, "code" | "message">,
  position: Position,
  severity: Diagnostic["severity"] = "error",
): Diagnostic {
  const frame = renderCodeFrame(file.text, position);
  const diagnostic = { code, severity, message, file: file.path, ...position };
  return frame === undefined ? diagnostic : { ...diagnostic, frame };
}

/**
 * Comments alone are somebody's intention. Nothing at all is what is left of a file that could not be written, on a full
 * disk for one: without the policies it had, requests would pass that they kept out.
 */
function emptyFile(file: PolicyFile): Diagnostic {
  const isBlank = /^[\s\ufeff]*$/.test(file.text);
  const message = isBlank ? "the file is empty" : "the file has no policy";
  return {
    code: "POLICY_EMPTY",
    severity: isBlank ? "error" : "warning",
    message,
    file: file.path,
    line: 0,
    column: 0,
  };
}

function repeatedName(
  file: PolicyFile,
  name: string,
  document: ParsedDocument,
  earlier: ParsedDocument,
): Diagnostic {
  const { line } = earlier.locate(["metadata", "name"]);
  const message = `another policy is called \`${name}\` as well (${earlier.file}:${line}); both apply`;
  const position = document.locate(["metadata", "name"]);
  return diagnose(file, { code: "POLICY_DUPLICATE_NAME", message }, position, "warning");
}

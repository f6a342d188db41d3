import { buildDocument } from "../kyverno-json/document/build-document.ts";
import type { PolicyDocument } from "../kyverno-json/document/document.ts";
import { validateDocument } from "../kyverno-json/document/validate-document.ts";
import type { Diagnostic } from "../model/diagnostic.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PolicyFile } from "../model/policy-snapshot.ts";
import type { Steps } from "../model/resumable.ts";
import { renderCodeFrame } from "../yaml/code-frame.ts";
import { parseYamlSteps, type YamlOptions } from "../yaml/parse-yaml.ts";
import type { Position } from "../yaml/position.ts";
import { findOffset } from "../yaml/source-offsets.ts";
import { defaultYamlLimits, type YamlLimits } from "../yaml/yaml-limits.ts";
import { type DocumentText, splitDocumentsSteps } from "./split-documents.ts";

/** How many levels of a policy are around its deepest assertion tree; `maxDepth` is about trees. */
const envelopeDepth = 10;

/** So many faults of one document are told, the first ones; the rest wait until these are mended. */
const maxDiagnostics = 100;

/** What reading policy files comes to. */
export interface ReadPolicies {
  /** In the order of files, and of documents in them; a file with any error contributes none. */
  readonly documents: readonly PolicyDocument[];
  /** The documents of the other files, as far as they can be read: for a look at their expressions, never to be loaded. */
  readonly refused: readonly PolicyDocument[];
  /** In the order of files, and of places in them. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The policies of all files, and everything that is wrong with any of them, a document a step. Never throws; `--compat` makes no
 * difference, since the original refuses these faults as well, and what it drops in silence is refused always.
 */
export function* readPoliciesSteps(
  files: readonly PolicyFile[],
  options: PolicyOptions,
): Steps<ReadPolicies> {
  const documents: PolicyDocument[] = [];
  const refused: PolicyDocument[] = [];
  const diagnostics: Diagnostic[] = [];
  const names = new Map<string, PolicyDocument>();
  const maxDepth = options.limits.maxDepth + envelopeDepth;
  const limits = { ...defaultYamlLimits, maxDepth };
  for (const file of files) {
    yield;
    const read = yield* readFile(file, limits);
    diagnostics.push(...read.diagnostics);
    if (read.diagnostics.some(({ severity }) => severity === "error")) {
      refused.push(...read.documents, ...read.refused);
      continue;
    }
    for (const document of read.documents) {
      const earlier = names.get(document.name);
      if (earlier !== undefined) diagnostics.push(repeatedName(file, document, earlier));
      else names.set(document.name, document);
      documents.push(document);
    }
  }
  return { documents, refused, diagnostics };
}

function* readFile(file: PolicyFile, limits: YamlLimits): Steps<ReadPolicies> {
  if (file.path.toLowerCase().endsWith(".json")) {
    return yield* readDocument(
      file,
      { text: file.text.replace(/^\ufeff/, " "), line: 1 },
      { dialect: "json", limits },
    );
  }
  const { documents: texts, faults } = yield* splitDocumentsSteps(file.text);
  const results: ReadPolicies[] = [];
  for (const text of texts) {
    results.push(yield* readDocument(file, text, { limits }));
  }
  const diagnostics = [
    ...faults.map(({ message, line }) =>
      diagnose(file, { code: "POLICY_DOCUMENT_SEPARATOR", message }, { line, column: 1 }),
    ),
    ...results.flatMap((result) => result.diagnostics),
  ];
  if (texts.length === 0 && faults.length === 0) diagnostics.push(emptyFile(file));
  return {
    documents: results.flatMap((result) => result.documents),
    refused: results.flatMap((result) => result.refused),
    diagnostics: diagnostics.toSorted((a, b) => a.line - b.line || a.column - b.column),
  };
}

function* readDocument(
  file: PolicyFile,
  source: DocumentText,
  options: YamlOptions,
): Steps<ReadPolicies> {
  const { value, place, faults: yamlFaults } = yield* parseYamlSteps(source.text, options);
  const { policy, faulty, faults, originalText } = validateDocument(value, yamlFaults);
  const locate: PolicyDocument["locate"] = (path) => positionOf(source, findOffset(place, path));
  if (policy !== undefined) {
    const documents = [buildDocument(policy, file.path, locate)];
    return { documents, refused: [], diagnostics: [] };
  }
  const refused = faulty === undefined ? [] : [buildDocument(faulty, file.path, locate)];
  const placed = [
    ...yamlFaults,
    ...faults.map((fault) => ({ ...fault, offset: findOffset(place, fault.path) })),
  ].toSorted((a, b) => a.offset - b.offset);
  const diagnostics = placed
    .slice(0, maxDiagnostics)
    .map((fault) => diagnose(file, fault, positionOf(source, fault.offset)));
  const [first, ...rest] = diagnostics;
  const wasRead = options.dialect !== "json" && originalText !== undefined;
  if (first === undefined || !wasRead) return { documents: [], refused, diagnostics };
  return { documents: [], refused, diagnostics: [{ ...first, originalText }, ...rest] };
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
  document: PolicyDocument,
  earlier: PolicyDocument,
): Diagnostic {
  const { line } = earlier.locate(["metadata", "name"]);
  const message = `another policy is called \`${document.name}\` as well (${earlier.file}:${line}); both apply`;
  const position = document.locate(["metadata", "name"]);
  return diagnose(file, { code: "POLICY_DUPLICATE_NAME", message }, position, "warning");
}

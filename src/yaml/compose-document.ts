import { Composer, type Document, Lexer, type ParsedNode, Parser, type YAMLParseError } from "yaml";
import { Pace, type Steps } from "../model/steps.ts";
import type { YamlLimits } from "./yaml-limits.ts";

/** More would only repeat what the first have upset. */
const maxErrors = 10;

/** A document's nodes, or why there are none. */
export interface ComposedDocument {
  /** Undefined for a text without content. */
  readonly contents: ParsedNode | null | undefined;
  /** What the package found wrong, in the order of the text; its complaints about what YAML 1.1 allows are left out. */
  readonly errors: readonly SyntaxProblem[];
}

/** A place where the text is not YAML. */
export interface SyntaxProblem {
  /** The package's code, or `tab`, `depth` or `documents` for what is found here. */
  readonly code: string;
  readonly message: string;
  readonly offset: number;
}

/**
 * The first document of a text, with the text's offsets at every node. Every scalar is left as it is written: what it
 * means is for the caller. Never throws; nesting is bounded before anything recursive sees it.
 *
 * @param text line breaks must all be `\n`
 */
export function* composeDocumentSteps(text: string, limits: YamlLimits): Steps<ComposedDocument> {
  const pace = new Pace();
  const parser = new Parser();
  const composer = new Composer({
    schema: "failsafe",
    version: "1.1",
    keepSourceTokens: true,
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "silent",
  });
  const documents: Document.Parsed[] = [];
  const tabs = new TabRule();
  for (const lexeme of new Lexer().lex(text)) {
    if (pace.isDue()) yield;
    const tabOffset = parser.offset;
    if (tabs.breaks(lexeme)) return failed("tab", "a tab is no indentation", tabOffset);
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token));
    if (parser.stack.length > limits.maxDepth) {
      return failed("depth", `nested deeper than ${limits.maxDepth} levels`, parser.offset);
    }
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));
  return summary(documents, text);
}

function failed(code: string, message: string, offset: number): ComposedDocument {
  return { contents: undefined, errors: [{ code, message, offset }] };
}

function summary(documents: readonly Document.Parsed[], text: string): ComposedDocument {
  const errors = documents.flatMap(({ errors: found }) =>
    found.filter((error) => !isAllowed(error)),
  );
  errors.sort((a, b) => a.pos[0] - b.pos[0]);
  const own = errors.slice(0, maxErrors).map(({ code, message, pos }) => ({
    code,
    message,
    offset: skipBlanks(text, pos[0]),
  }));
  const second = documents[1];
  if (own.length === 0 && second !== undefined) {
    return failed("documents", "a second document", second.range[0]);
  }
  return { contents: documents[0]?.contents, errors: own };
}

/** The package often points at the end of what comes before the culprit. */
function skipBlanks(text: string, offset: number): number {
  const rest = text.slice(offset).search(/[^ \n]/);
  return rest < 0 ? offset : offset + rest;
}

/** What the package objects to and YAML 1.1 as the original reads it does not, or what is judged elsewhere. */
function isAllowed({ code, message }: YAMLParseError): boolean {
  if (code === "BAD_DQ_ESCAPE") return true;
  if (code === "TAG_RESOLVE_FAILED") return !message.startsWith("Could not resolve tag");
  return code === "MISSING_CHAR" && message.startsWith("Comments must be separated");
}

/**
 * Finds tabs where the original allows none: in block context, where a key could start. The package lets several of
 * them pass.
 */
class TabRule {
  #flowDepth = 0;
  #keyMayStart = true;

  /** Whether the next lexeme of the text is such a tab. */
  breaks(lexeme: string): boolean {
    switch (lexeme.charAt(0)) {
      case " ":
      case "\t":
        return this.#keyMayStart && this.#flowDepth === 0 && lexeme.includes("\t");
      case "[":
      case "{":
        this.#flowDepth += 1;
        break;
      case "]":
      case "}":
        this.#flowDepth = Math.max(0, this.#flowDepth - 1);
        break;
      case "\n":
        this.#keyMayStart = true;
        return false;
      case "-":
      case "?":
        this.#keyMayStart = lexeme.length === 1;
        return false;
      // Flow end and byte-order mark: nothing of the text's content.
      case "\x18":
        this.#flowDepth = 0;
        return false;
      case "\x02":
      case "\ufeff":
        return false;
      default:
        break;
    }
    this.#keyMayStart = false;
    return false;
  }
}

import type { Budget } from "./budget.ts";
import type { CheckInput } from "./check-input.ts";
import type { Door } from "./check-record.ts";
import type { Violation } from "./decision.ts";
import type { AllowResponse, DenyResponse } from "./decision-response.ts";
import type { Diagnostic } from "./diagnostic.ts";
import type { DocumentFault, FieldPath } from "./document-fault.ts";
import type { EvaluationError } from "./evaluation-error.ts";
import type { JsonValue } from "./json.ts";
import type { PayloadReads } from "./payload-reads.ts";
import type { Position } from "./position.ts";
import type { Steps } from "./resumable.ts";
import type { YamlFault } from "./yaml-fault.ts";

/** A language that policies are written in: it knows its documents, compiles them, and judges requests by them. */
export interface PolicyLanguage {
  /** Returns whether documents of that `apiVersion` and `kind` (empty where a document has none) are in this language. */
  readonly takes: (apiVersion: string, kind: string) => boolean;
  /** Begins to load one snapshot. */
  readonly begin: () => PolicyLoad;
}

/** The loading of one snapshot's documents of one language. */
export interface PolicyLoad {
  /** Checks a document. Never throws. */
  readonly read: (document: ParsedDocument) => DocumentReading;
  /**
   * Compiles, in steps, the documents that were added; `isRefused` tells that the snapshot will not be loaded, whatever
   * comes of it, so that only faults matter.
   */
  readonly compileSteps: (isRefused: boolean) => Steps<CompiledDocuments>;
}

/** A policy document as its file has it: read as YAML or JSON, not checked. */
export interface ParsedDocument {
  readonly file: string;
  /** The whole file, which positions are about. */
  readonly fileText: string;
  readonly value: JsonValue;
  /** What is wrong with the text; a document of which any is reported is never loaded. */
  readonly faults: readonly YamlFault[];
  /**
   * Returns the position of a node, by its path from the document's root: the key of a member, the start of an item.
   * An unknown path gives its nearest known ancestor.
   */
  readonly locate: (path: FieldPath) => Position;
}

/** The findings of checking a document. */
export interface DocumentReading {
  /** The policy's name; empty where the document cannot be loaded. */
  readonly name: string;
  /** Whether nothing is wrong with it. */
  readonly isGood: boolean;
  /** All that is wrong, the text's own faults left out. */
  readonly faults: readonly DocumentFault[];
  /** What the original's loader says of it; absent where it sees no fault. */
  readonly originalText?: string;
  /**
   * Adds the document to those that are compiled: to be loaded, or, since its file is refused, only for the faults in
   * its expressions. To be called once at most.
   */
  readonly add: (purpose: "load" | "inspect") => void;
}

/** The result of compiling a snapshot's documents of one language. */
export interface CompiledDocuments {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when the snapshot is refused. */
  readonly group?: PolicyGroup;
}

/** The compiled policies of one language in a snapshot. */
export interface PolicyGroup {
  readonly policyNames: readonly string[];
  /** The doors whose requests the policies judge; absent: all. */
  readonly doors?: readonly Door[];
  /** Whether the language's original lets in what no policy is about, and the operator asks for that (`--compat`). */
  readonly allowsByDefault?: boolean;
  /** The parts of a payload that the policies may read. */
  readonly reads: PayloadReads;
  /** Whether the work of every rule has a bound linear in the size of a payload. */
  readonly hasBoundedWork: boolean;
  /**
   * Judges a request by every rule, in order; rules that do not apply are not told. Each rule's `identifier` is rendered
   * only when it is asked for, since it costs as much as any expression.
   */
  readonly judge: (
    request: JudgedRequest,
    budget: Budget,
    visit: RuleVisitor,
    withIdentifiers?: boolean,
  ) => void;
}

/** What is judged of a request. */
interface JudgedRequest extends Pick<CheckInput, "http"> {
  /** Tests judge payloads that are no objects. */
  readonly payload: JsonValue;
}

/** Is told of each rule that applies. */
export type RuleVisitor = (
  policy: string,
  rule: string,
  verdict: RuleVerdict,
  identifier?: string,
) => void;

/** The verdict of a rule that applies: it passes, it cannot be evaluated, or it fails. */
export type RuleVerdict =
  | "passed"
  | RulePass
  | EvaluationError
  | RuleError
  | RuleFailure
  | IgnoredError;

/** A rule that cannot be evaluated, with what its policy has the client answered. */
export interface RuleError {
  readonly error: EvaluationError;
  readonly deny: DenyResponse;
}

/** A rule that passes and says what becomes of the request. */
export interface RulePass {
  readonly allow: AllowResponse;
}

/** An error that the policy wants ignored: the rule has nothing to say, but somebody has to see it. */
interface IgnoredError {
  readonly ignored: EvaluationError;
}

/** A rule that fails; its texts are rendered only when somebody is to read them, and paid for by the request. */
export interface RuleFailure {
  /** What the client is answered; absent: what the server answers to every denial. */
  readonly deny?: DenyResponse | undefined;
  /** Renders the messages of what failed, a line each; empty where there are none. It stops soon after `maxLength` UTF-16 units. */
  readonly renderMessages: (maxLength: number) => string;
  /** Renders each thing that failed; what goes beyond `maxLength` UTF-16 units in all is left out. */
  readonly renderViolations: (maxLength: number) => Violation[];
}

import type { Value } from "../../go-values/value.ts";
import type { Expression } from "../../jmespath/compile/compile.ts";
import type { Whereabouts } from "../../jmespath/compile/expression-reads.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { ClientTexts } from "../../model/client-texts.ts";
import type { PolicyErrorCode } from "../../model/error-codes.ts";
import type { EvaluationError } from "../../model/evaluation-error.ts";
import type { EvaluationLimits, EvaluationPlan } from "../../model/limits.ts";
import type { Fail, Place } from "./mismatch.ts";

/**
 * The outcome of a tree: undefined when it holds; else what fails; or the error that kept it from being
 * answered, path in front.
 */
export type TreeOutcome = undefined | Fail[] | EvaluationError;

/** A compiled tree. `place` is the collection's element it is held against, if it is below a `~` key. */
export type Tree = (value: Value, place: Place | undefined, scope: Scope) => TreeOutcome;

/** The variables in reach of a text, with the value of those that are the same for every request. */
export type Variables = ReadonlyMap<string, Value | undefined>;

/** The place of a text in a policy document, and the variables in reach there. */
export interface Origin {
  /** Whether it is a text that the proxy is told. */
  readonly isAnswer?: boolean;
  /** The way from the document's root: keys and indices. */
  readonly documentPath: readonly (string | number)[];
  /** The text of the whole key or scalar. */
  readonly text: string;
  /** Whether the text is the key at the end of the path, or else its value. */
  readonly isKey: boolean;
  readonly variables: Variables;
}

/** The surroundings of compiling a tree. */
export interface TreeCompiler {
  readonly limits: EvaluationLimits;
  readonly plan: EvaluationPlan;
  readonly texts: ClientTexts;
  /** The expression's function, whatever its text; faults are noted by the receiver. `offset` is in the origin's text. */
  readonly compile: (expression: ParsedExpression, offset: number, origin: Origin) => Expression;
  /** Notes a fault of the tree itself. */
  readonly report: (
    code: PolicyErrorCode,
    severity: "error" | "warning",
    message: string,
    origin: Origin,
  ) => void;
}

/** The place of the compiler in a tree. */
export interface TreeSite {
  readonly documentPath: readonly (string | number)[];
  /** The path's text since the last `~` key. */
  readonly path: string;
  /** Where in the payload the values stand that the node is held against; undefined for what was computed. */
  readonly at: Whereabouts;
  readonly variables: Variables;
}

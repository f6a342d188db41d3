import type { Result, Value } from "../../go-values/value.ts";
import type { EvaluationLimits, EvaluationPlan } from "../../model/limits.ts";
import type { FunctionRow, FunctionTable } from "../functions/function-table.ts";
import type { Ast } from "../syntax/ast.ts";
import type { Scope } from "./scope.ts";

/** A compiled expression: its result for a current value and the variables in reach. It never throws. */
export type Expression = (current: Value, scope: Scope) => Result;

/** Something wrong with an expression that shows before it is evaluated. */
export interface ExpressionFault {
  readonly code:
    | "POLICY_EXPRESSION_SYNTAX"
    | "POLICY_UNKNOWN_FUNCTION"
    | "POLICY_ARITY"
    | "POLICY_CONSTANT";
  /** What evaluating the part gives, in the Go engine's words. */
  readonly message: string;
  /** Where in the text, 0-based in UTF-16 units. */
  readonly offset: number;
}

/** A variable that an expression reads but does not bind itself; the name is without `$`. */
export interface FreeVariable {
  readonly name: string;
  /** Where in the text, 0-based in UTF-16 units. */
  readonly offset: number;
}

/** A call with a right name and number of arguments, and what shows of its last argument before a request. */
export interface CallSite {
  readonly name: string;
  /** Where in the text, 0-based in UTF-16 units. */
  readonly offset: number;
  /** The last argument, where it is the same for every request; an error where it cannot be evaluated. */
  readonly last: Result | undefined;
  /** Where the last argument is read from, where that is a variable from outside: its name, then fields. */
  readonly lastVariable: readonly [name: string, ...fields: string[]] | undefined;
}

/** The context of compiling a node, and what is found out on the way. */
export interface CompileContext {
  readonly table: FunctionTable;
  readonly limits: EvaluationLimits;
  readonly plan: EvaluationPlan;
  /** The names bound by the `let`s around the node. */
  readonly bound: ReadonlySet<string>;
  /** Of all variables in reach those whose value is the same for every request. */
  readonly constants: ReadonlyMap<string, Value>;
  readonly faults: ExpressionFault[];
  readonly variables: FreeVariable[];
  readonly calls: FunctionRow[];
  readonly callSites: CallSite[];
  /** What stands in the text itself, and what its variables hold beforehand. */
  readonly literals: Value[];
  /** Functions that prepare for a pattern and meet one here that only a request decides. */
  readonly expecting: Set<FunctionRow>;
  readonly compile: (node: Ast, context: CompileContext) => Expression;
}

import type { PolicyErrorCode } from "../../model/error-codes.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import { checkCel } from "../check/check.ts";
import type { Checked } from "../check/checked.ts";
import { compileCel } from "../compile/compile.ts";
import type { CelEnvironment } from "../environment.ts";
import type { CelFunction } from "../functions/define.ts";
import type { Evaluate } from "../functions/frame.ts";
import type { CelNode } from "../syntax/ast.ts";
import { parseCel } from "../syntax/parse.ts";
import { CelSyntaxError } from "../syntax/syntax-error.ts";

/** An expression that is ready to be evaluated. */
export interface CompiledExpression {
  readonly root: CelNode;
  readonly checked: Checked<CelFunction>;
  readonly evaluate: Evaluate;
  /** Warnings, which do not keep it from being used. */
  readonly warnings: readonly ExpressionFault[];
}

/** Something that is wrong with an expression. */
export interface ExpressionFault {
  readonly code: PolicyErrorCode;
  readonly message: string;
  /** Offset in the expression's text. */
  readonly offset: number;
}

/** Returns the compiled expression, or everything that is wrong with it: the first fault only where it is of syntax. */
export function compileExpression(
  text: string,
  environment: CelEnvironment,
  limits: EvaluationLimits,
): CompiledExpression | readonly ExpressionFault[] {
  let root: CelNode;
  try {
    root = parseCel(text, limits.maxDepth);
  } catch (error) {
    if (!(error instanceof CelSyntaxError)) throw error;
    return [{ code: "POLICY_EXPRESSION_SYNTAX", message: error.message, offset: error.offset }];
  }
  const checked = checkCel(root, environment.check);
  if (checked.faults.length > 0) {
    return checked.faults.map((fault) => ({ code: "POLICY_EXPRESSION_TYPE", ...fault }));
  }
  const unavailable = findUnavailable(checked);
  if (unavailable.length > 0) return unavailable;
  const { messages } = environment;
  const warnings = findWeakKeys(checked);
  return { root, checked, evaluate: compileCel(root, checked, { messages }), warnings };
}

/** Returns a warning for each call that is given a key anybody can guess. */
function findWeakKeys({ calls }: Checked<CelFunction>): readonly ExpressionFault[] {
  return [...calls].flatMap(([node, { target, overloads }]) => {
    if (node.kind !== "call") return [];
    const args = target === undefined ? node.args : [target, ...node.args];
    const literals = args.map((argument) =>
      argument.kind === "literal" && typeof argument.value === "string"
        ? argument.value
        : undefined,
    );
    const message = overloads[0]?.warnOfKey?.(literals);
    return message === undefined ? [] : [{ code: "POLICY_KEY", message, offset: node.at }];
  });
}

/** Returns a fault for each call that is right and cannot be answered here. */
function findUnavailable({ calls }: Checked<CelFunction>): readonly ExpressionFault[] {
  return [...calls].flatMap(([{ at }, { overloads }]) => {
    const [why] = overloads.map(({ unavailable }) => unavailable);
    const isRefused = why !== undefined && overloads.every(({ unavailable }) => unavailable);
    return isRefused ? [{ code: "POLICY_EXPRESSION_TYPE", message: why, offset: at }] : [];
  });
}

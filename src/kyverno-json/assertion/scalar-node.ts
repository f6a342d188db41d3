import { isEvaluationError } from "../../model/evaluation-error.ts";
import { limitError } from "../../model/step-limit.ts";
import { matchScalar, matchValue } from "./match-value.ts";
import { Fail, renderPath } from "./mismatch.ts";
import type { NodeText } from "./node-text.ts";
import type { KeyExpression } from "./parse-key.ts";
import type { Origin, Tree, TreeCompiler, TreeSite } from "./tree.ts";
import { internalError, invalidValueError } from "./tree-error.ts";
import type { ExpressionNode, LiteralNode } from "./tree-node.ts";

/** Compiles a scalar to a function that compares the value with it. */
export function compileLiteral({ value: expected }: LiteralNode, node: NodeText): Tree {
  const { path } = node;
  return (value, place, scope) => {
    const { budget } = scope;
    budget.stepsLeft -= 1;
    if (budget.stepsLeft < 0) return internalError(renderPath(place, path), limitError(budget));
    // Texts are charged for.
    if (value === expected && typeof value !== "string") return undefined;
    const outcome = matchScalar(expected, value, budget);
    if (outcome === true) return undefined;
    if (outcome === false) return [new Fail(place, node, value, expected)];
    return internalError(renderPath(place, path), outcome);
  };
}

/** Compiles an expression to a function that compares the value with what the expression gives for it. */
export function compileExpected(
  { text, key, expression }: ExpressionNode,
  site: TreeSite,
  node: NodeText,
  compiler: TreeCompiler,
): Tree {
  const origin: Origin = { ...site, text, isKey: false };
  const misuse = misuseOf(key);
  if (misuse !== undefined) {
    compiler.report("POLICY_MISUSE", "error", misuse, origin);
    return compileMisuse(text, misuse, node, compiler.limits.maxStringBytes);
  }
  if (key.isForeach) {
    const message = "`~.` has no effect on the right-hand side";
    compiler.report("POLICY_MISUSE", "warning", message, origin);
  }
  const { path } = node;
  const evaluate = compiler.compile(expression, key.offset, origin);
  return (value, place, scope) => {
    const expected = evaluate(value, scope);
    if (isEvaluationError(expected)) return internalError(renderPath(place, path), expected);
    const outcome = matchValue(expected, value, scope.budget);
    if (outcome === true) return undefined;
    if (outcome === false) return [new Fail(place, node, value, expected)];
    return internalError(renderPath(place, path), outcome);
  };
}

/** What keeps an expression from standing on the right-hand side; an unnamed `~.` is ignored, as by the original. */
function misuseOf(key: KeyExpression): string | undefined {
  if (key.indexName !== undefined) return "foreach is not supported on the RHS";
  return key.bindingName === undefined ? undefined : "binding is not supported on the RHS";
}

function compileMisuse(text: string, misuse: string, node: NodeText, maxLength: number): Tree {
  const { path, showsExpected } = node;
  return (_value, place) => {
    const at = renderPath(place, path);
    return invalidValueError("EVALUATION_OTHER", at, text, misuse, maxLength, showsExpected);
  };
}

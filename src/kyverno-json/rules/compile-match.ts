import type { Value } from "../../go-values/value.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { maskText } from "../../model/client-texts.ts";
import { EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import { compileTree } from "../assertion/compile-tree.ts";
import type { Tree, TreeCompiler, Variables } from "../assertion/tree.ts";
import type { TreeNode } from "../assertion/tree-node.ts";
import type { MatchBlock } from "../document/document.ts";
import type { ParsedMatch } from "./parse-rule.ts";
import { buildMatchRecord } from "./policy-value.ts";

/** A test of whether a `match` or `exclude` block holds for the payload; it may give the error in one of its trees. */
export type Match = (payload: Value, scope: Scope) => boolean | EvaluationError;

/**
 * Returns a function that judges a `match` or `exclude` block (docs/policy-language.md, Match and exclude): one of `any` and
 * all of `all` must hold. `any` ends at the first tree that holds; all of `all` are looked at, and an error in any tree
 * reached counts.
 *
 * A block without trees is reported, and an error whenever it is reached.
 */
export function compileMatch(
  block: ParsedMatch,
  documentPath: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
): Match {
  const compileList = (trees: readonly TreeNode[], name: "any" | "all"): readonly Tree[] =>
    trees.map((tree, index) =>
      compileTree(
        tree,
        {
          documentPath: [...documentPath, name, index],
          path: `${name}[${index}]`,
          at: [],
          variables,
        },
        compiler,
      ),
    );
  const any = compileList(block.any, "any");
  const all = compileList(block.all, "all");
  if (any.length === 0 && all.length === 0) {
    const origin = { documentPath, text: "", isKey: true, variables };
    const name = documentPath.at(-1);
    compiler.report("POLICY_EMPTY_MATCH", "error", `\`${name}\` without any tree`, origin);
    const error = emptyMatchError(block.document);
    return () => error;
  }
  return (payload, scope) => {
    const some = any.length === 0 || holdsForOne(any, payload, scope);
    if (isEvaluationError(some)) return some;
    const every = holdsForAll(all, payload, scope);
    return isEvaluationError(every) ? every : some && every;
  };
}

function holdsForOne(
  trees: readonly Tree[],
  payload: Value,
  scope: Scope,
): boolean | EvaluationError {
  for (const tree of trees) {
    const outcome = tree(payload, undefined, scope);
    if (outcome === undefined) return true;
    if (isEvaluationError(outcome)) return outcome;
  }
  return false;
}

function holdsForAll(
  trees: readonly Tree[],
  payload: Value,
  scope: Scope,
): boolean | EvaluationError {
  let holds = true;
  for (const tree of trees) {
    const outcome = tree(payload, undefined, scope);
    if (isEvaluationError(outcome)) return outcome;
    holds &&= outcome === undefined;
  }
  return holds;
}

function emptyMatchError(block: MatchBlock): EvaluationError {
  const text = buildMatchRecord(block).goSyntax();
  const detail = "an empty match is not valid";
  return new EvaluationError(
    "EVALUATION_OTHER",
    `<nil>: Invalid value: ${text}: ${detail}`,
    `<nil>: Invalid value: ${maskText}: ${detail}`,
  );
}

import { compareByCodePoint } from "../../go-values/go-string.ts";
import { navigationOf } from "../../jmespath/compile/navigation.ts";
import type { Scope } from "../../jmespath/compile/scope.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { limitError } from "../../model/step-limit.ts";
import { addFails } from "./add-mismatches.ts";
import { compileHold } from "./compile-foreach.ts";
import { type Fail, type Place, renderPath } from "./mismatch.ts";
import { describeNode, elementsAt, followNames, pathOfKey } from "./node-text.ts";
import type { KeyExpression } from "./parse-key.ts";
import type { Tree, TreeCompiler, TreeOutcome, TreeSite, Variables } from "./tree.ts";
import { internalError } from "./tree-error.ts";
import type { MapEntry, MapNode, TreeNode } from "./tree-node.ts";
import { memberOf, membersOf } from "./tree-value.ts";

/** Compiles a node below this one. */
export type CompileChild = (tree: TreeNode, site: TreeSite) => Tree;

/**
 * Returns a function that holds a value against an object node: every key projects the value, and its child judges what
 * comes of it. Keys are taken in code point order; their fails add up, the first error ends it.
 */
export function compileMap(
  tree: MapNode,
  site: TreeSite,
  compiler: TreeCompiler,
  compileChild: CompileChild,
): Tree {
  const { path } = site;
  const exhausted = (place: Place | undefined, scope: Scope): TreeOutcome =>
    internalError(renderPath(place, path), limitError(scope.budget));
  const entries = tree.entries
    .toSorted((a, b) => compareByCodePoint(a.text, b.text))
    .map((entry) => compileEntry(entry, site, compiler, compileChild));
  const [only] = entries;
  // Most objects in a tree have a single key: `request`, `http`, an expression over a header.
  if (only !== undefined && entries.length === 1) {
    return (value, place, scope) =>
      (scope.budget.stepsLeft -= 1) < 0 ? exhausted(place, scope) : only(value, place, scope);
  }
  return (value, place, scope) => {
    if ((scope.budget.stepsLeft -= 1) < 0) return exhausted(place, scope);
    let fails: Fail[] | undefined;
    for (const entry of entries) {
      const outcome = entry(value, place, scope);
      if (outcome === undefined) continue;
      if (isEvaluationError(outcome)) return outcome;
      fails = addFails(fails, outcome);
    }
    return fails;
  };
}

function compileEntry(
  entry: MapEntry,
  site: TreeSite,
  compiler: TreeCompiler,
  compileChild: CompileChild,
): Tree {
  const { limits, texts } = compiler;
  const { text, key } = entry;
  const path = site.path + pathOfKey(entry, texts);
  const documentPath = [...site.documentPath, text];
  const evaluate =
    key?.expression &&
    compiler.compile(key.expression, key.offset, {
      documentPath,
      text,
      isKey: true,
      variables: site.variables,
    });
  const names = evaluate === undefined ? [key?.statement ?? text] : navigationOf(evaluate);
  const at = followNames(site.at, names);
  const child = compileChild(entry.child, {
    documentPath,
    path: key?.isForeach === true ? "" : path,
    at: key?.isForeach === true ? elementsAt(at) : at,
    variables: variablesBelow(key, site.variables),
  });
  if (key === undefined) return compileField(text, child);
  const hold = compileHold(key, describeNode(path, at, texts), child, limits.maxStringBytes);
  if (evaluate === undefined) return compileMarkedField(key, path, hold, child);
  return (value, place, scope) => {
    const result = evaluate(value, scope);
    return isEvaluationError(result)
      ? internalError(renderPath(place, path), result)
      : hold(result, place, scope);
  };
}

function variablesBelow(key: KeyExpression | undefined, variables: Variables): Variables {
  const names = [key?.indexName, key?.bindingName].filter((name) => name !== undefined);
  if (names.length === 0) return variables;
  return new Map([...variables, ...names.map((name) => [name, undefined] as const)]);
}

/** A key that is only a name: what is no object goes down as it is. */
function compileField(name: string, child: Tree): Tree {
  return (value, place, scope) => {
    const members = membersOf(value);
    return child(members === undefined ? value : memberOf(members, name), place, scope);
  };
}

/** A name with marks: over what is no object they are lost, and the value itself goes down. */
function compileMarkedField(key: KeyExpression, path: string, hold: Tree, child: Tree): Tree {
  return (value, place, scope) => {
    const members = membersOf(value);
    if (members !== undefined) return hold(memberOf(members, key.statement), place, scope);
    return child(value, key.isForeach ? { outer: place, text: path } : place, scope);
  };
}

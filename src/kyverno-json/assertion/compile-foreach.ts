import { elementsOf } from "../../go-values/semantics.ts";
import { chargedKeys } from "../../go-values/text-cost.ts";
import { GoInt, type Value, type ValueObject } from "../../go-values/value.ts";
import { childScope, type Scope } from "../../jmespath/compile/scope.ts";
import { maskText } from "../../model/client-texts.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { addFails } from "./add-mismatches.ts";
import { type Fail, type Place, renderPath } from "./mismatch.ts";
import type { NodeText } from "./node-text.ts";
import type { KeyExpression } from "./parse-key.ts";
import type { Tree, TreeOutcome } from "./tree.ts";
import { internalError, invalidValueError } from "./tree-error.ts";
import { memberOf, membersOf } from "./tree-value.ts";

/**
 * Returns a function that holds the child against what a key projected, as the key's marks say: bound to a variable
 * (seen below the key only), element by element, or both.
 *
 * `maxLength` bounds the value shown in an error.
 */
export function compileHold(
  key: KeyExpression,
  node: NodeText,
  child: Tree,
  maxLength: number,
): Tree {
  const hold = key.isForeach ? compileForeach(key.indexName, node, child, maxLength) : child;
  const { bindingName } = key;
  if (bindingName === undefined) return hold;
  return (value, place, scope) => hold(value, place, childScope(scope, bindingName, value));
}

function compileForeach(
  indexName: string | undefined,
  node: NodeText,
  child: Tree,
  maxLength: number,
): Tree {
  const { path, showsValue } = node;
  return (value, place, scope) => {
    const elements = elementsOf(value);
    if (elements !== undefined) return holdElements(elements, indexName, path, child, place, scope);
    const members = membersOf(value);
    if (members !== undefined) return holdMembers(members, indexName, node, child, place, scope);
    const at = renderPath(place, path);
    const detail = "expected a slice or a map";
    const { budget } = scope;
    return invalidValueError("EVALUATION_TYPE", at, value, detail, maxLength, showsValue, budget);
  };
}

function holdElements(
  elements: readonly Value[],
  indexName: string | undefined,
  path: string,
  child: Tree,
  place: Place | undefined,
  scope: Scope,
): TreeOutcome {
  let fails: Fail[] | undefined;
  let index = 0;
  // A place is kept by fails only: as long as there are none, the next element has the same.
  let at: { outer: Place | undefined; text: string; key: number } | undefined;
  for (const element of elements) {
    const inner = indexName === undefined ? scope : childScope(scope, indexName, new GoInt(index));
    if (at === undefined) at = { outer: place, text: path, key: index };
    else at.key = index;
    const outcome = child(element, at, inner);
    if (outcome !== undefined) {
      if (isEvaluationError(outcome)) return outcome;
      fails = addFails(fails, outcome);
      at = undefined;
    }
    index += 1;
  }
  return fails;
}

function holdMembers(
  members: ValueObject,
  indexName: string | undefined,
  { path, showsValue }: NodeText,
  child: Tree,
  place: Place | undefined,
  scope: Scope,
): TreeOutcome {
  let fails: Fail[] | undefined;
  const keys = chargedKeys(members, scope.budget);
  if (isEvaluationError(keys)) return internalError(renderPath(place, path), keys);
  for (const key of keys) {
    const inner = indexName === undefined ? scope : childScope(scope, indexName, key);
    const at = { outer: place, text: path, key: showsValue ? key : maskText };
    const outcome = child(memberOf(members, key), at, inner);
    if (isEvaluationError(outcome)) return outcome;
    fails = addFails(fails, outcome);
  }
  return fails;
}

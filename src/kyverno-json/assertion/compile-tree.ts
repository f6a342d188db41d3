import { elementsOf } from "../../go-values/semantics.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import type { JsonArray, JsonValue } from "../../model/json.ts";
import { limitError } from "../../model/step-limit.ts";
import { addFails } from "./add-mismatches.ts";
import { depthLimitError } from "./depth-limit-error.ts";
import { compileMap } from "./map-node.ts";
import { Fail, FailDetail, renderPath } from "./mismatch.ts";
import { describeNode, elementsAt } from "./node-text.ts";
import { compileScalar } from "./scalar-node.ts";
import type { Tree, TreeCompiler, TreeSite } from "./tree.ts";
import { internalError, invalidValueError } from "./tree-error.ts";

/**
 * A function that holds values against the tree (docs/policy-language.md, Assertion trees): an object's keys project,
 * an array's items stand for elements one by one, a scalar is compared.
 *
 * A tree deeper than the limit is reported as too large, and an error when it is reached. Never throws.
 */
export function compileTree(tree: JsonValue, site: TreeSite, compiler: TreeCompiler): Tree {
  if (site.depth > compiler.limits.maxDepth) {
    const message = `the tree nests deeper than ${compiler.limits.maxDepth} levels`;
    const origin = { ...site, text: "", isKey: false };
    compiler.report("POLICY_TOO_LARGE", "error", message, origin);
    return (_value, place) => internalError(renderPath(place, site.path), depthLimitError);
  }
  if (typeof tree !== "object" || tree === null) return compileScalar(tree, site, compiler);
  if (isJsonArray(tree)) return compileArray(tree, site, compiler);
  return compileMap(tree, site, compiler, (child, childSite) =>
    compileTree(child, childSite, compiler),
  );
}

function isJsonArray(tree: JsonValue): tree is JsonArray {
  return Array.isArray(tree);
}

function compileArray(tree: JsonArray, site: TreeSite, compiler: TreeCompiler): Tree {
  const node = describeNode(site.path, site.at, compiler.texts);
  const { path, showsValue } = node;
  const maxLength = compiler.limits.maxStringBytes;
  const children = tree.map((item, index) =>
    compileTree(
      item,
      {
        ...site,
        documentPath: [...site.documentPath, index],
        path: `${path}[${index}]`,
        at: elementsAt(site.at),
        depth: site.depth + 1,
      },
      compiler,
    ),
  );
  return (value, place, scope) => {
    const { budget } = scope;
    budget.stepsLeft -= 1;
    if (budget.stepsLeft < 0) return internalError(renderPath(place, path), limitError(budget));
    if (value === null) return [new Fail(place, node, value, valueIsNull)];
    const elements = elementsOf(value);
    if (elements === undefined) {
      const at = renderPath(place, path);
      const detail = "expected a slice";
      return invalidValueError("EVALUATION_TYPE", at, value, detail, maxLength, showsValue, budget);
    }
    if (elements.length !== children.length) return [new Fail(place, node, value, lengthsDiffer)];
    let fails: Fail[] | undefined;
    for (const [index, child] of children.entries()) {
      const outcome = child(elements[index] ?? null, place, scope);
      if (isEvaluationError(outcome)) return outcome;
      fails = addFails(fails, outcome);
    }
    return fails;
  };
}

const valueIsNull = new FailDetail("value is null");
const lengthsDiffer = new FailDetail("lengths of slices don't match");

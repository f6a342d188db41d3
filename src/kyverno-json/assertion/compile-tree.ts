import { elementsOf } from "../../go-values/semantics.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { limitError } from "../../model/step-limit.ts";
import { addFails } from "./add-mismatches.ts";
import { depthLimitError } from "./depth-limit-error.ts";
import { compileMap } from "./map-node.ts";
import { Fail, FailDetail, renderPath } from "./mismatch.ts";
import { describeNode, elementsAt } from "./node-text.ts";
import { compileExpected, compileLiteral } from "./scalar-node.ts";
import type { Tree, TreeCompiler, TreeSite } from "./tree.ts";
import { internalError, invalidValueError } from "./tree-error.ts";
import type { ListNode, TreeNode } from "./tree-node.ts";

/**
 * Compiles a tree to a function that matches values (docs/policy-language.md, Assertion trees): an object's keys
 * project, an array's items stand for elements one by one, a scalar is compared.
 *
 * A node deeper than the limit is reported as too large, and an error when it is reached. Never throws.
 */
export function compileTree(tree: TreeNode, site: TreeSite, compiler: TreeCompiler): Tree {
  switch (tree.kind) {
    case "too-deep":
      return compileTooDeep(site, compiler);
    case "literal":
      return compileLiteral(tree, describeNode(site.path, site.at, compiler.texts));
    case "expression": {
      const node = describeNode(site.path, site.at, compiler.texts);
      return compileExpected(tree, site, node, compiler);
    }
    case "list":
      return compileList(tree, site, compiler);
    case "map":
      return compileMap(tree, site, compiler, (child, childSite) =>
        compileTree(child, childSite, compiler),
      );
  }
}

function compileTooDeep(site: TreeSite, compiler: TreeCompiler): Tree {
  const message = `the tree nests deeper than ${compiler.limits.maxDepth} levels`;
  compiler.report("POLICY_TOO_LARGE", "error", message, { ...site, text: "", isKey: false });
  return (_value, place) => internalError(renderPath(place, site.path), depthLimitError);
}

function compileList({ items }: ListNode, site: TreeSite, compiler: TreeCompiler): Tree {
  const node = describeNode(site.path, site.at, compiler.texts);
  const { path, showsValue } = node;
  const maxLength = compiler.limits.maxStringBytes;
  const children = items.map((item, index) =>
    compileTree(
      item,
      {
        ...site,
        documentPath: [...site.documentPath, index],
        path: `${path}[${index}]`,
        at: elementsAt(site.at),
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

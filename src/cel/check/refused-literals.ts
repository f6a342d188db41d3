import type { CelNode } from "../syntax/ast.ts";
import type { Overload } from "../types/declarations.ts";
import type { CelType } from "../types/type.ts";
import type { CheckFault, Resolution } from "./checked.ts";
import { findFormatFaults } from "./format-literals.ts";
import { findMixedLiterals } from "./mixed-literals.ts";

/** Returns what is wrong with literals of an expression that is otherwise right. */
export function findLiteralFaults<F extends Overload>(
  root: CelNode,
  types: ReadonlyMap<CelNode, CelType>,
  calls: ReadonlyMap<CelNode, Resolution<F>>,
): readonly CheckFault[] {
  return [
    ...findMixedLiterals(root, types),
    ...findFormatFaults(root, types),
    ...findRefusedLiterals(calls),
  ];
}

/** Returns a fault for each call whose written arguments its only signature refuses. */
function findRefusedLiterals<F extends Overload>(
  calls: ReadonlyMap<CelNode, Resolution<F>>,
): readonly CheckFault[] {
  return [...calls].flatMap(([node, { target, overloads }]) => {
    const [only, another] = overloads;
    if (node.kind !== "call" || only?.refuse === undefined || another !== undefined) return [];
    const args = target === undefined ? node.args : [target, ...node.args];
    const message = only.refuse(args.map(textOf));
    return message === undefined ? [] : [{ message, offset: node.at }];
  });
}

function textOf(node: CelNode): string | undefined {
  return node.kind === "literal" && typeof node.value === "string" ? node.value : undefined;
}

import type { CelNode } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/children.ts";
import { type CelType, renderType, unwrapOptional } from "../types/type.ts";
import { isSameType } from "../types/unify.ts";
import type { CheckFault } from "./checked.ts";

/**
 * Returns a fault for each list or map literal whose members have different types, `dyn` among them: cel-go's validator of
 * homogeneous literals. The arguments of `format` are exempt.
 */
export function findMixedLiterals(
  root: CelNode,
  types: ReadonlyMap<CelNode, CelType>,
): readonly CheckFault[] {
  const faults: CheckFault[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.kind === "call" && node.name === "format") continue;
    if (node.kind === "list") {
      faults.push(...compareTypes(node.elements, types));
    } else if (node.kind === "map") {
      const keys = node.entries.map(({ key }) => ({ value: key, isOptional: false }));
      faults.push(...compareTypes(keys, types), ...compareTypes(node.entries, types));
    }
    pending.push(...childrenOf(node));
  }
  return faults;
}

interface Member {
  readonly value: CelNode;
  readonly isOptional: boolean;
}

function compareTypes(
  members: readonly Member[],
  types: ReadonlyMap<CelNode, CelType>,
): readonly CheckFault[] {
  const typed = members.map(({ value, isOptional }) => {
    const type = types.get(value);
    const inside = type !== undefined && isOptional ? (unwrapOptional(type) ?? type) : type;
    return { type: inside, at: value.at };
  });
  const first = typed[0]?.type;
  if (first === undefined) return [];
  const other = typed.find(({ type }) => type !== undefined && !isSameType(first, type, false));
  if (other?.type === undefined) return [];
  const texts = [first, other.type].map(renderType);
  const message = `expected type \`${texts[0]}\` as before it, found \`${texts[1]}\`; \`dyn(…)\` around each member allows both`;
  return [{ message, offset: other.at }];
}

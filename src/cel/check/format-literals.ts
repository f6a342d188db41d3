import type { CelNode, ListNode } from "../syntax/ast.ts";
import { childrenOf } from "../syntax/children.ts";
import type { CelType } from "../types/type.ts";
import { readFormat } from "../values/format-text.ts";
import type { CheckFault } from "./checked.ts";

/** The kinds of types that each clause takes. */
const takes: Readonly<Record<string, readonly CelType["kind"][]>> = {
  d: ["int", "uint", "double"],
  f: ["int", "uint", "double"],
  e: ["int", "uint", "double"],
  b: ["int", "uint", "bool"],
  o: ["int", "uint"],
  x: ["int", "uint", "string", "bytes"],
  X: ["int", "uint", "string", "bytes"],
  s: [
    "bool",
    "bytes",
    "double",
    "duration",
    "int",
    "list",
    "map",
    "null",
    "string",
    "timestamp",
    "type",
    "uint",
  ],
};

/** Returns a fault for each `format` of a written text and a written list whose clauses and members do not fit. */
export function findFormatFaults(
  root: CelNode,
  types: ReadonlyMap<CelNode, CelType>,
): readonly CheckFault[] {
  const faults: CheckFault[] = [];
  const pending = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    pending.push(...childrenOf(node));
    if (node.kind !== "call" || node.name !== "format" || node.target?.kind !== "literal") continue;
    const { value } = node.target;
    const [list] = node.args;
    if (typeof value !== "string" || list?.kind !== "list") continue;
    const fault = compare(value, list, types);
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

function compare(
  text: string,
  list: ListNode,
  types: ReadonlyMap<CelNode, CelType>,
): CheckFault | undefined {
  const pieces = readFormat(text);
  if (typeof pieces === "string") return { message: pieces, offset: list.at };
  const clauses = pieces.filter((piece) => typeof piece !== "string");
  const { elements } = list;
  if (clauses.length !== elements.length) {
    const message = `the format has ${clauses.length} clauses and is given ${elements.length} values`;
    return { message, offset: list.at };
  }
  for (const [index, { verb }] of clauses.entries()) {
    const value = elements[index]?.value;
    const kind = value === undefined ? undefined : types.get(value)?.kind;
    const isUnknown = kind === undefined || kind === "dyn" || kind === "parameter";
    if (value === undefined || isUnknown) continue;
    if (takes[verb]?.includes(kind) === true) continue;
    return { message: `\`%${verb}\` does not take a value of type \`${kind}\``, offset: value.at };
  }
  return undefined;
}

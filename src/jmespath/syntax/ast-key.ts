import type { Ast } from "./ast.ts";

/** Returns a text that two expressions share only if they mean the same. */
export function keyOfAst(ast: Ast): string {
  return JSON.stringify(ast, function (this: { readonly kind?: unknown }, name, member: unknown) {
    if (name === "offset") return undefined;
    return this.kind === "literal" && name === "value" ? keyOfLiteral(member) : member;
  });
}

/** Types and the sign of zero show; as text, so that what stands in a literal is never taken for a node. */
function keyOfLiteral(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) => {
    if (typeof member === "string") return `s${member}`;
    if (typeof member === "number") return Object.is(member, -0) ? "n-0" : `n${member}`;
    return member;
  });
}

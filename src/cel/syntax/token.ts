/** A piece of a CEL expression's text (CEL language definition, "Syntax"). */
export type Token =
  | { readonly kind: "end"; readonly offset: number }
  | { readonly kind: "symbol"; readonly text: CelSymbol; readonly offset: number }
  /** A name; reserved words are names to the lexer, because they may be fields. */
  | { readonly kind: "identifier"; readonly text: string; readonly offset: number }
  /** A name between back-ticks: allowed as a field only. */
  | { readonly kind: "quoted"; readonly text: string; readonly offset: number }
  | { readonly kind: "int"; readonly text: string; readonly offset: number }
  | { readonly kind: "uint"; readonly text: string; readonly offset: number }
  | { readonly kind: "double"; readonly text: string; readonly offset: number }
  | { readonly kind: "string"; readonly value: string; readonly offset: number }
  | { readonly kind: "bytes"; readonly value: Uint8Array; readonly offset: number };

/** Operators, brackets and the words that can never be names, longest first. */
export const celSymbols = [
  "&&",
  "||",
  "==",
  "!=",
  "<=",
  ">=",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ".",
  ",",
  ":",
  "?",
  "-",
  "!",
  "+",
  "*",
  "/",
  "%",
  "<",
  ">",
] as const;

/** Words that stand for themselves and are neither variables nor fields. */
export const celWords = ["in", "true", "false", "null"] as const;

/** An operator, a bracket or one of {@link celWords}. */
export type CelSymbol = (typeof celSymbols)[number] | (typeof celWords)[number];

/** Every kind of token; error texts print the name with `TOK` in front. */
export type TokenKind =
  | "Star"
  | "Dot"
  | "Filter"
  | "Flatten"
  | "Lparen"
  | "Rparen"
  | "Lbracket"
  | "Rbracket"
  | "Lbrace"
  | "Rbrace"
  | "Or"
  | "Pipe"
  | "Number"
  | "UnquotedIdentifier"
  | "QuotedIdentifier"
  | "Comma"
  | "Colon"
  | "Plus"
  | "Minus"
  | "Multiply"
  | "Divide"
  | "Modulo"
  | "Div"
  | "LT"
  | "LTE"
  | "GT"
  | "GTE"
  | "EQ"
  | "NE"
  | "JSONLiteral"
  | "StringLiteral"
  | "Current"
  | "Root"
  | "Expref"
  | "And"
  | "Not"
  | "Varref"
  | "Assign"
  | "EOF";

/** One token of an expression. */
export interface Token {
  readonly kind: TokenKind;
  /** Identifiers, strings: decoded; JSON literals: the JSON text; variables: with `$`; else as written. */
  readonly text: string;
  /** Where it starts, 0-based in UTF-16 units. */
  readonly offset: number;
}

/** The strength with which each token binds what stands left of it; those not listed do not bind. */
export const bindingPowers: Readonly<Partial<Record<TokenKind, number>>> = {
  Pipe: 1,
  Assign: 1,
  Or: 2,
  And: 3,
  EQ: 5,
  NE: 5,
  LT: 5,
  LTE: 5,
  GT: 5,
  GTE: 5,
  Plus: 6,
  Minus: 6,
  Divide: 7,
  Div: 7,
  Modulo: 7,
  Multiply: 7,
  Flatten: 9,
  Star: 20,
  Filter: 21,
  Dot: 40,
  Not: 45,
  Lbrace: 50,
  Lbracket: 55,
  Lparen: 60,
};

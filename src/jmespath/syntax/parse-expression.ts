import { parseJsonText } from "../../go-values/json-text.ts";
import { isEvaluationError } from "../../model/evaluation-error.ts";
import { defaultEvaluationLimits } from "../../model/limits.ts";
import {
  type ArithmeticNode,
  type Ast,
  type ComparisonNode,
  type IndexNode,
  measure,
  type SliceNode,
} from "./ast.ts";
import { ExpressionSyntaxError } from "./syntax-error.ts";
import { bindingPowers, type Token, type TokenKind } from "./token.ts";
import { tokenize } from "./tokenize.ts";

/** How many steps one chain may have; chains do not nest, but they are built step by step. */
const MAX_CHAIN_STEPS = 5_000;

/**
 * Returns the expression's tree, or why and where the text is no expression, in the Go library's words
 * (docs/policy-language.md, Expressions). Nesting deeper than `maxDepth` levels gives an error of code
 * `EVALUATION_DEPTH_LIMIT`.
 */
export function parseExpression(
  text: string,
  maxDepth: number = defaultEvaluationLimits.maxDepth,
): Ast | ExpressionSyntaxError {
  const tokens = tokenize(text);
  if (tokens instanceof ExpressionSyntaxError) return tokens;
  return new Parser(tokens, maxDepth).parse();
}

/** Parses the operand or the rest of the construct that the token begins; `depth` is that of the node to come. */
type PrefixRule = (parser: Parser, token: Token, depth: number) => Ast;
/** The same for a token that follows the node `left`. */
type InfixRule = (parser: Parser, token: Token, left: Ast, depth: number) => Ast;

/**
 * A Pratt parser. The first error is kept and the rest of the tokens skipped, so that every rule ends soon; what
 * rules return after an error has no meaning.
 */
class Parser {
  readonly #tokens: readonly Token[];
  readonly maxDepth: number;
  #at = 0;
  #error: ExpressionSyntaxError | undefined;

  constructor(tokens: readonly Token[], maxDepth: number) {
    this.#tokens = tokens;
    this.maxDepth = maxDepth;
  }

  parse(): Ast | ExpressionSyntaxError {
    const ast = this.expression(0, 1);
    if (this.current !== "EOF") {
      this.fail(`SyntaxError: Unexpected token at the end of the expression: TOK${this.current}`);
    }
    return this.#error ?? ast;
  }

  get current(): TokenKind {
    return this.peek(0).kind;
  }

  get isFailed(): boolean {
    return this.#error !== undefined;
  }

  peek(ahead: number): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: "EOF", text: "", offset: 0 };
  }

  /** The current token, which is thereby behind us. */
  take(): Token {
    const token = this.peek(0);
    this.#at++;
    return token;
  }

  takeIf(kind: TokenKind): boolean {
    if (this.current !== kind) return false;
    this.#at++;
    return true;
  }

  expect(kind: TokenKind): void {
    if (!this.takeIf(kind)) {
      this.fail(`SyntaxError: Expected TOK${kind}, received: TOK${this.current}`);
    }
  }

  fail(message: string, token: Token = this.peek(0)): Ast {
    return this.#failWith(new ExpressionSyntaxError(message, token.offset));
  }

  /** The node itself, or an error where it nests too deep. */
  bounded(node: Ast): Ast {
    return node.height > this.maxDepth ? this.#failTooDeep() : node;
  }

  expression(power: number, depth: number): Ast {
    if (depth > this.maxDepth) return this.#failTooDeep();
    const token = this.take();
    const prefix = prefixRules[token.kind];
    let left =
      prefix === undefined
        ? this.fail(`SyntaxError: Invalid token: TOK${token.kind}`, token)
        : this.bounded(prefix(this, token, depth));
    while (!this.isFailed && power < (bindingPowers[this.current] ?? 0)) {
      const operator = this.take();
      const infix = infixRules[operator.kind];
      left =
        infix === undefined
          ? this.fail(`SyntaxError: Unexpected token: TOK${operator.kind}`, operator)
          : this.bounded(infix(this, operator, left, depth));
    }
    return left;
  }

  /** One more step of a chain, or the beginning of one. Chains inside chains of a kind are the same chain. */
  chain(kind: "path" | "pipe" | "or" | "and", left: Ast, right: Ast): Ast {
    const before = left.kind === kind ? left.steps : [left];
    const steps = [...before, ...(right.kind === kind ? right.steps : [right])];
    if (steps.length > MAX_CHAIN_STEPS) return this.#failTooDeep();
    return { kind, offset: left.offset, ...measure(steps), steps, split: before.length };
  }

  #failTooDeep(): Ast {
    const message = `expression nests deeper than ${this.maxDepth} levels`;
    return this.#failWith(
      new ExpressionSyntaxError(message, this.peek(0).offset, "EVALUATION_DEPTH_LIMIT"),
    );
  }

  #failWith(error: ExpressionSyntaxError): Ast {
    this.#error ??= error;
    this.#at = this.#tokens.length - 1;
    return currentNode(error.offset);
  }
}

const prefixRules: Readonly<Partial<Record<TokenKind, PrefixRule>>> = {
  Varref: (_, token) => ({
    kind: "variable",
    ...leaf(token.offset),
    name: token.text.slice(1),
  }),
  JSONLiteral: parseLiteral,
  StringLiteral: (_, token) => ({ kind: "literal", ...leaf(token.offset), value: token.text }),
  Root: (_, token) => ({ kind: "literal", ...leaf(token.offset), value: null }),
  Current: (_, token) => currentNode(token.offset),
  UnquotedIdentifier: (parser, token, depth) =>
    token.text === "let" && parser.current === "Varref"
      ? parseLet(parser, token, depth)
      : { kind: "field", ...leaf(token.offset), name: token.text },
  QuotedIdentifier: (parser, token) =>
    parser.current === "Lparen"
      ? parser.fail("SyntaxError: Can't have quoted identifier as function name.", token)
      : { kind: "field", ...leaf(token.offset), name: token.text },
  Plus: parseSign,
  Minus: parseSign,
  Star: (parser, token, depth) => parseValues(parser, currentNode(token.offset), 20, depth),
  Filter: (parser, token, depth) => parseFilter(parser, currentNode(token.offset), depth),
  Flatten: (parser, token, depth) => parseFlatten(parser, token, currentNode(token.offset), depth),
  Lbrace: parseHash,
  Lbracket: (parser, token, depth) => {
    if (parser.current === "Number" || parser.current === "Colon") {
      return parseIndex(parser, currentNode(token.offset), depth);
    }
    if (parser.current === "Star" && parser.peek(1).kind === "Rbracket") {
      return parseElements(parser, currentNode(token.offset), depth);
    }
    return parseList(parser, token, depth);
  },
  Expref: (parser, token, depth) => {
    const body = parser.expression(0, depth + 1);
    return { kind: "reference", offset: token.offset, ...measure([body]), body };
  },
  Not: (parser, token, depth) => {
    const operand = parser.expression(45, depth + 1);
    return { kind: "not", offset: token.offset, ...measure([operand]), operand };
  },
  Lparen: (parser, _, depth) => {
    const inner = parser.expression(0, depth + 1);
    parser.expect("Rparen");
    return inner;
  },
  EOF: (parser, token) => parser.fail("SyntaxError: Incomplete expression", token),
};

const infixRules: Readonly<Partial<Record<TokenKind, InfixRule>>> = {
  Dot: (parser, _, left, depth) =>
    parser.takeIf("Star")
      ? parseValues(parser, left, 40, depth)
      : parser.chain("path", left, parseAfterDot(parser, 40, depth)),
  Pipe: (parser, _, left, depth) => parser.chain("pipe", left, parser.expression(1, depth + 1)),
  Or: (parser, _, left, depth) => parser.chain("or", left, parser.expression(2, depth + 1)),
  And: (parser, _, left, depth) => parser.chain("and", left, parser.expression(3, depth + 1)),
  EQ: parseComparison("EQ"),
  NE: parseComparison("NE"),
  LT: parseComparison("LT"),
  LTE: parseComparison("LTE"),
  GT: parseComparison("GT"),
  GTE: parseComparison("GTE"),
  Plus: parseArithmetic("Plus", 6),
  Minus: parseArithmetic("Minus", 6),
  Multiply: parseArithmetic("Multiply", 7),
  Divide: parseArithmetic("Divide", 7),
  Div: parseArithmetic("Div", 7),
  Modulo: parseArithmetic("Modulo", 7),
  Star: parseArithmetic("Multiply", 20),
  Lparen: parseCall,
  Filter: (parser, _, left, depth) => parseFilter(parser, left, depth),
  Flatten: parseFlatten,
  Lbracket: (parser, _, left, depth) =>
    parser.current === "Number" || parser.current === "Colon"
      ? parseIndex(parser, left, depth)
      : parseElements(parser, left, depth),
  Assign: (parser, token, left, depth) => {
    const right = parser.expression(0, depth + 1);
    return { kind: "assignment", offset: token.offset, ...measure([left, right]), left, right };
  },
};

function leaf(offset: number): { offset: number; height: number; size: number } {
  return { offset, ...measure([]) };
}

function currentNode(offset: number): Ast {
  return { kind: "current", ...leaf(offset) };
}

function parseLiteral(parser: Parser, token: Token): Ast {
  const value = parseJsonText(token.text, parser.maxDepth);
  if (isEvaluationError(value)) return parser.fail(value.message, token);
  return { kind: "literal", ...leaf(token.offset), value };
}

function parseSign(parser: Parser, token: Token, depth: number): Ast {
  const operand = parser.expression(6, depth + 1);
  const isNegative = token.kind === "Minus";
  return { kind: "unary", offset: token.offset, ...measure([operand]), isNegative, operand };
}

/** The body reaches as far as it can; commas between items may be left out. */
function parseLet(parser: Parser, token: Token, depth: number): Ast {
  const items: Ast[] = [];
  while (!parser.isFailed && !isIn(parser.peek(0))) {
    items.push(parser.expression(0, depth + 1));
    parser.takeIf("Comma");
  }
  parser.take();
  const body = parser.expression(0, depth + 1);
  return { kind: "let", offset: token.offset, ...measure([...items, body]), items, body };
}

function isIn(token: Token): boolean {
  return token.kind === "UnquotedIdentifier" && token.text === "in";
}

function parseComparison(operator: ComparisonNode["operator"]): InfixRule {
  return (parser, token, left, depth) => {
    const right = parser.expression(5, depth + 1);
    const place = { offset: token.offset, ...measure([left, right]) };
    return { kind: "comparison", ...place, operator, left, right };
  };
}

function parseArithmetic(operator: ArithmeticNode["operator"], power: number): InfixRule {
  return (parser, token, left, depth) => {
    const right = parser.expression(power, depth + 1);
    const place = { offset: token.offset, ...measure([left, right]) };
    return { kind: "arithmetic", ...place, operator, left, right };
  };
}

/** Commas between arguments may be left out, and one may follow the last. */
function parseCall(parser: Parser, _: Token, left: Ast, depth: number): Ast {
  if (left.kind !== "field") {
    return parser.fail("SyntaxError: Invalid node as function name.", parser.peek(-2));
  }
  const parameters: Ast[] = [];
  while (!parser.isFailed && parser.current !== "Rparen") {
    parameters.push(parser.expression(0, depth + 1));
    parser.takeIf("Comma");
  }
  parser.expect("Rparen");
  const place = { offset: left.offset, ...measure(parameters) };
  return { kind: "call", ...place, name: left.name, parameters };
}

function parseList(parser: Parser, token: Token, depth: number): Ast {
  const items: Ast[] = [];
  do {
    items.push(parser.expression(0, depth + 1));
    if (parser.takeIf("Rbracket")) break;
    parser.expect("Comma");
  } while (!parser.isFailed);
  return { kind: "list", offset: token.offset, ...measure(items), items };
}

/** Commas between entries may be left out, but none may follow the last. */
function parseHash(parser: Parser, token: Token, depth: number): Ast {
  const entries: { key: string; value: Ast }[] = [];
  do {
    const key = parser.peek(0);
    if (!parser.takeIf("UnquotedIdentifier") && !parser.takeIf("QuotedIdentifier")) {
      return parser.fail("SyntaxError: Expected tQuotedIdentifier or tUnquotedIdentifier");
    }
    parser.expect("Colon");
    entries.push({ key: key.text, value: parser.expression(0, depth + 1) });
    if (!parser.takeIf("Comma") && parser.takeIf("Rbrace")) break;
  } while (!parser.isFailed);
  const place = { offset: token.offset, ...measure(entries.map((entry) => entry.value)) };
  return { kind: "hash", ...place, entries };
}

function parseFilter(parser: Parser, left: Ast, depth: number): Ast {
  const { offset } = parser.peek(-1);
  const condition = parser.expression(0, depth + 1);
  parser.expect("Rbracket");
  const right =
    parser.current === "Flatten"
      ? currentNode(parser.peek(0).offset)
      : parseProjected(parser, 21, depth);
  const place = { offset, ...measure([left, condition, right]) };
  return { kind: "filter", ...place, left, condition, right };
}

function parseFlatten(parser: Parser, token: Token, inner: Ast, depth: number): Ast {
  const left: Ast = { kind: "flatten", offset: token.offset, ...measure([inner]), left: inner };
  const right = parseProjected(parser, 9, depth);
  const place = { offset: token.offset, ...measure([left, right]) };
  return { kind: "elements", ...place, left, right, isSliced: false };
}

/** The rest of `[*]`, the bracket behind us. */
function parseElements(parser: Parser, left: Ast, depth: number): Ast {
  const { offset } = parser.peek(-1);
  parser.expect("Star");
  parser.expect("Rbracket");
  const right = parseProjected(parser, 20, depth);
  const place = { offset, ...measure([left, right]) };
  return { kind: "elements", ...place, left, right, isSliced: false };
}

/** The rest of `*` or `.*`, the star behind us. */
function parseValues(parser: Parser, left: Ast, power: number, depth: number): Ast {
  const { offset } = parser.peek(-1);
  const right = parseProjected(parser, power, depth);
  const place = { offset, ...measure([left, right]) };
  return { kind: "values", ...place, left, right, isSliced: false };
}

/** What follows a projection and is applied to each element. */
function parseProjected(parser: Parser, power: number, depth: number): Ast {
  const kind = parser.current;
  if ((bindingPowers[kind] ?? 0) < 10) return currentNode(parser.peek(0).offset);
  if (kind === "Lbracket" || kind === "Filter") return parser.expression(power, depth + 1);
  if (parser.takeIf("Dot")) return parseAfterDot(parser, power, depth);
  return parser.fail("SyntaxError: Error");
}

function parseAfterDot(parser: Parser, power: number, depth: number): Ast {
  const token = parser.peek(0);
  if (parser.takeIf("Lbracket")) return parseList(parser, token, depth + 1);
  if (parser.takeIf("Lbrace")) return parseHash(parser, token, depth + 1);
  if (
    token.kind === "UnquotedIdentifier" ||
    token.kind === "QuotedIdentifier" ||
    token.kind === "Star"
  ) {
    return parser.expression(power, depth + 1);
  }
  return parser.fail("SyntaxError: Expected identifier, lbracket, or lbrace");
}

/** The rest of an index or slice, the bracket behind us. A slice projects what follows it. */
function parseIndex(parser: Parser, left: Ast, depth: number): Ast {
  if (parser.current !== "Colon" && parser.peek(1).kind !== "Colon") {
    const token = parser.take();
    const node: IndexNode = {
      kind: "index",
      ...leaf(token.offset),
      index: parseInteger(parser, token),
    };
    parser.expect("Rbracket");
    return parser.chain("path", left, node);
  }
  const sliced = parser.chain("path", left, parseSlice(parser));
  const right = parseProjected(parser, 20, depth);
  const place = { offset: sliced.offset, ...measure([sliced, right]) };
  return { kind: "elements", ...place, left: sliced, right, isSliced: true };
}

function parseSlice(parser: Parser): SliceNode {
  const { offset } = parser.peek(0);
  const parts: [number?, number?, number?] = [];
  let index = 0;
  while (!parser.isFailed && parser.current !== "Rbracket") {
    const token = parser.peek(0);
    if (token.kind === "Colon") {
      if (++index === 3) parser.fail("SyntaxError: Too many colons in slice expression");
    } else if (token.kind === "Number") {
      parts[index] = parseInteger(parser, token);
    } else {
      parser.fail(`SyntaxError: Expected tColon or tNumber, received: TOK${token.kind}`);
    }
    if (!parser.isFailed) parser.take();
  }
  parser.expect("Rbracket");
  const [start, stop, step] = parts;
  return { kind: "slice", ...leaf(offset), start, stop, step };
}

/** Go's `int`; beyond 2^53 exactness is lost, but no array is that long. */
function parseInteger(parser: Parser, token: Token): number {
  const digits = token.text.replace(/^(-?)0+(?=[0-9])/, "$1");
  if (digits.length > 20 || BigInt.asIntN(64, BigInt(digits)) !== BigInt(digits)) {
    parser.fail(`strconv.Atoi: parsing "${token.text}": value out of range`, token);
  }
  return Number(digits);
}

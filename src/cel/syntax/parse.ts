import type { CelNode, ListNode, LiteralNode, MapNode, MessageNode } from "./ast.ts";
import { expandMacro } from "./macros.ts";
import { CelSyntaxError } from "./syntax-error.ts";
import type { CelSymbol, Token } from "./token.ts";
import { tokenize } from "./tokenize.ts";

/** Names that may be fields but no variables or functions (CEL language definition, "Syntax": RESERVED). */
const reserved: ReadonlySet<string> = new Set([
  "as",
  "break",
  "const",
  "continue",
  "else",
  "for",
  "function",
  "if",
  "import",
  "let",
  "loop",
  "namespace",
  "package",
  "return",
  "var",
  "void",
  "while",
]);

/** Binary operators by how tightly they bind; operators of one level group to the left. */
const relations: ReadonlyMap<CelSymbol, string> = new Map<CelSymbol, string>([
  ["<", "_<_"],
  ["<=", "_<=_"],
  [">", "_>_"],
  [">=", "_>=_"],
  ["==", "_==_"],
  ["!=", "_!=_"],
  ["in", "@in"],
]);
const sums: ReadonlyMap<CelSymbol, string> = new Map<CelSymbol, string>([
  ["+", "_+_"],
  ["-", "_-_"],
]);
const products: ReadonlyMap<CelSymbol, string> = new Map<CelSymbol, string>([
  ["*", "_*_"],
  ["/", "_/_"],
  ["%", "_%_"],
]);

/**
 * Returns the tree of a CEL expression, macros expanded to nodes of their own.
 *
 * @param maxDepth how deep expressions may nest
 * @throws CelSyntaxError at the first fault
 */
export function parseCel(text: string, maxDepth: number): CelNode {
  const parser = new Parser(tokenize(text), maxDepth);
  return parser.parseWhole();
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #maxDepth: number;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], maxDepth: number) {
    this.#tokens = tokens;
    this.#maxDepth = maxDepth;
  }

  parseWhole(): CelNode {
    if (this.#peek().kind === "end") throw this.#fault("the expression is empty");
    const node = this.#parseExpression();
    if (this.#peek().kind !== "end") throw this.#unexpected("the end of the expression");
    return node;
  }

  #parseExpression(): CelNode {
    this.#enter();
    const condition = this.#parseOr();
    const { offset } = this.#peek();
    if (!this.#take("?")) {
      this.#depth -= 1;
      return condition;
    }
    const whenTrue = this.#parseOr();
    this.#expect(":");
    const otherwise = this.#parseExpression();
    this.#depth -= 1;
    return { kind: "conditional", condition, whenTrue, otherwise, at: offset };
  }

  #enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#maxDepth) throw this.#fault("the expression is nested too deep");
  }

  #parseOr(): CelNode {
    return this.#parseLogical("||", () => this.#parseLogical("&&", () => this.#parseRelation()));
  }

  #parseLogical(operator: "&&" | "||", parseOperand: () => CelNode): CelNode {
    const first = parseOperand();
    const at = this.#peek().offset;
    if (!this.#isNext(operator)) return first;
    const operands = [first];
    while (this.#take(operator)) operands.push(parseOperand());
    return { kind: "logical", operator, operands, at };
  }

  #parseRelation(): CelNode {
    return this.#parseBinary(relations, () => this.#parseSum());
  }

  #parseSum(): CelNode {
    return this.#parseBinary(sums, () => this.#parseBinary(products, () => this.#parseUnary()));
  }

  #parseBinary(operators: ReadonlyMap<CelSymbol, string>, parseOperand: () => CelNode): CelNode {
    let left = parseOperand();
    let levels = 0;
    for (;;) {
      const token = this.#peek();
      const name = token.kind === "symbol" ? operators.get(token.text) : undefined;
      if (name === undefined) break;
      // A long chain is a deep tree, whose evaluation nests as deep.
      levels += 1;
      this.#enter();
      this.#next += 1;
      left = {
        kind: "call",
        name,
        target: undefined,
        args: [left, parseOperand()],
        at: token.offset,
      };
    }
    this.#depth -= levels;
    return left;
  }

  #parseUnary(): CelNode {
    const { offset } = this.#peek();
    for (const [symbol, name] of [
      ["!", "!_"],
      ["-", "-_"],
    ] as const) {
      let count = 0;
      while (this.#take(symbol)) count += 1;
      if (count === 0) continue;
      if (symbol === "-" && count === 1) {
        const negative = this.#parseNegativeNumber(offset);
        if (negative !== undefined) {
          return this.#parseMembers(negative);
        }
      }
      return this.#negate(this.#parseMember(), count, name, offset);
    }
    return this.#parseMember();
  }

  /** A pair of the same sign cancels out, as in the original. */
  #negate(node: CelNode, count: number, name: string, at: number): CelNode {
    return count % 2 === 0 ? node : { kind: "call", name, target: undefined, args: [node], at };
  }

  /** Returns the literal of a number behind a minus sign: the sign is part of it, which the smallest int needs. */
  #parseNegativeNumber(at: number): LiteralNode | undefined {
    const token = this.#peek();
    if (token.kind !== "int" && token.kind !== "double") return undefined;
    this.#next += 1;
    return readNumber(token.kind, token.text, true, at);
  }

  #parseMember(): CelNode {
    return this.#parseMembers(this.#parsePrimary());
  }

  #parseMembers(primary: CelNode): CelNode {
    let node = primary;
    let levels = 0;
    for (;;) {
      const token = this.#peek();
      if (this.#take(".")) node = this.#parseSelection(node, token.offset);
      else if (this.#take("[")) node = this.#parseIndex(node, token.offset);
      else break;
      levels += 1;
      this.#enter();
    }
    this.#depth -= levels;
    return node;
  }

  #parseIndex(operand: CelNode, at: number): CelNode {
    const name = this.#take("?") ? "_[?_]" : "_[_]";
    const index = this.#parseExpression();
    this.#expect("]");
    return { kind: "call", name, target: undefined, args: [operand, index], at };
  }

  #parseSelection(operand: CelNode, at: number): CelNode {
    const isOptional = this.#take("?");
    const token = this.#peek();
    if (token.kind !== "identifier" && token.kind !== "quoted") throw this.#unexpected("a field");
    this.#next += 1;
    if (token.kind === "identifier" && !isOptional && this.#take("(")) {
      const args = this.#parseArguments();
      const call = { name: token.text, target: operand, args, at: token.offset } as const;
      return expandMacro(call) ?? { kind: "call", ...call };
    }
    return { kind: "select", operand, field: token.text, isOptional, isTest: false, at };
  }

  #parseArguments(): readonly CelNode[] {
    if (this.#take(")")) return [];
    const args = [this.#parseExpression()];
    while (this.#take(",")) args.push(this.#parseExpression());
    this.#expect(")");
    return args;
  }

  #parsePrimary(): CelNode {
    const token = this.#peek();
    switch (token.kind) {
      case "int":
      case "uint":
      case "double":
        this.#next += 1;
        return readNumber(token.kind, token.text, false, token.offset);
      case "string":
      case "bytes":
        this.#next += 1;
        return literal(token.value, token.offset);
      case "identifier":
        return this.#parseName("");
      case "symbol":
        return this.#parseSymbol(token.text, token.offset);
      case "quoted":
      case "end":
        throw this.#unexpected("a value");
    }
  }

  #parseSymbol(symbol: CelSymbol, at: number): CelNode {
    this.#next += 1;
    switch (symbol) {
      case "(": {
        const node = this.#parseExpression();
        this.#expect(")");
        return node;
      }
      case "[":
        return this.#parseList(at);
      case "{":
        return this.#parseMap(at);
      case ".":
        if (this.#peek().kind === "identifier") return this.#parseName(".");
        break;
      case "true":
      case "false":
        return literal(symbol === "true", at);
      case "null":
        return literal(null, at);
      default:
    }
    this.#next -= 1;
    throw this.#unexpected("a value");
  }

  /** Parses a variable, a call of a function or a message literal; a leading dot changes nothing, since there is no container. */
  #parseName(dot: "" | "."): CelNode {
    const token = this.#peek();
    if (token.kind !== "identifier") throw this.#unexpected("a name");
    const message = this.#parseMessage();
    if (message !== undefined) return message;
    this.#next += 1;
    if (reserved.has(token.text)) {
      throw new CelSyntaxError(`\`${token.text}\` is reserved and cannot be a name`, token.offset);
    }
    const { text: name, offset: at } = token;
    if (!this.#take("(")) return { kind: "identifier", name, at: at - dot.length };
    const call = { name, target: undefined, args: this.#parseArguments(), at } as const;
    return (dot === "" ? expandMacro(call) : undefined) ?? { kind: "call", ...call };
  }

  /** Parses `a.b.Type{…}`, or returns undefined and takes nothing when no brace follows the name. */
  #parseMessage(): MessageNode | undefined {
    const start = this.#next;
    const { offset: at } = this.#peek();
    const names: string[] = [];
    do {
      const token = this.#peek();
      if (token.kind !== "identifier") break;
      names.push(token.text);
      this.#next += 1;
    } while (this.#take("."));
    const last = this.#tokens[this.#next - 1];
    if (last?.kind === "identifier" && this.#take("{")) {
      return { kind: "message", typeName: names.join("."), fields: this.#parseFields(), at };
    }
    this.#next = start;
    return undefined;
  }

  #parseFields(): MessageNode["fields"] {
    const fields: MessageNode["fields"][number][] = [];
    while (!this.#isNext("}") && !this.#isNext(",")) {
      const isOptional = this.#take("?");
      const token = this.#peek();
      if (token.kind !== "identifier" && token.kind !== "quoted") throw this.#unexpected("a field");
      this.#next += 1;
      this.#expect(":");
      const value = this.#parseExpression();
      fields.push({ name: token.text, value, isOptional, at: token.offset });
      if (!this.#take(",")) break;
    }
    this.#endAggregate("}", fields.length);
    return fields;
  }

  #parseList(at: number): ListNode {
    const elements: ListNode["elements"][number][] = [];
    while (!this.#isNext("]") && !this.#isNext(",")) {
      const isOptional = this.#take("?");
      elements.push({ value: this.#parseExpression(), isOptional });
      if (!this.#take(",")) break;
    }
    this.#endAggregate("]", elements.length);
    return { kind: "list", elements, at };
  }

  #parseMap(at: number): MapNode {
    const entries: MapNode["entries"][number][] = [];
    while (!this.#isNext("}") && !this.#isNext(",")) {
      const isOptional = this.#take("?");
      const key = this.#parseExpression();
      this.#expect(":");
      entries.push({ key, value: this.#parseExpression(), isOptional });
      if (!this.#take(",")) break;
    }
    this.#endAggregate("}", entries.length);
    return { kind: "map", entries, at };
  }

  /** Takes the closing bracket; the grammar lets a comma alone stand in an empty aggregate. */
  #endAggregate(bracket: "]" | "}", count: number): void {
    if (count === 0) this.#take(",");
    this.#expect(bracket);
  }

  #peek(): Token {
    const token = this.#tokens[this.#next] ?? this.#tokens.at(-1);
    if (token === undefined) throw new Error("the lexer gave no token");
    return token;
  }

  #isNext(symbol: CelSymbol): boolean {
    const token = this.#peek();
    return token.kind === "symbol" && token.text === symbol;
  }

  #take(symbol: CelSymbol): boolean {
    if (!this.#isNext(symbol)) return false;
    this.#next += 1;
    return true;
  }

  #expect(symbol: CelSymbol): void {
    if (!this.#take(symbol)) throw this.#unexpected(`\`${symbol}\``);
  }

  #fault(message: string): CelSyntaxError {
    return new CelSyntaxError(message, this.#peek().offset);
  }

  #unexpected(wanted: string): CelSyntaxError {
    return this.#fault(`expected ${wanted}, found ${describeToken(this.#peek())}`);
  }
}

function describeToken(token: Token): string {
  switch (token.kind) {
    case "end":
      return "the end of the expression";
    case "string":
      return "a string";
    case "bytes":
      return "bytes";
    case "symbol":
    case "identifier":
    case "quoted":
    case "int":
    case "uint":
    case "double":
      return `\`${token.text}\``;
  }
}

function literal(value: LiteralNode["value"], at: number): LiteralNode {
  return { kind: "literal", value, isUint: false, at };
}

const minInt = -(2n ** 63n);
const maxInt = 2n ** 63n - 1n;
const maxUint = 2n ** 64n - 1n;

function readNumber(
  kind: "int" | "uint" | "double",
  text: string,
  isNegative: boolean,
  at: number,
): LiteralNode {
  if (kind === "double") {
    const value = Number(text);
    if (!Number.isFinite(value)) throw new CelSyntaxError("the number is too large", at);
    return literal(isNegative ? -value : value, at);
  }
  const value = isNegative ? -BigInt(text) : BigInt(text);
  if (kind === "uint") {
    if (value > maxUint) throw new CelSyntaxError("the number is too large for a uint", at);
    return { kind: "literal", value, isUint: true, at };
  }
  const fits = value >= minInt && value <= maxInt;
  if (!fits) throw new CelSyntaxError("the number is too large for an int", at);
  return literal(value, at);
}

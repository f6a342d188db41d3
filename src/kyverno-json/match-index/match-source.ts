import { compileAst, type Expression } from "../../jmespath/compile/compile.ts";
import type { FunctionTable } from "../../jmespath/functions/function-table.ts";
import type { Ast } from "../../jmespath/syntax/ast.ts";
import { keyOfAst } from "../../jmespath/syntax/ast-key.ts";
import type { ParsedExpression } from "../../jmespath/syntax/parsed-expression.ts";
import type { EvaluationLimits } from "../../model/limits.ts";
import type { ExpressionCompiler } from "../rules/shared-expressions.ts";

/**
 * Something that the `match` blocks of rules ask of a payload: the way to it, step by step from the payload itself.
 * Rules that ask the same have the same source.
 */
export interface Source {
  /** Undefined for the payload. */
  readonly from: Source | undefined;
  /** A plain key of a tree, or an expression: what it makes of the value in front of it. */
  readonly step: string | Expression;
  /** What tells it from other sources. */
  readonly key: string;
  /** Whether the way takes more than following names. */
  readonly isComputed: boolean;
}

/** All sources of one policy set, each made once. */
export class SourceTable {
  readonly #functions: FunctionTable;
  readonly #limits: EvaluationLimits;
  readonly #compileExpression: ExpressionCompiler;
  readonly #sources: Map<string, Source | undefined> = new Map();
  /** The payload itself. */
  readonly payload: Source = { from: undefined, step: "", key: "$", isComputed: false };

  constructor(
    functions: FunctionTable,
    limits: EvaluationLimits,
    compileExpression: ExpressionCompiler,
  ) {
    this.#functions = functions;
    this.#limits = limits;
    this.#compileExpression = compileExpression;
  }

  /** What a plain key of a tree finds in the source: what is no object goes down as it is. */
  field(from: Source, name: string): Source {
    const key = `${from.key}.${JSON.stringify(name)}`;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const source: Source = { from, step: name, key, isComputed: from.isComputed };
    this.#sources.set(key, source);
    return source;
  }

  /**
   * What the expression makes of the source; undefined where that depends on anything else, or is not the same
   * whenever it is asked. `whole` is the parsed text, if the expression is a whole one: its result is then shared
   * with the rules that evaluate it.
   */
  expression(from: Source, ast: Ast, whole?: ParsedExpression): Source | undefined {
    if (ast.kind === "current") return from;
    const key = `${from.key}|${keyOfAst(ast)}`;
    if (this.#sources.has(key)) return this.#sources.get(key);
    const step = this.#compile(ast, whole);
    const isComputed = from.isComputed || !isFieldPath(ast);
    const source = step && { from, step, key, isComputed };
    this.#sources.set(key, source);
    return source;
  }

  #compile(ast: Ast, whole: ParsedExpression | undefined): Expression | undefined {
    const { evaluate, faults, variables, calls } =
      whole === undefined
        ? compileAst(ast, this.#functions, this.#limits)
        : this.#compileExpression(whole);
    const isSettled = calls.every((row) => row.isVolatile !== true);
    return faults.length === 0 && variables.length === 0 && isSettled ? evaluate : undefined;
  }
}

function isFieldPath(ast: Ast): boolean {
  if (ast.kind === "path") return ast.steps.every((step) => isFieldPath(step));
  return ast.kind === "field" || ast.kind === "current";
}

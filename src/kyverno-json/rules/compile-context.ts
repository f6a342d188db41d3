import type { Value } from "../../go-values/value.ts";
import { constantOf } from "../../jmespath/compile/fold-constant.ts";
import { childScope, LazyResult, type Scope } from "../../jmespath/compile/scope.ts";
import { type EvaluationError, isEvaluationError } from "../../model/evaluation-error.ts";
import type { KeyExpression } from "../assertion/parse-key.ts";
import type { Origin, TreeCompiler, Variables } from "../assertion/tree.ts";
import { internalError, invalidValueError } from "../assertion/tree-error.ts";
import type { ParsedContextEntry } from "./parse-rule.ts";

/** The scope with the rule's context in front of it. */
type Context = (payload: Value, scope: Scope) => Scope;

/** The additions of a rule's context: the function that binds it, and the names in reach behind it. */
export interface CompiledContext {
  readonly bind: Context;
  readonly variables: Variables;
}

/**
 * Returns the functions that bind the entries of a context (docs/policy-language.md, Context). An entry that is an expression
 * is evaluated when it is first read, against the payload, and sees only the entries in front of it; every other entry
 * is the value as it stands.
 */
export function compileContext(
  entries: readonly ParsedContextEntry[],
  documentPath: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
): CompiledContext {
  const reach = new Map(variables);
  const binders = entries.map((entry, index) => {
    const entryPath = [...documentPath, index, "variable"];
    const { bind, constant } = compileEntry(entry, index, entryPath, new Map(reach), compiler);
    reach.set(entry.name, constant);
    return bind;
  });
  return {
    variables: reach,
    bind: (payload, scope) => binders.reduce((inner, bind) => bind(payload, inner), scope),
  };
}

interface CompiledEntry {
  readonly bind: Context;
  /** Its value, where that is the same for every request. */
  readonly constant: Value | undefined;
}

function compileEntry(
  entry: ParsedContextEntry,
  index: number,
  documentPath: readonly (string | number)[],
  variables: Variables,
  compiler: TreeCompiler,
): CompiledEntry {
  const { name, variable, key } = entry;
  if (typeof variable !== "string" || key?.expression === undefined) {
    const bind: Context = (_payload, scope) => childScope(scope, name, variable);
    return { bind, constant: variable };
  }
  const path = `context[${index}].variable`;
  const origin: Origin = { documentPath, text: variable, isKey: false, variables };
  const misuse = misuseOf(key);
  if (misuse !== undefined) {
    compiler.report("POLICY_MISUSE", "error", misuse, origin);
    const error = misuseError(path, variable, misuse, compiler);
    return { bind: (_payload, scope) => childScope(scope, name, error), constant: undefined };
  }
  const evaluate = compiler.compile(key.expression, key.offset, origin);
  const constant = constantOf(evaluate);
  const bind: Context = (payload, scope) => {
    const result = new LazyResult(() => {
      const value = evaluate(payload, scope);
      return isEvaluationError(value) ? internalError(path, value) : value;
    });
    return childScope(scope, name, result);
  };
  return { bind, constant: isEvaluationError(constant) ? undefined : constant };
}

function misuseError(
  path: string,
  text: string,
  misuse: string,
  { limits, texts }: TreeCompiler,
): EvaluationError {
  const showsText = texts === "original";
  const { maxStringBytes } = limits;
  return invalidValueError("EVALUATION_OTHER", path, text, misuse, maxStringBytes, showsText);
}

function misuseOf(key: KeyExpression): string | undefined {
  if (key.isForeach) return "foreach is not supported in context";
  return key.bindingName === undefined ? undefined : "binding is not supported in context";
}

import { GoInt, type Value } from "../../src/go-values/value.ts";
import { parseExpression } from "../../src/jmespath/syntax/parse-expression.ts";
import { type EvaluationError, isEvaluationError } from "../../src/model/evaluation-error.ts";
import { isJsonObject, type JsonValue } from "../../src/model/json.ts";
import { interpret, type ReferenceScope } from "./reference-interpreter.ts";
import { entriesOf, fieldOf, isExpected, listOf, printValue, Raised } from "./reference-values.ts";

/**
 * Assertion trees as the original engine takes them, walked node by node. The engine's compiled trees are held
 * against this.
 */

/** Returns the texts of what fails, none when the tree holds, or the error. */
export function holdReference(
  tree: JsonValue,
  value: Value,
  path: string,
  scope: ReferenceScope,
): readonly string[] | EvaluationError {
  try {
    return hold(tree, value, path, scope);
  } catch (thrown) {
    if (thrown instanceof Raised) return thrown.error;
    throw thrown;
  }
}

function hold(tree: JsonValue, value: Value, path: string, scope: ReferenceScope): string[] {
  if (Array.isArray(tree)) return holdArray(tree, value, path, scope);
  if (!isJsonObject(tree)) return holdScalar(tree, value, path, scope);
  return (entriesOf(tree) ?? []).flatMap(([key]) =>
    holdKey(key, tree[key] ?? null, value, key === "" ? `${path}[]` : `${path}.${key}`, scope),
  );
}

function holdArray(
  tree: readonly JsonValue[],
  value: Value,
  path: string,
  scope: ReferenceScope,
): string[] {
  const items = listOf(value);
  const invalid = `${path}: Invalid value: ${printValue(value, "found")}`;
  if (value === null) return [`${invalid}: value is null`];
  if (items === undefined) throw new Raised("EVALUATION_TYPE", `${invalid}: expected a slice`);
  if (items.length !== tree.length) return [`${invalid}: lengths of slices don't match`];
  return tree.flatMap((child, index) =>
    hold(child, items[index] ?? null, `${path}[${index}]`, scope),
  );
}

function holdScalar(tree: JsonValue, value: Value, path: string, scope: ReferenceScope): string[] {
  const key = typeof tree === "string" ? parseText(tree) : undefined;
  const isExpression = key?.isExpression === true;
  if (isExpression && key.indexName !== undefined) raiseMisuse(path, tree, "foreach");
  if (isExpression && key.bindingName !== undefined) raiseMisuse(path, tree, "binding");
  return internal(path, () => {
    const expected = isExpression ? run(key.statement, value, scope) : tree;
    if (isExpected(expected, value)) return [];
    const [found, wanted] = [printValue(value, "found"), printValue(expected, "expected")];
    return [`${path}: Invalid value: ${found}: Expected value: ${wanted}`];
  });
}

function raiseMisuse(path: string, text: Value, what: string): never {
  const message = `${path}: Invalid value: ${printValue(text, "found")}: ${what} is not supported on the RHS`;
  throw new Raised("EVALUATION_OTHER", message);
}

function holdKey(
  text: string,
  child: JsonValue,
  value: Value,
  path: string,
  scope: ReferenceScope,
): string[] {
  const key = parseText(text);
  const isObject = entriesOf(value) !== undefined;
  if (key?.isExpression === true) {
    const result = internal(path, () => run(key.statement, value, scope));
    return holdProjected(key, child, result, path, scope);
  }
  if (!isObject) return hold(child, value, path, scope);
  if (key === undefined) return hold(child, fieldOf(value, text), path, scope);
  return holdProjected(key, child, fieldOf(value, key.statement), path, scope);
}

function holdProjected(
  key: Key,
  child: JsonValue,
  result: Value,
  path: string,
  outer: ReferenceScope,
): string[] {
  const scope = bind(outer, key.bindingName, result);
  if (!key.isForeach) return hold(child, result, path, scope);
  const elements: readonly (readonly [string | number, Value])[] | undefined =
    listOf(result)?.map((item, index) => [index, item] as const) ?? entriesOf(result);
  if (elements === undefined) {
    const found = printValue(result, "found");
    const message = `${path}: Invalid value: ${found}: expected a slice or a map`;
    throw new Raised("EVALUATION_TYPE", message);
  }
  return elements.flatMap(([at, element]) => {
    const index = typeof at === "number" ? new GoInt(at) : at;
    return hold(child, element, `${path}[${at}]`, bind(scope, key.indexName, index));
  });
}

function bind(scope: ReferenceScope, name: string | undefined, value: Value): ReferenceScope {
  if (name === undefined) return scope;
  return { ...scope, variables: new Map([...scope.variables, [name, value]]) };
}

function run(statement: string, value: Value, scope: ReferenceScope): Value {
  const ast = parseExpression(statement, scope.budget.limits.maxDepth);
  const result = isEvaluationError(ast) ? ast : interpret(ast, value, scope);
  if (isEvaluationError(result)) throw new Raised(result.code, result.message);
  return result;
}

function internal<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (thrown) {
    if (!(thrown instanceof Raised)) throw thrown;
    const { code, message } = thrown.error;
    throw new Raised(code, `${path}: Internal error: ${message}`);
  }
}

interface Key {
  readonly statement: string;
  readonly isExpression: boolean;
  readonly isForeach: boolean;
  readonly indexName: string | undefined;
  readonly bindingName: string | undefined;
}

/** The original's steps with its regular expressions, translated one by one; undefined for a text that means itself. */
function parseText(text: string): Key | undefined {
  const foreach = /^~([0-9A-Za-z_]+)?\.([^\n]*)/.exec(text);
  const marked = foreach === null ? text : (foreach[2] ?? "");
  const binding = /([^\n]*)[\t\n\f\r ]*->[\t\n\f\r ]*([0-9A-Za-z_]+)$/.exec(marked);
  const bound = binding === null ? marked : (binding[1] ?? "");
  const escaped = /^\\([^\n]+)\\$/.exec(bound);
  const engine = escaped === null ? /^\((?:([0-9A-Za-z_]+):)?([^\n]+)\)$/.exec(bound) : null;
  const statement = escaped?.[1] ?? engine?.[2] ?? bound;
  if (statement === "") return undefined;
  return {
    statement,
    isExpression: engine !== null,
    isForeach: foreach !== null,
    indexName: foreach?.[1],
    bindingName: binding?.[2],
  };
}

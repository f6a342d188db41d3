import { search as communitySearch, compile, TreeInterpreter } from "@jmespath-community/jmespath";
import jmespath from "jmespath";
import { compileExpression } from "../../src/jmespath/compile/compile.ts";
import { rootScope } from "../../src/jmespath/compile/scope.ts";
import { parseExpression } from "../../src/jmespath/syntax/parse-expression.ts";
import { createPolicyFunctions } from "../../src/kyverno-json/functions/function-table.ts";
import { defaultEvaluationLimits as limits } from "../../src/model/limits.ts";
import { bookToken, freshRequest } from "./fresh-requests.ts";
import { expectSame, type MicroCase } from "./micro-case.ts";

const functions = createPolicyFunctions({
  nowMs: Date.now,
  random: Math.random,
  decoderFor: () => () => null,
});

/** Expressions as policies have them, for the compiler alone. */
const policyExpressions = [
  "split(@, ' ')[1]",
  "jwt_decode(@ , 'secret').payload.role",
  "$path == '/' || wildcard('/static/*', $path) || wildcard('/products/*', $path)",
  "contains(not_null(lookup($permissions, not_null($claims.role, '')), `[]`), request.http.method)",
];

/** Expressions that our compiler and both libraries read alike. */
const sharedExpressions = [
  { name: "field", text: "request.http.method" },
  { name: "deep field", text: 'request.http.headers."x-forwarded-for"' },
  { name: "comparison", text: "request.http.method == 'GET' && request.http.scheme == 'http'" },
  { name: "function", text: "starts_with(request.http.path, '/book')" },
  { name: "filter", text: "request.http.headers | keys(@) | [?starts_with(@, 'x-')]" },
  { name: "multi-select", text: "{ method: request.http.method, from: source.address }" },
] as const;

/** Returns reading, compiling and evaluating single expressions. */
export function expressionCases(): MicroCase[] {
  return [...policyExpressions.flatMap(compilerCases), ...sharedExpressions.flatMap(engineCases)];
}

function compilerCases(text: string): MicroCase[] {
  const shown = text.length > 30 ? `${text.slice(0, 30)}…` : text;
  return [
    repeated(`lexer and parser: ${shown}`, 100, () => "kind" in parseExpression(text), true),
    repeated(
      `compile: ${shown}`,
      100,
      () => compileExpression(text, functions, limits).faults.length,
      0,
    ),
  ];
}

/** Every engine has to give the same; what is compared by its JSON text is so outside the measured time. */
function engineCases({ name, text }: { name: string; text: string }): MicroCase[] {
  const data = JSON.parse(
    JSON.stringify(freshRequest("GET", "/book", bookToken("guest", 1)).payload),
  );
  const { evaluate } = compileExpression(text, functions, limits);
  const scope = rootScope({
    stepsLeft: Number.MAX_SAFE_INTEGER,
    bytesLeft: Number.MAX_SAFE_INTEGER,
    limits,
  });
  const tree = compile(text);
  const times = 1_000;
  let answer: unknown;
  // A loop for each: an engine called through a common function would be measured with that call.
  const engines = {
    compiled: () => {
      for (let i = 0; i < times; i++) answer = evaluate(data, scope);
    },
    "community interpreter": () => {
      for (let i = 0; i < times; i++) answer = TreeInterpreter.search(tree, data);
    },
    "community search": () => {
      for (let i = 0; i < times; i++) answer = communitySearch(data, text);
    },
    "jmespath.search": () => {
      for (let i = 0; i < times; i++) answer = jmespath.search(data, text);
    },
  };
  const want = JSON.stringify(evaluate(data, scope));
  return Object.entries(engines).map(([engine, ask]) => ({
    name: `${name}: ${engine}`,
    operations: times,
    run: () => {
      ask();
      expectSame(`${name}: ${engine}`, JSON.stringify(answer), want);
    },
  }));
}

function repeated(name: string, operations: number, ask: () => unknown, want: unknown): MicroCase {
  return {
    name,
    operations,
    run: () => {
      for (let i = 0; i < operations; i++) expectSame(name, ask(), want);
    },
  };
}

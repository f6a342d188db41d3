import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { childScope, rootScope } from "../../../src/jmespath/compile/scope.ts";
import { compileTree } from "../../../src/kyverno-json/assertion/compile-tree.ts";
import { createBudget } from "../../../src/model/budget.ts";
import { clientTextOf, isEvaluationError } from "../../../src/model/evaluation-error.ts";
import type { JsonObject } from "../../../src/model/json.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";
import { parsedTree } from "../parsed.ts";
import { createTestCompiler } from "./hold-tree.ts";

const limits = defaultEvaluationLimits;
const payload: JsonObject = {
  request: {
    time: "t1",
    http: {
      path: "/a",
      headers: { "x-a": "one", "x-b": "two" },
      list: ["p", "q"],
    },
  },
  contextExtensions: { request: "hidden", http: "hidden" },
  source: { principal: "hidden" },
};

/** Trees that fail or err, and what a client is told, `t` standing for the path in front. */
const cases: readonly { name: string; tree: JsonObject; want: readonly string[] }[] = [
  {
    name: "a value by plain keys",
    tree: { request: { http: { path: "k3y" } } },
    want: ['t.request.http.path: Invalid value: "/a": Expected value: ***'],
  },
  {
    name: "a value by an expression that only navigates",
    tree: { '(request.http.headers."x-a")': "k3y" },
    want: ['t.(request.http.headers."x-a"): Invalid value: "one": Expected value: ***'],
  },
  {
    name: "an index on the way",
    tree: { request: { "(http.list[1])": "k3y" } },
    want: ['t.request.(http.list[1]): Invalid value: "q": Expected value: ***'],
  },
  {
    name: "a value that is missing",
    tree: { request: { http: { host: "k3y" } } },
    want: ['t.request.http.host: Invalid value: "null": Expected value: ***'],
  },
  {
    name: "a value of another type",
    tree: { request: { http: { list: [1, true] } } },
    want: ["t.request.http.list[0]: Internal error: types are not comparable, float64 - string"],
  },
  {
    name: "a value from elsewhere",
    tree: { source: { principal: "k3y" } },
    want: ["t.source.principal: Invalid value: ***: Expected value: ***"],
  },
  {
    name: "a value that an operator gave",
    tree: { "(request.http.path || 'k3y')": "x" },
    want: ["t.(request.http.path || ***): Invalid value: ***: Expected value: ***"],
  },
  {
    name: "a slice, which computes",
    tree: { "(request.http.path[0:1])": "x" },
    want: ["t.(request.http.path[0:1]): Invalid value: ***: Expected value: ***"],
  },
  {
    name: "a projection",
    tree: { "(request.http.headers.*)": ["x"] },
    want: ["t.(request.http.headers.*): Invalid value: ***: lengths of slices don't match"],
  },
  {
    name: "a variable, whatever it holds",
    tree: { "($payload.request.http.path)": "x" },
    want: ["t.($payload.request.http.path): Invalid value: ***: Expected value: ***"],
  },
  {
    name: "elements of a part of the request, by their keys",
    tree: { request: { http: { "~.headers": "one" } } },
    want: ['t.request.http.~.headers[x-b]: Invalid value: "two": Expected value: ***'],
  },
  {
    name: "members of a literal",
    tree: { '~k.(`{"k3y": "s3cret"}`)': "x" },
    want: ["t.~k.(***)[***]: Invalid value: ***: Expected value: ***"],
  },
  {
    name: "names that lead to something else from an element of the payload",
    tree: { "~.(@)": { request: { http: null } } },
    want: ["t.~.(@)[***].request.http: Invalid value: ***: Expected value: ***"],
  },
  {
    name: "a literal in the wrong quotes",
    tree: { '(request.http.path == "k3y")': true },
    want: ["t.(request.http.path == ***): Invalid value: ***: Expected value: ***"],
  },
  {
    name: "a text that is no expression",
    tree: { "(abs('k3y'": "x" },
    want: ["t.***: Invalid value: ***: Expected value: ***"],
  },
  {
    name: "an expression with a fault",
    tree: { "('k3y' 'k3y')": "x" },
    want: ["t.(***): Internal error: the expression has a syntax error"],
  },
];

function tell(tree: JsonObject): readonly string[] {
  const { compiler } = createTestCompiler(limits);
  const site = { documentPath: [], path: "t", at: [], variables: new Map() };
  const held = compileTree(parsedTree(tree), site, { ...compiler, texts: "masked" });
  const root = rootScope(createBudget(limits));
  const outcome = held(payload, undefined, childScope(root, "payload", payload));
  if (isEvaluationError(outcome)) return [clientTextOf(outcome, "masked")];
  return outcome?.map((fail) => fail.render(limits.maxStringBytes)) ?? [];
}

suite("what a client is told of a tree", () => {
  for (const { name, tree, want } of cases) {
    test(name, () => {
      assert.deepEqual(tell(tree), want);
    });
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { isBounded } from "../../../src/cel/policy/work-bounds.ts";
import { parseCel } from "../../../src/cel/syntax/parse.ts";

const bounded = [
  'object.attributes.request.http.headers[?"x-a"].orValue("") == "1"',
  'object.attributes.request.http.path.startsWith("/a") && object.attributes.request.http.method in ["GET", "HEAD"]',
  'object.attributes.request.http.path.matches("^/a(b|c)*$")',
  '["/a", "/b"].exists(p, object.attributes.request.http.path.startsWith(p))',
  'cel.bind(h, object.attributes.request.http.headers, h["a"] + h["b"] == "x")',
];

const unbounded = [
  "object.attributes.request.http.headers.exists(n, n == 'x')",
  "[1, 2].all(a, [3, 4].exists(b, a < b))",
  "[1].map(x, object.attributes.request.http.path.split('/').size())[0] == 1 && lists.range(1000).size() == 2",
  "object.attributes.request.http.path.replace('a', 'bb') == ''",
  "object.attributes.request.http.path.split('/').join('//') == ''",
];

test("work is bounded where nothing goes through what a request makes longer", () => {
  for (const text of bounded) assert.equal(isBounded(parseCel(text, 100)), true, text);
  for (const text of unbounded) assert.equal(isBounded(parseCel(text, 100)), false, text);
});

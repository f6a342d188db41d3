import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { findHyphenatedNames } from "../../../src/jmespath/syntax/hyphenated-names.ts";

const cases: readonly { text: string; want: readonly string[] }[] = [
  { text: "x-role", want: ["x-role"] },
  { text: "request.http.headers.x-role != null", want: ["x-role != null"] },
  { text: "headers.x-envoy-auth-partial-body", want: ["x-envoy-auth-partial-body"] },
  { text: "a-b == c-d", want: ["a-b == c-d", "c-d"] },
  { text: "contains(headers.content-type, 'json')", want: ["content-type, 'json')"] },
  { text: "not_null(content-type, x-b)", want: ["content-type, x-b)", "x-b)"] },
  { text: 'headers."x-role"', want: [] },
  { text: "a - b", want: [] },
  { text: "a -b", want: [] },
  { text: "a- b", want: [] },
  { text: "a-`1`", want: [] },
  { text: "(a)-(b)", want: [] },
  { text: "'x-role'", want: [] },
  { text: '`{"a-b": "x-y"}`', want: [] },
  { text: "$a-b", want: [] },
  { text: "a-b 'open", want: [] },
];

suite("names that a hyphen cuts in two", () => {
  for (const { text, want } of cases) {
    test(text, () => {
      assert.deepEqual(
        findHyphenatedNames(text).map((start) => text.slice(start)),
        want,
      );
    });
  }
});

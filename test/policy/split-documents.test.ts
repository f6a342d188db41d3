import assert from "node:assert/strict";
import { test } from "node:test";
import { finishSteps } from "../../src/model/resumable.ts";
import { splitDocumentsSteps } from "../../src/policy/split-documents.ts";

const cases: readonly {
  readonly name: string;
  readonly input: string;
  readonly want: readonly (readonly [text: string, line: number])[];
}[] = [
  { name: "one document without a last line end", input: "a: 1", want: [["a: 1\n", 1]] },
  { name: "nothing", input: "", want: [] },
  { name: "blank lines and comments", input: "\n # x\n\n", want: [] },
  {
    name: "two documents",
    input: "a\n---\nb\n",
    want: [
      ["a\n", 1],
      ["b\n", 3],
    ],
  },
  { name: "a leading separator stays", input: "---\na\n", want: [["---\na\n", 1]] },
  { name: "a trailing separator", input: "a\n---\n", want: [["a\n", 1]] },
  {
    name: "two separators",
    input: "a\n---\n---\nb",
    want: [
      ["a\n", 1],
      ["---\nb\n", 3],
    ],
  },
  { name: "two separators first", input: "---\n---\n", want: [["---\n", 1]] },
  {
    name: "a comment between separators",
    input: "a\n---\n# c\n---\nb",
    want: [
      ["a\n", 1],
      ["b\n", 5],
    ],
  },
  {
    name: "a comment behind a separator",
    input: "a\n--- # c\nb",
    want: [
      ["a\n", 1],
      ["b\n", 3],
    ],
  },
  {
    name: "blanks behind a separator",
    input: "a\n---  \t\nb",
    want: [
      ["a\n", 1],
      ["b\n", 3],
    ],
  },
  {
    name: "CRLF",
    input: "a\r\n---\r\nb\r\n",
    want: [
      ["a\n", 1],
      ["b\n", 3],
    ],
  },
  {
    name: "a separator that is indented is none",
    input: "a\n ---\nb",
    want: [["a\n ---\nb\n", 1]],
  },
  { name: "a byte-order mark", input: "\ufeffa\n", want: [["\ufeffa\n", 1]] },
  { name: "a document end", input: "a\n...\n# c\n", want: [["a\n...\n# c\n", 1]] },
];

for (const { name, input, want } of cases) {
  test(`cuts: ${name}`, () => {
    const { documents, faults } = finishSteps(splitDocumentsSteps(input));
    assert.deepEqual(
      documents.map(({ text, line }) => [text, line]),
      want,
    );
    assert.deepEqual(faults, []);
  });
}

const dropping: readonly {
  readonly name: string;
  readonly input: string;
  readonly line: number;
}[] = [
  { name: "text behind a separator", input: "a\n--- b\nc", line: 2 },
  { name: "text touching a separator", input: "a\n---b\nc", line: 2 },
  { name: "four dashes", input: "a\n----\nb", line: 2 },
  { name: "a document on the separator's line", input: "--- {}\n", line: 1 },
  { name: "text below a document end", input: "a\n...\n\nb\n", line: 4 },
  { name: "text behind a document end", input: "a\n... b\n", line: 2 },
  { name: "a document between two ends", input: "a\n---\nb\n...\nc\n---\nd", line: 5 },
  { name: "a separator behind a lone carriage return", input: "a\r---\rb", line: 1 },
];

for (const { name, input, line } of dropping) {
  test(`refuses what the original drops: ${name}`, () => {
    const { faults } = finishSteps(splitDocumentsSteps(input));
    assert.deepEqual(
      faults.map((fault) => fault.line),
      [line],
    );
  });
}

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { compileParsed } from "../../../src/jmespath/compile/compile.ts";
import { rootScope } from "../../../src/jmespath/compile/scope.ts";
import { createFunctionTable } from "../../../src/jmespath/functions/function-table.ts";
import { createExpressionParser } from "../../../src/jmespath/syntax/parsed-expression.ts";
import { compileMessage } from "../../../src/kyverno-json/templates/message-template.ts";
import {
  type ParsedMessage,
  parseMessage,
} from "../../../src/kyverno-json/templates/parse-message.ts";
import { createBudget } from "../../../src/model/budget.ts";
import type { ClientTexts } from "../../../src/model/client-texts.ts";
import { defaultEvaluationLimits } from "../../../src/model/limits.ts";

const limits = defaultEvaluationLimits;
const noFunctions = createFunctionTable([]);
const payload = {
  a: "A",
  n: 1,
  o: { k: "v" },
  x: "{{ y }}",
  y: "Y",
  z: "{{ a }}",
  high: "\udce9",
  low: "\udc80\udc80",
};

function parsed(text: string): ParsedMessage {
  return parseMessage(text, createExpressionParser(limits.maxDepth));
}

function render(
  text: string,
  texts: ClientTexts = "original",
): { rendered: string; offsets: number[] } {
  const offsets: number[] = [];
  const template = compileMessage(parsed(text), texts, ({ ast }, offset) => {
    offsets.push(offset);
    return compileParsed(ast, noFunctions, limits).evaluate;
  });
  const rendered = template(payload, rootScope(createBudget(limits)));
  return { rendered, offsets };
}

const cases: readonly { text: string; want: string; offsets?: readonly number[] }[] = [
  { text: "plain", want: "plain" },
  { text: "", want: "" },
  { text: "{{a}}", want: "A", offsets: [2] },
  { text: "{{ a }}-{{\t\u0085a\u00a0}}", want: "A-A", offsets: [3, 12] },
  { text: "{{ n }}", want: "ERR (n not a string)", offsets: [3] },
  { text: "{{ o }}", want: "ERR (o not a string)", offsets: [3] },
  { text: "{{ no }}", want: "ERR (no not found)", offsets: [3] },
  { text: "{{ $v }}", want: "ERR ($v - variable not defined: $v)", offsets: [3] },
  { text: "{{}}", want: "ERR ( - SyntaxError: Incomplete expression)", offsets: [2] },
  { text: "{{ }}", want: "ERR ( - SyntaxError: Incomplete expression)", offsets: [3] },
  {
    text: "{{ \ufeffa }}",
    want: "ERR (\ufeffa - SyntaxError: Unknown char: '\\ufeff')",
    offsets: [3],
  },
  { text: "{{ x }} {{ y }}", want: "{{ y }} Y", offsets: [3, 11] },
  { text: "{{ z }}", want: "{{ a }}", offsets: [3] },
  { text: "{{ \n a }}", want: "{{ \n a }}" },
  { text: "{{ \n {{ a }}", want: "{{ \n A", offsets: [8] },
  { text: "{{ a\n}} {{ a }}", want: "{{ a\n}} A", offsets: [11] },
  {
    text: "{{{a}}}",
    want: "ERR ({a - SyntaxError: Expected TOKColon, received: TOKEOF)}",
    offsets: [2],
  },
  { text: "{{ a", want: "{{ a" },
  { text: "{{ a }} {{ {{ a }} }}", want: "A {{ A }}", offsets: [3, 11] },
  {
    text: "{{ {{ a }} {{ a }}",
    want: "ERR ({{ a - SyntaxError: Expected tQuotedIdentifier or tUnquotedIdentifier) A",
    offsets: [3, 14],
  },
  { text: "{{ a }}{{{ a }}", want: "A{A", offsets: [3, 9] },
  { text: "{{ x }}{{{ x }}{{ y }}", want: "{{ y }}{{{ y }}Y", offsets: [3, 9, 18] },
  { text: "a }}", want: "a }}" },
  { text: "}}{{a}}{{", want: "}}A{{", offsets: [4] },
  { text: "{}} {{a}}", want: "{}} A", offsets: [6] },
  { text: "{{ high }}{{ low }}", want: "\u9000", offsets: [3, 13] },
];

suite("a message in the original's words", () => {
  for (const { text, want, offsets = [] } of cases) {
    test(JSON.stringify(text), () => {
      assert.deepEqual(render(text), { rendered: want, offsets });
    });
  }
});

const shown: readonly { text: string; want: string; strays?: boolean }[] = [
  { text: "plain", want: "plain" },
  { text: "{{a}} may not {{ n }}", want: "A may not ERR" },
  { text: "{{ o }}", want: "ERR" },
  { text: "{{ no }} here", want: "ERR here" },
  { text: "{{ $v }}", want: "ERR" },
  { text: "{{ not_null(no, 'k3y') }}", want: "ERR" },
  { text: "{{ x }} {{ y }}", want: "{{ y }} Y" },
  { text: "{{ z }}", want: "{{ a }}" },
  { text: "no {{ join('}}', 'k3y') }}", want: "ERR", strays: true },
  { text: "no {{ join('}}', 'k3y') }", want: "ERR" },
  { text: "{{ join(\n'k3y') }}", want: "ERR", strays: true },
  { text: "{{ a }}: {{ join(\n'k3y') }}", want: "AERR", strays: true },
  { text: "{{ a }} or 'k3y' }}", want: "AERR", strays: true },
  { text: "{{ 'k3y'", want: "ERR", strays: true },
  { text: "{ a }", want: "{ a }" },
];

suite("a message as clients see it", () => {
  for (const { text, want, strays = false } of shown) {
    test(JSON.stringify(text), () => {
      assert.equal(render(text, "masked").rendered, want);
      assert.equal(parsed(text).hasStrayBraces, strays);
    });
  }
});

test("very many braces take linear time", () => {
  const count = 100_000;
  assert.equal(render("{{".repeat(count)).rendered.length, 2 * count);
  assert.equal(render("{{\n".repeat(count)).rendered.length, 3 * count);
  assert.equal(render(`${"{{\n".repeat(count)}}}`).rendered.length, 3 * count + 2);
  assert.equal(render("{{a}}".repeat(count)).rendered, "A".repeat(count));
});

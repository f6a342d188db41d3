import assert from "node:assert/strict";
import { test } from "node:test";
import { ExpressionSyntaxError } from "../../../src/jmespath/syntax/syntax-error.ts";
import { tokenize } from "../../../src/jmespath/syntax/tokenize.ts";

function kindsOf(text: string): string {
  const tokens = tokenize(text);
  assert.ok(!(tokens instanceof ExpressionSyntaxError));
  return tokens.map((token) => token.kind).join(" ");
}

test("every token is recognised", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", "EOF"],
    [" \t\r\n", "EOF"],
    ["a1_B", "UnquotedIdentifier EOF"],
    ["$ $x $1", "Root Varref Varref EOF"],
    ["|| | && & == = != ! <= < >= >", "Or Pipe And Expref EQ Assign NE Not LTE LT GTE GT EOF"],
    ["[? [] [ ] [*]", "Filter Flatten Lbracket Rbracket Lbracket Star Rbracket EOF"],
    ["// / ÷ * × % + - −", "Div Divide Divide Star Multiply Modulo Plus Minus Minus EOF"],
    [". , : ( ) { } @", "Dot Comma Colon Lparen Rparen Lbrace Rbrace Current EOF"],
    ["a-1", "UnquotedIdentifier Number EOF"],
    ["- 1", "Minus Number EOF"],
    ["===", "EQ Assign EOF"],
    ["1a", "Number UnquotedIdentifier EOF"],
  ];
  for (const [text, want] of cases) assert.equal(kindsOf(text), want, text);
});

test("quoted tokens are decoded, each in its own way", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["'it\\'s'", "it's"],
    ["'\\\\'", "\\"],
    ["'\\n'", "\\n"],
    ["'a\nb'", "a\nb"],
    ['"\\u00e9\\""', 'é"'],
    ['`"\\`"`', '"`"'],
    ["`\\\\`", "\\\\"],
  ];
  for (const [text, want] of cases) {
    const tokens = tokenize(text);
    assert.ok(!(tokens instanceof ExpressionSyntaxError));
    assert.equal(tokens[0]?.text, want, text);
  }
});

test("the first error is told with its place", () => {
  const cases = [
    { text: "a ? b", message: "SyntaxError: Unknown char: '?'", offset: 2 },
    { text: "é", message: "SyntaxError: Unknown char: '\\u00e9'", offset: 0 },
    { text: "a #", message: "SyntaxError: Unknown char: '#'", offset: 2 },
    { text: "a\\", message: "SyntaxError: Unknown char: '\\\\'", offset: 1 },
    { text: "x 'a", message: "SyntaxError: Unclosed delimiter: '", offset: 2 },
    { text: '"a\\"', message: 'SyntaxError: Unclosed delimiter: "', offset: 0 },
    { text: "`1", message: "SyntaxError: Unclosed delimiter: `", offset: 0 },
    { text: "`1\\`", message: "SyntaxError: Unclosed delimiter: `", offset: 0 },
    { text: 'a."\\x" ?', message: "invalid character 'x' in string escape code", offset: 2 },
  ];
  for (const { text, message, offset } of cases) {
    assert.deepEqual(tokenize(text), new ExpressionSyntaxError(message, offset), text);
  }
});

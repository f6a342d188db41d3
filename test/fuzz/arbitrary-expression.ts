import * as fc from "fast-check";
import type {
  FunctionRow,
  Parameter,
  ParameterType,
} from "../../src/jmespath/functions/function-table.ts";
import { names, texts } from "./arbitrary-value.ts";

/** The pieces of tokens, for damaging expressions and for making wild ones. */
export const expressionPieces: readonly string[] = [
  ...Array.from("()[]{}.,:*@$&|!<>=+-−×÷/%?'\"`\\ \t\n"),
  ..."[? [] [*] .* || && == != <= >= // [0] [-1] [::2] [1:] let in = -1 999 `1` `null`".split(" "),
  ...'\'a\' "a" "\\u0061" $v a length( map(& `{ é \u0000'.split(" "),
  "let $x = a in",
];

/** A name as expressions write it. */
function spell(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : JSON.stringify(name);
}

const name = fc.constantFrom(...names).map(spell);
const rawString = fc.constantFrom(...texts).map(quoteRaw);
const variable = fc.constantFrom("$v", "$i", "$list", "$x", "$v", "$i", "$list", "$missing");

function quoteRaw(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function quoteJson(value: unknown): string {
  return `\`${JSON.stringify(value).replaceAll("`", "\\`")}\``;
}

const numberLiteral = fc
  .oneof(fc.integer({ min: -3, max: 12 }), fc.constantFrom(0.5, 1.5, -0.5, 1e9, 1e21, 2 ** 53, -1))
  .map(quoteJson);

const literal = fc.oneof(
  numberLiteral,
  rawString,
  fc
    .constantFrom("null", "true", "false", "[]", "{}", '""', "[1, 2]", '["b", "a"]', "nope")
    .map((text) => `\`${text}\``),
  fc
    .constantFrom([{ a: 1 }, { a: 2, b: [] }], { a: { b: [1, null] } }, [[1, 2], [], 3], [[["a"]]])
    .map(quoteJson),
);

const place = fc.integer({ min: -3, max: 3 }).map(String);
const placeOrNone = fc.oneof(fc.constant(""), place);
const slice = fc.tuple(placeOrNone, placeOrNone, placeOrNone).map((parts) => parts.join(":"));
const bracketed = fc.oneof(place, slice, fc.constantFrom("*", "*", "")).map((at) => `[${at}]`);

const operators = ["==", "!=", "<", "<=", ">", ">=", "+", "-", "−", "*", "×", "/", "÷", "//", "%"];
const connectives = ["||", "&&", "|"];

interface Grammar {
  readonly text: string;
  readonly closed: string;
}

/** Returns a spelt expression that calls the functions of the rows, mostly with what they take. */
export function expressionOf(rows: readonly FunctionRow[]): fc.Arbitrary<string> {
  const { text } = fc.letrec<Grammar>((tie: fc.LetrecTypedTie<Grammar>) => ({
    text: textOf(rows, tie("text"), tie("closed")),
    closed: closedOf(rows, tie("text")),
  }));
  return text;
}

const leaf: fc.Arbitrary<string> = fc.oneof(name, fc.constant("@"), variable, literal);

/** An expression that keeps its parts together wherever it stands. */
function closedOf(rows: readonly FunctionRow[], any: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { depthIdentifier: "expression", maxDepth: 5 },
    { weight: 2, arbitrary: leaf },
    { weight: 2, arbitrary: any.map((inner) => `(${inner})`) },
    { weight: 1, arbitrary: list(any) },
    { weight: 1, arbitrary: hash(any) },
    { weight: 4, arbitrary: callOf(rows, any) },
  );
}

function textOf(
  rows: readonly FunctionRow[],
  any: fc.Arbitrary<string>,
  closed: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  const rest = fc.oneof(name, fc.constant("*"), list(any), hash(any)).map((step) => `.${step}`);
  const operator = fc.constantFrom(...operators, ...connectives, ...connectives);
  return fc.oneof(
    { depthIdentifier: "expression", maxDepth: 5, withCrossShrink: true },
    { weight: 3, arbitrary: leaf },
    { weight: 3, arbitrary: joined("", closed, rest) },
    { weight: 3, arbitrary: joined("", closed, bracketed) },
    { weight: 2, arbitrary: joined("", closed, bracketed, rest) },
    { weight: 1, arbitrary: joined("", closed, filterOf(any)) },
    { weight: 1, arbitrary: joined("", closed, filterOf(any), rest) },
    { weight: 4, arbitrary: joined(" ", closed, operator, closed) },
    { weight: 1, arbitrary: joined(" ", numberLiteral, operator, numberLiteral) },
    // Whatever precedence makes of it.
    { weight: 1, arbitrary: joined("", any, operator, any) },
    { weight: 1, arbitrary: joined("", fc.constantFrom("!", "-", "+", "- "), closed) },
    { weight: 2, arbitrary: letOf(closed, any) },
    { weight: 4, arbitrary: callOf(rows, any) },
    { weight: 2, arbitrary: closed },
  );
}

function joined(
  separator: string,
  ...parts: readonly fc.Arbitrary<string>[]
): fc.Arbitrary<string> {
  return fc.tuple(...parts).map((made) => made.join(separator));
}

function filterOf(condition: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return condition.map((text) => `[?${text}]`);
}

function letOf(value: fc.Arbitrary<string>, body: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom("$x", "$v", "$y"), value, body)
    .map(([bound, given, rest]) => `let ${bound} = ${given} in ${rest}`);
}

function list(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => `[${items.join(", ")}]`);
}

function hash(value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .array(fc.tuple(name, value), { minLength: 1, maxLength: 3 })
    .map((entries) => `{${entries.map((entry) => entry.join(": ")).join(", ")}}`);
}

function callOf(rows: readonly FunctionRow[], any: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(...rows.map((row) => callOfRow(row, any)));
}

function callOfRow(row: FunctionRow, any: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const given = row.parameters.map((parameter) => argumentFor(parameter, any));
  const right = fc.tuple(...given);
  const required = row.parameters.filter(({ optional }) => optional !== true).length;
  const fewer = right.map((all) => all.slice(0, required));
  const parameters = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(right, fewer) },
    { weight: 1, arbitrary: fc.array(any, { maxLength: 4 }) },
  );
  return parameters.map((all) => `${row.name}(${all.join(", ")})`);
}

function argumentFor({ types }: Parameter, any: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const fitting = types.map((type) => fittingFor(type, any));
  return fc.oneof({ weight: 3, arbitrary: fc.oneof(...fitting) }, { weight: 1, arbitrary: any });
}

function fittingFor(type: ParameterType, any: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const listText = fc
    .array(fc.oneof(numberLiteral, rawString, any), { minLength: 1, maxLength: 3 })
    .map((items) => `[${items.join(", ")}]`);
  const fitting: { readonly [Type in ParameterType]: fc.Arbitrary<string> } = {
    any,
    number: numberLiteral,
    string: rawString,
    expref: any.map((body) => `&${body}`),
    array: fc.oneof(listText, fc.constantFrom("@", "$v", "$list", "items", "values(@)")),
    object: fc.oneof(hash(any), fc.constantFrom("@", "$v", "$list[0]")),
    "array[array]": fc
      .array(fc.tuple(rawString, any), { maxLength: 3, minLength: 1 })
      .map((pairs) => `[${pairs.map((pair) => `[${pair.join(", ")}]`).join(", ")}]`),
    "array[number]": fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 4 }).map(quoteJson),
    "array[string]": fc.array(fc.constantFrom(...texts), { maxLength: 4 }).map(quoteJson),
  };
  return fitting[type];
}

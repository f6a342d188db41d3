import { GoInt, ItemsArray, type Value } from "../../src/go-values/value.ts";
import type { FunctionRow } from "../../src/jmespath/functions/function-table.ts";

/** A call that costs as much as it can for what it is charged: arguments for `name(…)`, and a name for failures. */
export interface CostlyCall {
  readonly name: string;
  readonly args: readonly Value[];
}

/** Returns texts of about so many characters that engines handle in different ways. */
export function costlyTexts(length: number): Readonly<Record<string, string>> {
  const fill = (piece: string): string => piece.repeat(Math.ceil(length / piece.length));
  return {
    ascii: fill("abcdefghij"),
    alike: fill("a"),
    digits: fill("0"),
    points: fill("1."),
    slashes: fill("/.."),
    blanks: fill(" "),
    lines: fill("\n"),
    controls: fill("\u0001"),
    escapes: fill("%41"),
    marks: fill('<"'),
    foreign: fill("中"),
    letters: fill("ǅ"),
    pairs: fill("😀"),
    "invalid bytes": fill("\udcff"),
    "text and invalid bytes": fill("é\udc80"),
  };
}

function lists(length: number): Readonly<Record<string, readonly Value[]>> {
  const few = Math.max(Math.floor(length / 200), 2);
  const many = (make: (i: number) => Value): Value[] => Array.from({ length }, (_, i) => make(i));
  return {
    numbers: many((i) => i * 1.000_001),
    texts: many((i) => `k${i}`),
    "equal texts": many(() => "k"),
    "long texts alike": Array.from({ length: few }, (_, i) => `${"a".repeat(200)}${i}`),
    "long foreign texts": Array.from({ length: few }, (_, i) => `${"中".repeat(200)}${i}`),
    pairs: many((i) => [`k${i}`, i]),
    objects: many((i) => ({ a: `k${i}`, b: i })),
    nulls: many(() => null),
  };
}

function objects(length: number): Readonly<Record<string, Value>> {
  const few = Math.max(Math.floor(length / 200), 2);
  return {
    "many keys": Object.fromEntries(Array.from({ length }, (_, i) => [`k${i}`, i])),
    "long keys alike": Object.fromEntries(
      Array.from({ length: few }, (_, i) => [`${"a".repeat(200)}${i}`, "x".repeat(50)]),
    ),
  };
}

/** Of a list, the types of whose elements are checked, what passes for its type. */
const listKinds: Readonly<Record<string, readonly string[]>> = {
  "array[number]": ["numbers"],
  "array[string]": ["texts", "equal texts", "long texts alike", "long foreign texts"],
  "array[array]": ["pairs"],
};

/** What is no burden beside a long argument. */
function shortFor(types: readonly string[]): Value {
  if (types.includes("number")) return 3;
  if (types.includes("string") || types.includes("any")) return "x";
  if (types.includes("object")) return { k1: 1 };
  return ["k1"];
}

/**
 * Returns calls of the function with arguments of about that size, by the types of its parameters: each text and list in turn,
 * for every parameter that takes one, and with what is short beside it.
 */
export function callsByType(row: FunctionRow, length: number): CostlyCall[] {
  const texts = costlyTexts(length);
  const arrays = lists(length);
  const records = objects(length);
  const calls: CostlyCall[] = [];
  const valueFor = (types: readonly string[], kind: string): Value | undefined => {
    for (const type of types) {
      const isText = type === "string" || type === "any";
      if (isText && kind in texts) return texts[kind];
      const isObject = type === "object" || type === "any";
      if (isObject && kind in records) return records[kind];
      const isList = type === "array" || type === "any" || listKinds[type]?.includes(kind) === true;
      if (isList && kind in arrays) return arrays[kind];
    }
    return undefined;
  };
  const kinds = [...Object.keys(texts), ...Object.keys(arrays), ...Object.keys(records)];
  for (const kind of kinds) {
    const long = row.parameters.map(({ types }) => valueFor(types, kind));
    for (const [i, value] of long.entries()) {
      if (value === undefined || row.parameters[i]?.types.includes("expref") === true) continue;
      const args = row.parameters.map(({ types }, j) => (j === i ? value : shortFor(types)));
      calls.push({ name: `${kind} as argument ${i + 1}`, args });
    }
    if (long.filter((value) => value !== undefined).length < 2) continue;
    const args = row.parameters.map(({ types }, i) => long[i] ?? shortFor(types));
    calls.push({ name: `${kind} as all arguments`, args });
  }
  if (calls.length === 0) calls.push({ name: "numbers", args: row.parameters.map(() => 1.5) });
  return calls;
}

const pem = (type: string, body: string): string =>
  `-----BEGIN ${type}-----\n${body}\n-----END ${type}-----\n`;

function one(texts: readonly string[], ...rest: readonly Value[]): CostlyCall[] {
  return texts.map((text) => ({ name: text.slice(0, 12), args: [text, ...rest] }));
}

/** Returns what functions take that read a form of their own, of about that size: each gets as far into its reader as it can. */
export function callsByForm(length: number): Readonly<Record<string, readonly CostlyCall[]>> {
  const fill = (piece: string): string => piece.repeat(Math.ceil(length / piece.length));
  const json = [fill("["), `[${fill("[],")}0]`, `[${fill('{"a":{}},')}0]`, `[${fill("1e5,")}0]`];
  const jsonTexts = [
    ...json,
    `"${fill("\\u00e9")}"`,
    `"${fill("\\ud800")}"`,
    fill("[1,"),
    `{${fill('"a":1,')}`,
  ];
  const alike = fill("a");
  const middle = `${alike.slice(0, length >> 4)}b${alike.slice(0, length >> 4)}`;
  const searches: CostlyCall[] = [
    { name: "nearly everywhere", args: [alike, middle] },
    { name: "nearly everywhere, its end", args: [alike, `${alike.slice(0, length >> 3)}b`] },
    { name: "nearly everywhere, its beginning", args: [alike, `b${alike.slice(0, length >> 3)}`] },
    { name: "foreign", args: [fill("中"), `中${"文".repeat(50)}`] },
  ];
  const regexps: CostlyCall[] = [
    { name: "nested stars", args: ["(a*)*b", alike] },
    { name: "many states", args: ["(a|b)*a(a|b){12}c", fill("ab")] },
    { name: "words", args: ["\\bfoo\\b|\\w+$", fill("ab c")] },
    { name: "a class", args: ["^[\\pL]+$", fill("中")] },
    { name: "invalid bytes", args: ["^x", fill("\udcff")] },
    { name: "short", args: ["z", alike] },
  ];
  const replacing = (text: string): CostlyCall[] => [
    ...regexps.map(({ name, args }) => ({ name, args: [...args, text] })),
    { name: "every character", args: ["a", alike, text] },
    { name: "every place", args: ["", alike, text] },
    { name: "groups", args: ["(a)(b)?", fill("ab"), "$1$2$1"] },
  ];
  const times = [fill("2006-01-02 "), fill("Mon Jan "), `2006-01-02T15:04:05.${fill("0")}Z`];
  return {
    parse_json: one(jsonTexts),
    json_parse: one(jsonTexts),
    parse_yaml: one([
      fill("[1, "),
      fill("- a\n"),
      fill("a: b\n"),
      `"${fill("\\x41")}"`,
      fill("&a "),
    ]),
    contains: [...searches, { name: "list of lists", args: [[[1], [alike], [[alike]]], [alike]] }],
    find_first: searches,
    find_last: searches,
    split: [...searches, { name: "every character", args: [fill("a,"), ","] }],
    replace_all: [
      ...searches.map(({ name, args }) => ({ name, args: [...args, "x"] })),
      { name: "every character", args: [alike, "a", "bc"] },
      { name: "nothing", args: [fill("é"), "", "bc"] },
      { name: "invalid", args: [fill("é"), "\udcc3", "bc"] },
    ],
    replace: [{ name: "every character", args: [alike, "a", "bc", 1e9] }],
    pad_left: [
      { name: "wide", args: ["x", length] },
      { name: "wide, with an invalid byte", args: ["é", length, "\udcff"] },
    ],
    pad_right: [
      { name: "wide", args: ["x", length] },
      { name: "wide, halves of a character", args: ["\udcc3", length, "\udca9"] },
    ],
    join: [{ name: "long glue", args: [fill("中"), Array.from({ length: 20 }, () => "x")] }],
    regex_match: regexps,
    regex_replace_all: replacing("$0x"),
    regex_replace_all_literal: replacing("xy"),
    wildcard: [
      { name: "stars", args: [fill("*a"), fill("ab")] },
      { name: "star and marks", args: [`*${"?".repeat(20)}b`, alike] },
      { name: "nearly", args: [`*${"a".repeat(30)}b`, alike] },
      { name: "nearly, foreign", args: [`*${"中".repeat(30)}b*c`, fill("中")] },
    ],
    pattern_match: [{ name: "numbers", args: ["1*", 1.234_567e-30] }],
    semver_compare: [
      { name: "a long range", args: ["1.2.3", fill(">1.0.0 ")] },
      { name: "alternatives", args: ["1.2.3", `1.0.0${fill(" || 1.0.0")}`] },
      { name: "a long version", args: [`1.2.3-${fill("a.")}b`, ">1.0.0"] },
      { name: "a bad range", args: ["1.2.3", `>1.0.0 x${fill("é")}1`] },
    ],
    time_parse: times.flatMap((text) => [
      { name: `${text.slice(0, 8)} twice`, args: [text, text] },
      { name: `${text.slice(0, 8)} as layout`, args: [text, "2006"] },
    ]),
    time_since: times.map((text) => ({ name: text.slice(0, 8), args: [text, text, ""] })),
    time_utc: one(times),
    time_to_cron: one(times),
    time_add: one(times, "1h"),
    time_truncate: [{ name: "long duration", args: ["2006-01-02T15:04:05Z", fill("1h")] }],
    time_diff: one(times, "2006-01-02T15:04:05Z"),
    time_before: one(times, "2006-01-02T15:04:05Z"),
    time_after: one(times, "2006-01-02T15:04:05Z"),
    time_between: one(times, "2006-01-02T15:04:05Z", "2006-01-02T15:04:05Z"),
    add: [{ name: "long quantities", args: [fill("9"), `0.${fill("9")}`] }],
    multiply: [{ name: "long quantities", args: [`${fill("9")}k`, 1.1] }],
    x509_decode: one([
      pem("CERTIFICATE", fill("AAAA")),
      pem("CERTIFICATE", fill("MIIC")),
      pem("CERTIFICATE REQUEST", fill("MIID")),
    ]),
    random: [
      { name: "classes", args: [fill("[^a]").slice(0, 4_000)] },
      {
        name: "a class of many",
        args: [
          `[${Array.from({ length: 1_000 }, (_, i) => String.fromCharCode(0x4e00 + 2 * i)).join("")}]*`,
        ],
      },
    ],
    jwt_decode: one([`${fill("e")}.${fill("e")}.x`, "eyJhbGciOiJIUzI1NiJ9.e30.x"], "secret"),
    base64_decode: one([fill("AAAA"), fill("////"), fill("AA\n")]),
    sum: [{ name: "quantities", args: [Array.from({ length }, () => "1k")] }],
    at: [{ name: "a number", args: [[1, 2, 3], new GoInt(1)] }],
    length: [{ name: "typed", args: [new ItemsArray([1, 2, 3])] }],
  };
}

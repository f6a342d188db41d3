import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describeJsonFault, JsonFault } from "../../src/json/json-fault.ts";
import { selectParts, wholeJson } from "../../src/json/json-selection.ts";
import { type JsonReading, readJson } from "../../src/json/read-json.ts";

const lenient: JsonReading = { maxDepth: 200, halfPairs: "replaced" };
const strict: JsonReading = { ...lenient, isStrict: true };

test("objects of one shape, and of others in between, are read as they are written", () => {
  const texts = [
    '[{"a":1,"b":2},{"a":3,"b":4},{"a":5},{"b":6,"a":7},{"a":8,"b":9,"c":10},{}]',
    '[ { "a" : 1 , "b" : 2 } , {"a":3,"b":4}, { "a" : 5 , "b" : 6 } ]',
    '[{"a":{"a":{"a":1}}},{"a":[{"a":1},{"b":[{"a":2}]}]},{"a":{"a":[1]}}]',
    '[{"ab":1},{"a":2},{"abc":3},{"":4},{"ab":"5"}]',
    '[{"a":1,"a":2},{"a":3,"a":4},{"a":5}]',
    '[{"__proto__":1,"constructor":2},{"__proto__":{"x":1},"constructor":3}]',
    '[[{"a":1}],[[{"a":2}]],[[[{"a":3}]]]]',
    "[0,-0,1,-1,123456789012345,1234567890123456,1.5,-2e3,5E-1,0.0]",
  ];
  for (const text of texts) assert.deepEqual(readJson(text, lenient), JSON.parse(text), text);
});

test("texts around the sizes at which more room is made are read whole", () => {
  for (const length of [4_093, 4_094, 4_095, 4_096, 8_190, 70_000, 600_000]) {
    const inner = "x".repeat(length);
    assert.equal(readJson(`"${inner}"`, lenient), inner);
    assert.deepEqual(readJson("[1]", lenient), [1]);
    assert.deepEqual(readJson(`"${inner}`, lenient), new JsonFault("end", length + 1));
    const wide = "é€😀".repeat(length / 4);
    assert.equal(readJson(`"${wide}"`, lenient), wide);
    assert.deepEqual(readJson(`"${wide}`, lenient), new JsonFault("end", wide.length + 1));
  }
});

test("arrays in arrays take no more room than they need", () => {
  setFlagsFromString("--expose-gc");
  const collectGarbage: unknown = runInNewContext("gc");
  const usedBytes = (): number => {
    assert.ok(typeof collectGarbage === "function");
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const count = 50_000;
  const text = `[${Array(count).fill("[[[]]]").join()}]`;
  const before = usedBytes();
  const value = readJson(text, lenient);
  const taken = usedBytes() - before;
  assert.ok(Array.isArray(value) && value.length === count);
  // Three headers of 32 bytes, and two elements; with room for 17 elements each it is four times as much.
  assert.ok(taken < count * 240, `${taken / count} bytes for each`);
});

test("characters that are not ASCII move nothing, in keys, strings and in front of faults", () => {
  const texts = [
    '[{"é":"a","b":"€"},{"é":"😀c","b":1.25},{"é":"d","b":"e"},{"b":"f","é":"g"}]',
    '{"😀":{"k":"v"},"é\\n":"é\\u00e9x","last":"plain"}',
  ];
  for (const text of texts) assert.deepEqual(readJson(text, lenient), JSON.parse(text), text);
  const kept: JsonReading = { maxDepth: 9, halfPairs: "kept" };
  const halves = '[{"\ud800":1,"a":"\ud801x"},{"\ud801":2,"a":"y"}]';
  assert.deepEqual(readJson(halves, kept), JSON.parse(halves));
  for (const [text, fault] of [
    ['["é😀"x]', new JsonFault("syntax", 6, "after array element")],
    ['["é😀\u0001"]', new JsonFault("syntax", 5, "in string literal")],
    ['{"€":1e999}', new JsonFault("range", 5, "1e999")],
    ['["€",[[[[[[[[[[]]]]]]]]]]', new JsonFault("depth", 12)],
    ["[1]é", new JsonFault("syntax", 3, "after top-level value")],
  ] as const) {
    assert.deepEqual(readJson(text, { ...lenient, maxDepth: 8 }), fault, text);
  }
});

test("members are read by their names, however many names policies look at", () => {
  const letters = "abcdefghijklmnopqrstuvwxyz".split("");
  const names = [...letters, "__proto__", "constructor"];
  const selection = selectParts(new Map(names.map((name) => [name, wholeJson])), undefined);
  const object = `{"unread":[1],${writeMembers(names)}}`;
  const other = `{${writeMembers(names.toReversed())}}`;
  const read = readJson(`[${object},${object},${other}]`, {
    ...lenient,
    selection: selectParts(new Map(), selection),
  });
  const { unread, ...wanted } = JSON.parse(object);
  assert.deepEqual(unread, [1]);
  assert.deepEqual(read, [wanted, wanted, JSON.parse(other)]);
});

test("half a surrogate pair is kept or replaced", () => {
  const kept: JsonReading = { maxDepth: 1, halfPairs: "kept" };
  for (const [text, exact, replaced] of [
    ['"\\ud83d"', "\ud83d", "\ufffd"],
    ['"\\ud83d\\ude00"', "😀", "😀"],
    ['"\\uD83D\\uDE00"', "😀", "😀"],
    ['"\ud83d\\n"', "\ud83d\n", "\ufffd\n"],
    ['"\\ude00\\n\\ud83d"', "\ude00\n\ud83d", "\ufffd\n\ufffd"],
  ]) {
    assert.equal(readJson(text ?? "", kept), exact);
    assert.equal(readJson(text ?? "", lenient), replaced);
  }
});

test("strictly read, what two readers could take differently is a fault", async (t) => {
  const faults = {
    "a key twice": '{"a":1,"b":2,"a":3}',
    "a key twice, escaped once": String.raw`{"admin":1,"adm\u0069n":2}`,
    "a key twice but for case": '{"amount":1,"Amount":2}',
    "a key twice but for a letter that folds": '{"key":1,"\u212aey":2}',
    "a key twice in the second object of a kind": '[{"a":1,"b":2},{"a":1,"b":2,"a":3}]',
    "a key twice where another kind was expected": '[{"a":1,"b":2,"c":3},{"a":1,"c":2,"c":3}]',
    "a key twice deep inside": '{"x":[{"y":{"a":1,"a":1}}]}',
    "an integer beyond 2^53": "[9007199254740993]",
    "an integer of 2^53": "[9007199254740992]",
    "a negative one": "[-9007199254740993]",
    "one with an exponent": "[1e16]",
    "many digits behind the point": "[1000.0000000000001]",
    "too close to zero": "[1e-400]",
    "nearly zero": "[5e-324]",
    "half a pair": String.raw`["\ud83d"]`,
    "half a pair in a key": String.raw`{"\ud83d":1}`,
    "bytes that are no UTF-8": '["\udcff"]',
  };
  for (const [name, text] of Object.entries(faults)) {
    await t.test(name, () => {
      const fault = readJson(text, strict);
      assert.ok(fault instanceof JsonFault);
      assert.equal(fault.kind, "ambiguous");
      assert.notEqual(describeJsonFault(fault, text), "");
      // The same in a part that nobody looks at.
      const selection = { isWhole: false, members: new Map([["z", wholeJson]]), each: undefined };
      const cut = readJson(`{"z":1,"y":${text}}`, { ...strict, selection });
      assert.ok(cut instanceof JsonFault);
      assert.equal(cut.kind, "ambiguous");
      assert.ok(!(readJson(text, lenient) instanceof JsonFault));
    });
  }
});

test("strictly read, texts that all take alike are values", () => {
  for (const text of [
    '{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}',
    "[9007199254740991,-9007199254740991,1.5,0.1,-0.0,1e3,123456.789012345,0,0e9,1e-7,100000000000000]",
    "[123456789012345.0, 0.000000123456789012345]",
    String.raw`{"\ud83d\ude00":"\ud83d\ude00 \u00e9","":""}`,
    '[{"a":1,"b":2},{"a":1,"b":2},{"b":1,"a":2},{"a":1}]',
  ]) {
    assert.deepEqual(readJson(text, strict), JSON.parse(text), text);
  }
  for (const text of ["NaN", "[Infinity]", "[-Infinity]", "{} {}", "[1]x", "[01]", "\ufeff{}"]) {
    const fault = readJson(text, strict);
    assert.ok(fault instanceof JsonFault, text);
    assert.equal(fault.kind, "syntax");
  }
});

test("of a selection, the value has what was selected and what is no object there", () => {
  const whole = wholeJson;
  const pick = (...names: string[]) => ({
    isWhole: false,
    members: new Map(names.map((name) => [name, whole])),
    each: undefined,
  });
  const each = { isWhole: false, members: new Map(), each: pick("b") };
  for (const [text, selection, want] of [
    ['{"a":1,"b":{"c":2},"d":[3]}', pick("b"), { b: { c: 2 } }],
    ['{"b":1,"b":{"x":2}}', pick("b"), { b: { x: 2 } }],
    ["[1,{}]", pick("b"), [1, {}]],
    ['"text"', pick("b"), "text"],
    ['[{"a":1,"b":2},{"b":3},[{"a":4}],5]', each, [{ b: 2 }, { b: 3 }, [{ a: 4 }], 5]],
    ['{"x":{"a":1,"b":2},"y":{"a":3}}', each, { x: { b: 2 }, y: {} }],
    ['{"__proto__":{"a":1,"b":2}}', pick("__proto__"), JSON.parse('{"__proto__":{"a":1,"b":2}}')],
  ] as const) {
    assert.deepEqual(readJson(text, { ...lenient, selection }), want, text);
  }
  const fault = readJson('{"b":1,"a":[tru]}', { ...lenient, selection: pick("b") });
  assert.ok(fault instanceof JsonFault, "what is not selected is checked");
});

/** CPU time in milliseconds, the least of several. */
function cpuMs(body: () => unknown): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    body();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

test("hostile texts cost no more than some times what honest ones of their size do", async (t) => {
  const size = 200_000;
  const fill = (part: (index: number) => string, open: string, close: string): string => {
    const parts: string[] = [];
    let length = 0;
    for (let index = 0; length < size; index++) {
      const next = part(index);
      parts.push(next);
      length += next.length + 1;
    }
    return open + parts.join(",") + close;
  };
  const honest = fill((index) => `{"sku":"book-${index}","quantity":${index % 9}}`, "[", "]");
  for (let round = 0; round < 20; round++) readJson(honest, lenient);
  const honestMs = cpuMs(() => readJson(honest, lenient));
  const hostile: Readonly<Record<string, string>> = {
    "nested too deep": "[".repeat(size),
    "nested too deep, objects": '{"a":'.repeat(size / 5),
    "nested as deep as may be, again and again": fill(
      () => `${"[".repeat(150)}${"]".repeat(150)}`,
      "[",
      "]",
    ),
    "a fault at the end": `${honest.slice(0, -1)}x`,
    "keys that are all others": fill((index) => `"k${index}":1`, "{", "}"),
    "objects of other keys each": fill((index) => `{"k${index}":1}`, "[", "]"),
    "two kinds of objects in turn": fill((index) => `{"a":1,"${index % 2}":1}`, "[", "]"),
    "the same key all the time": fill(() => '"a":1', "{", "}"),
    "keys that are indexes": fill((index) => `"${index * 7919}":1`, "{", "}"),
    "escaped keys": fill((index) => `{"\\u0061${index % 7}":1}`, "[", "]"),
    "escapes all along": `"${"\\u00e9\\n".repeat(size / 8)}"`,
    "a number of many digits": `[${"9".repeat(size)}]`,
    "numbers of many digits": fill(() => "0.1234567890123456789", "[", "]"),
    blanks: `${" ".repeat(size)}1`,
    "empty arrays": fill(() => "[]", "[", "]"),
  };
  for (const [name, text] of Object.entries(hostile)) {
    for (const reading of [lenient, strict]) {
      await t.test(`${name}${reading.isStrict === true ? ", strictly" : ""}`, () => {
        const took = cpuMs(() => readJson(text, reading));
        assert.ok(took < 5 + honestMs * 40, `${took} ms instead of ${honestMs}`);
      });
    }
  }
});

function writeMembers(names: readonly string[]): string {
  return names.map((name, index) => `"${name}":${index}`).join();
}

import * as fc from "fast-check";
import type { JsonValue } from "../../src/model/json.ts";
import { names, texts } from "./arbitrary-value.ts";

/** The texts that keys and leaves of assertion trees are made of, marks and all. */
function markedText(expression: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const plain = fc.constantFrom(...names, ...texts);
  const engine = fc.constantFrom("", "", "", "jp:", "cel:");
  const statement = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.tuple(engine, expression).map(([mark, text]) => `(${mark}${text})`),
    },
    { weight: 3, arbitrary: plain },
    { weight: 1, arbitrary: plain.map((text) => `\\${text}\\`) },
    { weight: 1, arbitrary: fc.constantFrom("()", "(", ")", "\\\\", "\\", "(a)\n", "(a\nb)", "") },
  );
  const foreach = fc.constantFrom("", "", "", "~.", "~i.", "~x.", "~", "~é.", "~.~.");
  const binding = fc.constantFrom(
    "",
    "",
    "",
    "->v",
    "->x",
    " -> x",
    "->",
    "->é",
    "->x->v",
    "\n->x",
  );
  return fc.tuple(foreach, statement, binding).map((parts) => parts.join(""));
}

/** Goes through a collection and looks at the index or key. */
const indexLoop: fc.Arbitrary<JsonValue> = fc
  .tuple(
    fc.constantFrom("~i.a", "~i.items", "~i.(@)", "~i.(not_null(items, a, `[1, 2]`))->x"),
    fc.constantFrom<JsonValue>(
      0,
      "($i)",
      "(type($i))",
      { "($i)": 0 },
      { "($i == `0`)": true },
      { "(type($i))->x": { "($x)": "string" } },
    ),
  )
  .map(([key, child]) => ({ [key]: child }));

/** Returns an assertion tree, with keys and leaves of every form. */
export function treeOf(expression: fc.Arbitrary<string>): fc.Arbitrary<JsonValue> {
  const text = markedText(expression);
  const shortText = markedText(
    fc.constantFrom(
      "@",
      "$v",
      "$i",
      "$x",
      "type($i)",
      "$x == `0`",
      "length(@)",
      "a",
      "`1`",
      "[]",
      "`null`",
      "compare(@, 'a')",
    ),
  );
  const leaf = fc.oneof(
    { weight: 2, arbitrary: fc.oneof(text, shortText) },
    { weight: 1, arbitrary: fc.constantFrom(...texts) },
    { weight: 2, arbitrary: fc.constantFrom<JsonValue>(null, true, false, 0, -0, 1, 2, 0.5, 1e21) },
  );
  const { tree } = fc.letrec<{ tree: JsonValue }>(
    (tie: fc.LetrecTypedTie<{ tree: JsonValue }>) => ({
      tree: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        { weight: 2, arbitrary: leaf },
        {
          weight: 4,
          arbitrary: fc
            .array(fc.tuple(fc.oneof(text, shortText), tie("tree")), { maxLength: 3 })
            .map((entries) => Object.fromEntries(entries)),
        },
        { weight: 1, arbitrary: fc.array(tie("tree"), { maxLength: 3 }) },
        { weight: 1, arbitrary: indexLoop },
      ),
    }),
  );
  return tree;
}

import * as fc from "fast-check";
import type { FunctionTable } from "../../src/jmespath/functions/function-table.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../src/model/json.ts";
import { expressionOf } from "./arbitrary-expression.ts";
import { treeOf } from "./arbitrary-tree.ts";
import { names } from "./arbitrary-value.ts";

const name = fc.constantFrom(...names);
const spelt = fc
  .constantFrom(...names)
  .map((text) => (/^[A-Za-z_]\w*$/.test(text) ? text : JSON.stringify(text)));
/**
 * Returns rules that see no more of a value than they have to, most of them. What they look at begins with one of the `starts`,
 * and `context` is in front of their own variable `$c`.
 */
export function narrowRule(
  functions: FunctionTable,
  starts: readonly string[],
  context: readonly JsonObject[] = [],
): fc.Arbitrary<JsonValue> {
  /** A way from the payload or the value at hand down to a part, with some detours. */
  const way = fc
    .tuple(
      fc.constantFrom(...starts),
      fc.array(spelt, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(
        "",
        "",
        "",
        "",
        "[0]",
        "[]",
        "[*].a",
        "[*].[`1`]",
        "[?`true`].[`1`]",
        ".*",
        ".[`1`]",
        ".[a]",
        ".{x: b}",
        " | a",
      ),
    )
    .map(([start, steps, end]) => `${start}${steps.join(".")}${end}`);
  /** Expressions that see no more of a value than they have to. */
  const narrow = fc.oneof(
    way,
    fc.tuple(way, fc.constantFrom("==", "||", "&&", "|", "<"), way).map((parts) => parts.join(" ")),
    fc
      .tuple(fc.constantFrom("type", "length", "to_string", "not_null"), way)
      .map(([call, text]) => `${call}(${text})`),
    way.map((text) => `!(${text})`),
    fc.tuple(way, way).map(([value, body]) => `let $c = ${value} in ${body}`),
    fc.tuple(way, way).map(([body, list]) => `map(&${body}, ${list})`),
    fc.tuple(way, way).map(([one, other]) => `[${one}, ${other}]`),
    fc.tuple(way, way).map(([one, other]) => `{x: ${one}, "a": ${other}}`),
    fc.tuple(spelt, way).map(([list, each]) => `not_null(${list}, \`[1, {}]\`)[*].[${each}]`),
    fc.tuple(spelt, way).map(([list, each]) => `not_null(${list}, \`[1, {}]\`)[?${each}]`),
    fc.tuple(way, way).map(([value, body]) => `let $d = ${value}, $c = $d in ['x', ${body}][1]`),
  );
  const wide = expressionOf([...functions.values()]);
  const expression = fc.oneof({ weight: 6, arbitrary: narrow }, { weight: 1, arbitrary: wide });

  /** Keys over keys, as most policies have them, and then any tree. */
  const tree = fc
    .tuple(fc.array(name, { maxLength: 3 }), treeOf(expression))
    .map(([keys, end]) =>
      keys.reduceRight<JsonValue>((below, key) => Object.fromEntries([[key, below]]), end),
    )
    .map((made): JsonObject => (isJsonObject(made) ? made : { a: made }));
  const block = fc
    .tuple(fc.constantFrom("any", "all"), fc.array(tree, { minLength: 1, maxLength: 2 }))
    .map(([kind, trees]) => ({ [kind]: trees }));
  const assertion = fc
    .record(
      { check: tree, message: narrow.map((text) => `{{ ${text} }}`) },
      { requiredKeys: ["check"] },
    )
    .map((made): JsonObject => made);
  return fc
    .record(
      {
        name: fc.constant("r"),
        identifier: narrow,
        context: narrow.map((text) => [...context, { name: "c", variable: `(${text})` }]),
        match: block,
        exclude: block,
        assert: fc
          .tuple(fc.constantFrom("any", "all"), fc.array(assertion, { minLength: 1, maxLength: 2 }))
          .map(([kind, all]) => ({ [kind]: all })),
      },
      { requiredKeys: ["name", "assert"] },
    )
    .map((made): JsonValue => JSON.parse(JSON.stringify(made)));
}

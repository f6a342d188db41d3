import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../", import.meta.url);
const files = globSync("{src,bench,test}/**/*.ts", { cwd: root }).filter(
  (path) => !path.startsWith("src/gen/"),
);

/** A documented export: where it stands, its comment and its declaration. */
interface Documented {
  readonly place: string;
  readonly comment: string;
  readonly declaration: string;
}

const documented: readonly Documented[] = files.flatMap((path) => {
  const text = readFileSync(new URL(path, root), "utf8");
  return [...text.matchAll(/\/\*\*\s*(?:\*\s*)?((?:(?!\*\/)[^])*)\*\/\s*(export [^\n]*)/g)].map(
    ([whole, comment = "", declaration = ""]) => ({
      place: `${path}: ${declaration.slice(0, 60)}`,
      comment: whole.startsWith("/**") ? comment : "",
      declaration,
    }),
  );
});

test("there are comments to look at", () => {
  assert.ok(documented.length > 1_500, String(documented.length));
});

test("no comment of an export opens with a question's word", () => {
  const question = /^(?:What|How|Where|Whether|When|Why|Who|Which|So many)\b/;
  assert.deepEqual(
    documented.filter(({ comment }) => question.test(comment)).map(({ place }) => place),
    [],
  );
});

test("the comment of an exported function begins with a verb", () => {
  const functions = documented.filter(({ declaration }) =>
    /^export (?:async )?function/.test(declaration),
  );
  const verb = /^[A-Z][a-z]+s\b/;
  assert.deepEqual(
    functions.filter(({ comment }) => !verb.test(comment)).map(({ place }) => place),
    [],
  );
});

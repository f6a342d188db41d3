import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { optionRows } from "../../src/config/options.ts";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { createSnapshot } from "../../src/store/read-policy-files.ts";
import { attackKinds } from "../../src/transport/attack-limits.ts";
import { optionTable } from "../support/option-table.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

test("docs/running.md lists every option as it is", () => {
  const table = /<!-- options:begin -->\n([^]*)<!-- options:end -->/.exec(read("docs/running.md"));
  assert.equal(table?.[1], optionTable());
});

test("docs/transport.md names every kind of attack, and every limit", () => {
  const cells = [...read("docs/transport.md").matchAll(/^\|.*\|$/gm)].flatMap(([row]) =>
    [...row.matchAll(/`([a-z0-9-]+)`/g)].map(([, name = ""]) => name),
  );
  const options = optionRows
    .filter(({ name }) => name.startsWith("http2-") && name !== "http2-flood-window-ms")
    .map(({ name }) => name.replace("http2-", ""));
  const missing = [...attackKinds, ...options].filter((name) => !cells.includes(name));
  assert.deepEqual(missing, []);
});

test("docs/errors.md lists every error code, and no other", () => {
  const code = /"((?:EVALUATION|POLICY|REQUEST|POOL)_[A-Z0-9_]+)"/g;
  const defined = [...read("src/model/error-codes.ts").matchAll(code)].map(([, name]) => name);
  const rows = read("docs/errors.md").matchAll(/^\| `([A-Z0-9_]+)` \|/gm);
  const listed = [...rows].map(([, name]) => name);
  assert.equal(listed.length, defined.length);
  assert.deepEqual(new Set(listed), new Set(defined));
});

suite("links lead somewhere", () => {
  for (const document of documents) {
    test(document, () => {
      const links = [...read(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
      const missing = links
        .map(([, path = ""]) => join(dirname(document), path))
        .filter((path) => !existsSync(join(root, path)));
      assert.deepEqual(missing, []);
    });
  }
});

test("links to sections lead to one", () => {
  const missing = documents.flatMap((document) =>
    [...read(document).matchAll(/\]\(([^)#:]*)#([^)]*)\)/g)]
      .map(([, path = "", anchor = ""]) => ({
        target: path === "" ? document : join(dirname(document), path),
        anchor,
      }))
      .filter(({ target, anchor }) => !sectionAnchors(read(target)).has(anchor)),
  );
  assert.deepEqual(missing, []);
});

/** What GitHub calls the headings of a document. */
function sectionAnchors(markdown: string): ReadonlySet<string> {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    ),
  );
}

suite("every policy in the documentation loads", () => {
  for (const document of documents) {
    const blocks = [...read(document).matchAll(/^```yaml\n([^]*?)^```$/gm)]
      .map(([, text = ""]) => text)
      .filter((text) => text.includes("kind: ValidatingPolicy"));
    for (const [index, text] of blocks.entries()) {
      test(`${document}, policy ${index + 1}`, () => {
        const snapshot = createSnapshot([{ path: document, text }]);
        const { evaluator, diagnostics } = createEvaluator(snapshot, defaultPolicyOptions);
        assert.deepEqual(diagnostics, []);
        assert.notEqual(evaluator, undefined);
      });
    }
  }
});

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createEvaluator } from "../../src/evaluator/evaluator.ts";
import { defaultPolicyOptions } from "../../src/model/limits.ts";
import { createSnapshot } from "../../src/sources/files/read-policy-files.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { createTransportCounters } from "../../src/transport/http2/counters.ts";
import { recordOf } from "../support/fake-recorder.ts";
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

test("files that the documents name are there", () => {
  const folders = "bench|deploy|examples|policies|proto|src|test|tools";
  const named = new RegExp(`\`((?:${folders})/[\\w./-]+)\``, "g");
  const missing = documents
    .filter((path) => path !== "CHANGELOG.md")
    .flatMap((path) => [...read(path).matchAll(named)].map(([, name = ""]) => `${path}: ${name}`))
    .filter((found) => !existsSync(join(root, found.slice(found.indexOf(": ") + 2))))
    .filter((found) => !found.includes("bench/results/"));
  assert.deepEqual(missing, []);
});

/** A metric in words: its name, its type, the labels of its samples. */
interface ExportedMetric {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
}

/** All metrics of our own. */
async function exportedMetrics(): Promise<readonly ExportedMetric[]> {
  const metrics = createMetrics({ processMetrics: false });
  metrics.watchTransport(createTransportCounters());
  metrics.watchCertificate(0);
  metrics.watchLog(() => ({ stdout: 0, stderr: 0 }));
  // Some have no sample, and so no labels, before something has happened.
  metrics.checkStarted();
  const ignoredErrors = [{ policy: "p", code: "EVALUATION_VALUE" }] as const;
  const decision = { allowed: true, reason: "passed", body: "", ignoredErrors } as const;
  metrics.checkFinished({ ...recordOf("grpc", "allow", "passed", 0.001), decision });
  metrics.checkAbandoned("grpc");
  metrics.policiesLoaded("1", 1);
  const text = await metrics.text();
  return [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name = "", type = ""]) => {
    const sample = new RegExp(`^${name}(?:_count)?(?:\\{(.*)\\})? `, "m").exec(text);
    const labels = [...(sample?.[1] ?? "").matchAll(/(\w+)="/g)].map(([, label = ""]) => label);
    return { name, type, labels };
  });
}

const isOfTransport = ({ name }: ExportedMetric): boolean => name.startsWith("ostiary_transport_");

test("no table of the documents is cut in two by a blank line", () => {
  const cut = documents.flatMap((path) =>
    [...read(path).matchAll(/\n\n(\|.*\|)\n(?!\|[ :|-]+\|\n)/g)].map(
      ([, row]) => `${path}: ${row}`,
    ),
  );
  assert.deepEqual(cut, []);
});

test("docs/running.md lists every metric as it is, but for the transport's", async () => {
  const rows = read("docs/running.md").matchAll(/^(\| `ostiary_\w+` \| \w+ \| .*?\|) .+ \|$/gm);
  const own = (await exportedMetrics()).filter((metric) => !isOfTransport(metric));
  assert.deepEqual(
    [...rows].map(([, row = ""]) => row).toSorted(),
    own
      .map(({ name, type, labels }) => {
        const listed = labels.map((label) => `\`${label}\``).join(", ");
        return `| \`${name}\` | ${type} | ${listed}${listed === "" ? "" : " "}|`;
      })
      .toSorted(),
  );
});

test("docs/transport.md lists every metric of the transport", async () => {
  const listed = read("docs/transport.md").matchAll(/`(ostiary_\w+(?:\{\w+\})?)`/g);
  const own = (await exportedMetrics()).filter(isOfTransport);
  assert.deepEqual(
    [...listed].map(([, name = ""]) => name).toSorted(),
    own
      .map(({ name, labels }) => (labels.length === 0 ? name : `${name}{${labels.join(",")}}`))
      .toSorted(),
  );
});

test("every metric that the documentation names exists", async () => {
  const known = new Set((await exportedMetrics()).map(({ name }) => name));
  const named = documents.flatMap((document) =>
    [...read(document).matchAll(/`(ostiary_\w+)[`{]/g)].map(([, name = ""]) => name),
  );
  assert.deepEqual(
    named.filter((name) => !known.has(name.replace(/_(?:bucket|sum|count)$/, ""))),
    [],
  );
});

test("docs/performance.md has figures wherever some are measured", () => {
  const block = /<!-- measured:(\w+) -->([^]*?)<!-- measured:end -->/g;
  const blocks = [...read("docs/performance.md").matchAll(block)];
  assert.notEqual(blocks.length, 0);
  const empty = blocks.filter(([, , figures = ""]) => figures.trim() === "");
  assert.deepEqual(
    empty.map(([, name]) => name),
    [],
  );
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
        // The keys of examples are short for the eye.
        assert.deepEqual(
          diagnostics.filter(({ code }) => code !== "POLICY_KEY"),
          [],
        );
        assert.notEqual(evaluator, undefined);
      });
    }
  }
});

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const folder = mkdtempSync(join(tmpdir(), "ostiary-run-"));
after(() => rmSync(folder, { recursive: true }));

function run(...args: readonly string[]): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  const script = join(import.meta.dirname, "run.ts");
  return spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
}

function vectorFile(name: string, ...lines: readonly object[]): string {
  const path = join(folder, `${name}.jsonl`);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return path;
}

test("the last line counts, and a failure gives exit code 1", () => {
  const right = { id: "a", kind: "expr", expression: "x", input: { x: 1 }, expect: { value: 1 } };
  const wrong = { id: "b", kind: "expr", expression: "x", input: { x: 1 }, expect: { value: 2 } };
  const passing = run(vectorFile("passing", right));
  assert.equal(passing.status, 0, passing.stderr);
  assert.equal(passing.stdout.trimEnd().split("\n").at(-1), "1 passed, 0 failed");
  const failing = run(vectorFile("failing", right, wrong));
  assert.equal(failing.status, 1);
  assert.equal(failing.stdout.trimEnd().split("\n").at(-1), "1 passed, 1 failed");
  assert.match(failing.stdout, /failing: b\n {2}wanted 2\n {2}got {4}1\n/);
});

test("wrong use gives exit code 2 and says what is wrong", () => {
  const missing = run(join(folder, "nowhere"));
  assert.equal(missing.status, 2);
  assert.match(missing.stderr, /nothing at `.*nowhere`/);
  const unknown = run("--nonsense");
  assert.equal(unknown.status, 2);
  assert.match(unknown.stderr, /--nonsense/);
});

test("--help says how to use it", () => {
  const help = run("--help");
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^usage: /);
});

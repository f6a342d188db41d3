import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createFileSource } from "../../../src/sources/files/file-source.ts";
import { testSource } from "../source-contract.ts";

testSource("a folder", async (t, texts) => {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-source-"));
  const put = async (files: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(folder, `${name}.yaml`), text);
    }
  };
  const destroy = async (): Promise<void> => await rm(folder, { recursive: true, force: true });
  await put(texts);
  const source = createFileSource({ paths: [folder], intervalMs: 0 });
  t.after(async () => {
    source.close();
    await destroy();
  });
  return { source, put, destroy };
});

test("it cannot be watched before it was read, nor twice", async () => {
  const source = createFileSource({ paths: [tmpdir()], intervalMs: 0 });
  const watch = (): void => source.watch(async () => {});
  assert.throws(watch, /too early/);
});

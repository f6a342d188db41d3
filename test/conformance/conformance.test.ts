import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { createEngine } from "./engine.ts";
import { celFolder, findVectorFiles, freshFolder, ownFolder } from "./find-vectors.ts";
import { runVectorFile } from "./run-vectors.ts";
import { formatFinding, isPassed, isTextFault } from "./tally.ts";

const engine = createEngine();
const shownCharacters = 500;

test("the vectors of the Go engine hold", async (t) => {
  const files = [ownFolder, freshFolder, celFolder].flatMap(
    (folder) => findVectorFiles(folder) ?? [],
  );
  assert.equal(files.length, 51);
  for (const file of files) {
    await t.test(basename(file), async () => {
      const findings = await runVectorFile(file, engine);
      assert.ok(findings.length > 0);
      const faults = findings.filter((finding) => !isPassed(finding) || isTextFault(finding));
      const lines = faults.slice(0, 10).flatMap((fault) => formatFinding(fault, shownCharacters));
      assert.equal(faults.length, 0, lines.join("\n"));
    });
  }
});

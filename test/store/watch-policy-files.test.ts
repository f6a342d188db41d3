import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { listPolicyFiles } from "../../src/store/list-policy-files.ts";
import { watchPolicyFiles } from "../../src/store/watch-policy-files.ts";

test("a change is reported once, and a look on demand always", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-watch-"));
  const file = join(folder, "a.yaml");
  await writeFile(file, "one");
  const seen: (string | undefined)[] = [];
  const watch = watchPolicyFiles(
    {
      paths: [folder],
      intervalMs: 20,
      onChange: async ({ snapshot }) => {
        seen.push(snapshot?.files[0]?.text);
        await sleep(1);
      },
    },
    await listPolicyFiles([folder]),
  );
  await sleep(100);
  assert.deepEqual(seen, []);
  await writeFile(file, "two!");
  for (let i = 0; i < 200 && seen.length === 0; i++) await sleep(10);
  await sleep(100);
  assert.deepEqual(seen, ["two!"]);
  await watch.check();
  assert.deepEqual(seen, ["two!", "two!"]);
  watch.close();
  await rm(folder, { recursive: true });
});

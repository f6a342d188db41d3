import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Listing, listPolicyFiles } from "../../../src/sources/files/list-policy-files.ts";
import { readListing } from "../../../src/sources/files/read-policy-files.ts";
import {
  type PolicyWatch,
  type WatchOptions,
  watchPolicyFiles,
} from "../../../src/sources/files/watch-policy-files.ts";
import type { SourceReading } from "../../../src/sources/policy-source.ts";

interface Watched {
  readonly folder: string;
  readonly file: string;
  readonly watch: PolicyWatch;
  /** What was reported: the texts of all files, or the code of the first fault. */
  readonly seen: readonly string[];
}

/** A watch over a folder with one file, `one`; without an interval, so that every look is the test's. */
async function startWatch(
  t: TestContext,
  { onChange = async () => {}, ...options }: Partial<WatchOptions> = {},
): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), "ostiary-watch-"));
  const file = join(folder, "a.yaml");
  await writeFile(file, "one");
  const seen: string[] = [];
  const watch = watchPolicyFiles(
    {
      paths: [folder],
      intervalMs: 0,
      ...options,
      onChange: async (outcome) => {
        const texts = outcome.snapshot?.files.map(({ text }) => text).join(" ");
        seen.push(texts ?? outcome.diagnostics[0]?.code ?? "nothing");
        await onChange(outcome);
      },
    },
    await listPolicyFiles([folder]),
  );
  t.after(async () => {
    watch.close();
    await rm(folder, { recursive: true });
  });
  return { folder, file, watch, seen };
}

test("a change is reported by the timer, once", async (t) => {
  const { file, seen } = await startWatch(t, { intervalMs: 20 });
  await writeFile(file, "two!");
  for (let i = 0; i < 500 && seen.length === 0; i++) await sleep(10);
  await sleep(100);
  assert.deepEqual(seen, ["two!"]);
});

test("a change is reported when a second look finds it as the first did, and once only", async (t) => {
  const { file, watch, seen } = await startWatch(t);
  await watch.look();
  await watch.look();
  assert.deepEqual(seen, []);
  await writeFile(file, "two!");
  await watch.look();
  assert.deepEqual(seen, []);
  await watch.look();
  assert.deepEqual(seen, ["two!"]);
  await watch.look();
  await watch.look();
  assert.deepEqual(seen, ["two!"]);
});

test("a file is not reported while it is being written", async (t) => {
  const { file, watch, seen } = await startWatch(t);
  await writeFile(file, "");
  for (let i = 0; i < 5; i++) {
    await appendFile(file, `${i}`);
    await watch.look();
  }
  assert.deepEqual(seen, []);
  await watch.look();
  assert.deepEqual(seen, ["01234"]);
});

/** Returns a reader that has somebody write the next text while it reads. */
function readAnd(texts: string[], file: () => string): typeof readListing {
  return async (listing) => {
    const outcome = await readListing(listing);
    const text = texts.shift();
    if (text !== undefined) await writeFile(file(), text);
    return outcome;
  };
}

suite("a file that is written while it is read is read again", () => {
  test("by the looks after", async (t) => {
    let path = "";
    const options = { read: readAnd(["three"], () => path) };
    const { file, watch, seen } = await startWatch(t, options);
    path = file;
    await writeFile(file, "two!");
    await watch.look();
    await watch.look();
    assert.deepEqual(seen, []);
    await watch.look();
    await watch.look();
    assert.deepEqual(seen, ["three"]);
  });

  test("at once when it was asked for", async (t) => {
    let path = "";
    const options = { read: readAnd(["three", "four"], () => path) };
    const { file, watch, seen } = await startWatch(t, options);
    path = file;
    await watch.check();
    assert.deepEqual(seen, ["four"]);
  });
});

suite("every kind of change is seen", () => {
  const changes: readonly {
    name: string;
    act: (o: { folder: string; file: string }) => Promise<unknown>;
    want: string;
  }[] = [
    {
      name: "another text of the same length",
      act: async ({ file }) => await writeFile(file, "eno"),
      want: "eno",
    },
    {
      name: "a new file",
      act: async ({ folder }) => await writeFile(join(folder, "b.yaml"), "b"),
      want: "one b",
    },
    {
      name: "a new folder with a file",
      act: async ({ folder }) => {
        await mkdir(join(folder, "0"));
        await writeFile(join(folder, "0", "b.yaml"), "b");
      },
      want: "b one",
    },
    { name: "a file deleted", act: async ({ file }) => await rm(file), want: "" },
    {
      name: "a file renamed",
      act: async ({ folder, file }) => await rename(file, join(folder, "b.yaml")),
      want: "one",
    },
    {
      name: "a file replaced by a rename",
      act: async ({ folder, file }) => {
        await writeFile(join(folder, "new"), "new");
        await rename(join(folder, "new"), file);
      },
      want: "new",
    },
    {
      name: "a dangling link",
      act: async ({ folder }) => await symlink("nowhere", join(folder, "b.yaml")),
      want: "POLICY_NOT_FOUND",
    },
    {
      name: "the folder deleted",
      act: async ({ folder }) => await rm(folder, { recursive: true }),
      want: "POLICY_NOT_FOUND",
    },
  ];
  for (const { name, act, want } of changes) {
    test(name, async (t) => {
      const watched = await startWatch(t);
      await act(watched);
      await watched.watch.look();
      await watched.watch.look();
      assert.deepEqual(watched.seen, [want]);
      await mkdir(watched.folder, { recursive: true });
    });
  }
});

test("the link of a mounted folder is swapped: all of the new, nothing of the old", async (t) => {
  const { folder, file, watch, seen } = await startWatch(t);
  await rm(file);
  for (const version of ["1", "2"]) {
    await mkdir(join(folder, `..${version}`));
    for (const name of ["x", "y"]) {
      await writeFile(join(folder, `..${version}`, `${name}.yaml`), `${name}${version}`);
    }
  }
  await symlink("..1", join(folder, "..data"));
  for (const name of ["x", "y"]) await symlink(`..data/${name}.yaml`, join(folder, `${name}.yaml`));
  await watch.check();
  await symlink("..2", join(folder, "..new"));
  await rename(join(folder, "..new"), join(folder, "..data"));
  await watch.look();
  await watch.look();
  assert.deepEqual(seen, ["x1 y1", "x2 y2"]);
});

test("a visible name that changes is a change, even if the file behind it stays the same", async (t) => {
  const { folder, file, watch, seen } = await startWatch(t);
  await mkdir(join(folder, "..data"));
  await rename(file, join(folder, "..data", "a"));
  await symlink("..data/a", join(folder, "b.yaml"));
  await watch.check();
  await rename(join(folder, "b.yaml"), join(folder, "b.json"));
  await watch.look();
  await watch.look();
  assert.deepEqual(seen, ["one", "one"]);
});

test("a look on demand reports always, at once, and what the timer then sees is no change", async (t) => {
  const { file, watch, seen } = await startWatch(t);
  await watch.check();
  await writeFile(file, "two!");
  await watch.check();
  await watch.look();
  await watch.look();
  assert.deepEqual(seen, ["one", "two!"]);
});

test("calls on demand share the one that waits, and what they report is no older than they are", async (t) => {
  const gate = new EventEmitter();
  const opened = once(gate, "open");
  const { file, watch, seen } = await startWatch(t, {
    onChange: async () => void (await opened),
  });
  const first = watch.check();
  for (let i = 0; i < 1_000 && seen.length === 0; i++) await sleep(1);
  await writeFile(file, "two!");
  const others = Array.from({ length: 1_000 }, async () => await watch.check());
  gate.emit("open");
  await Promise.all([first, ...others]);
  assert.deepEqual(seen, ["one", "two!"]);
});

test("reports never overlap, and a fault in one keeps nobody from the next", async (t) => {
  let running = 0;
  let most = 0;
  const { file, watch, seen } = await startWatch(t, {
    onChange: async () => {
      running++;
      most = Math.max(most, running);
      await sleep(5);
      running--;
      throw new Error("fault");
    },
  });
  await writeFile(file, "two!");
  await watch.look();
  const outcomes = await Promise.allSettled([
    watch.check(),
    watch.look(),
    watch.check(),
    watch.look(),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ["rejected", "fulfilled", "rejected", "fulfilled"],
  );
  assert.equal(most, 1);
  await assert.rejects(watch.check(), /fault/);
  assert.deepEqual(seen, ["two!", "two!"]);
});

test("files that never stand still are a fault, and served when they do", async (t) => {
  let path = "";
  let reads = 0;
  const read = async (listing: Listing): Promise<SourceReading> => {
    reads++;
    if (path !== "") await writeFile(path, "x".repeat(reads));
    return await readListing(listing);
  };
  const outcomes: SourceReading[] = [];
  const onChange = async (outcome: SourceReading): Promise<void> => void outcomes.push(outcome);
  const { folder, file, watch, seen } = await startWatch(t, { read, onChange });
  path = file;
  await watch.check();
  const message = "the policy files keep changing while they are read";
  const place = { file: folder, line: 0, column: 0 };
  const fault = { code: "POLICY_UNREADABLE", severity: "error", message, ...place };
  assert.deepEqual(outcomes, [{ diagnostics: [fault], removalIsExplicit: false }]);
  assert.deepEqual([seen, reads], [["POLICY_UNREADABLE"], 20]);
  path = "";
  await watch.check();
  assert.deepEqual(seen, ["POLICY_UNREADABLE", "x".repeat(20)]);
});

test("a fault in place of another one is a change", async (t) => {
  const { folder, watch, seen } = await startWatch(t);
  const faults: readonly (() => Promise<unknown>)[] = [
    async () => await symlink("nowhere", join(folder, "b.yaml")),
    async () => await rename(join(folder, "b.yaml"), join(folder, "c.yaml")),
    async () => {
      await rm(join(folder, "c.yaml"));
      await symlink("c.yaml", join(folder, "c.yaml"));
    },
  ];
  for (const make of faults) {
    await make();
    await watch.look();
    await watch.look();
  }
  assert.deepEqual(seen, ["POLICY_NOT_FOUND", "POLICY_NOT_FOUND", "POLICY_UNREADABLE"]);
});

test("nothing is reported once it is closed", async (t) => {
  const { file, watch, seen } = await startWatch(t, { intervalMs: 20 });
  watch.close();
  await writeFile(file, "two!");
  await watch.look();
  await watch.look();
  await watch.check();
  await sleep(80);
  assert.deepEqual(seen, []);
});

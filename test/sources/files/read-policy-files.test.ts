import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { listPolicyFiles } from "../../../src/sources/files/list-policy-files.ts";
import {
  createSnapshot,
  readListing,
  readPolicyFiles,
} from "../../../src/sources/files/read-policy-files.ts";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ostiary-read-"));
  await writeFile(join(folder, "good.yaml"), "# good\n");
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Does the work without the rights of root, who may read everything. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

suite("beside a good file, one that cannot be read keeps everything from being served", () => {
  const maxFileBytes = 16_777_216;
  const cases: readonly {
    name: string;
    make: (path: string) => Promise<unknown>;
    code: string;
    message: RegExp;
  }[] = [
    {
      name: "a dangling link",
      make: async (path) => await symlink("nowhere.yaml", path),
      code: "POLICY_NOT_FOUND",
      message: /^no such file or folder$/,
    },
    {
      name: "a link to itself",
      make: async (path) => await symlink("bad.yaml", path),
      code: "POLICY_UNREADABLE",
      message: /^cannot be read \(ELOOP\)$/,
    },
    {
      name: "a file that is not UTF-8",
      make: async (path) => await writeFile(path, Buffer.from([0x61, 0xff])),
      code: "POLICY_YAML",
      message: /^is not valid UTF-8$/,
    },
    {
      name: "a file that is too large",
      make: async (path) => {
        await writeFile(path, "");
        await truncate(path, maxFileBytes + 1);
      },
      code: "POLICY_TOO_LARGE",
      message: /^is larger than 16777216 bytes$/,
    },
  ];
  for (const { name, make, code, message } of cases) {
    test(name, async () => {
      await make(join(folder, "bad.yaml"));
      const { snapshot, diagnostics } = await readPolicyFiles([folder]);
      assert.equal(snapshot, undefined);
      const [fault, ...others] = diagnostics;
      assert.deepEqual(others, []);
      assert.match(fault?.message ?? "", message);
      assert.equal(fault?.originalText !== undefined, code === "POLICY_NOT_FOUND");
      const { file = "", line, column, severity } = fault ?? {};
      assert.deepEqual(
        [relative(folder, file), fault?.code, severity, line, column],
        ["bad.yaml", code, "error", 0, 0],
      );
    });
  }

  test("a file that is gone by the time it is read", async () => {
    await writeFile(join(folder, "bad.yaml"), "# bad\n");
    const listing = await listPolicyFiles([folder]);
    await rm(join(folder, "bad.yaml"));
    const { snapshot, diagnostics } = await readListing(listing);
    assert.equal(snapshot, undefined);
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      ["POLICY_NOT_FOUND"],
    );
  });

  test("a file that is a folder by the time it is read", async () => {
    await writeFile(join(folder, "bad.yaml"), "# bad\n");
    const listing = await listPolicyFiles([folder]);
    await rm(join(folder, "bad.yaml"));
    await mkdir(join(folder, "bad.yaml"));
    const { snapshot, diagnostics } = await readListing(listing);
    assert.equal(snapshot, undefined);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message]),
      [["POLICY_UNREADABLE", "cannot be read (EISDIR)"]],
    );
  });

  test("files and folders without permission", async () => {
    await chmod(folder, 0o755);
    await writeFile(join(folder, "bad.yaml"), "# bad\n");
    await chmod(join(folder, "bad.yaml"), 0);
    await mkdir(join(folder, "closed"));
    await chmod(join(folder, "closed"), 0);
    const { snapshot, diagnostics } = await asNobody(async () => await readPolicyFiles([folder]));
    await chmod(join(folder, "closed"), 0o700);
    assert.equal(snapshot, undefined);
    assert.deepEqual(
      diagnostics.map(({ code, file, message }) => [code, relative(folder, file), message]),
      ["closed", "bad.yaml"].map((name) => ["POLICY_UNREADABLE", name, "cannot be read (EACCES)"]),
    );
  });

  test("a pipe that is named outright", async () => {
    const pipe = join(folder, "pipe");
    assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
    const { snapshot, diagnostics } = await readPolicyFiles([join(folder, "good.yaml"), pipe]);
    assert.equal(snapshot, undefined);
    assert.deepEqual(
      diagnostics.map(({ code, message }) => [code, message]),
      [["POLICY_UNREADABLE", "is neither a file nor a folder"]],
    );
    // In a folder it is somebody else's.
    assert.equal((await readPolicyFiles([folder])).snapshot?.files.length, 1);
  });
});

test("a file of the largest size is read, and all faults are told", async () => {
  await truncate(join(folder, "good.yaml"), 16_777_216);
  assert.equal((await readPolicyFiles([folder])).snapshot?.files[0]?.text.length, 16_777_216);
  await symlink("nowhere", join(folder, "a.yaml"));
  await writeFile(join(folder, "b.yaml"), Buffer.from([0xff]));
  const { diagnostics } = await readPolicyFiles([folder, join(folder, "missing")]);
  assert.deepEqual(
    diagnostics.map(({ code, file }) => [code, relative(folder, file)]),
    [
      ["POLICY_NOT_FOUND", "a.yaml"],
      ["POLICY_NOT_FOUND", "missing"],
      ["POLICY_YAML", "b.yaml"],
    ],
  );
});

test("what the original called with when a path was missing is told", async () => {
  await symlink("nowhere", join(folder, "a.yaml"));
  const missing = join(folder, "missing");
  const { diagnostics } = await readPolicyFiles([
    join(folder, "a.yaml"),
    missing,
    join(folder, "good.yaml", "x"),
  ]);
  assert.deepEqual(
    diagnostics.map(({ originalText }) => originalText),
    [
      `open ${join(folder, "a.yaml")}: no such file or directory`,
      `lstat ${missing}: no such file or directory`,
      `lstat ${join(folder, "good.yaml", "x")}: no such file or directory`,
    ],
  );
});

test("a byte order mark and line ends reach the reader as they are", async () => {
  await writeFile(join(folder, "good.yaml"), "\ufeffa: 1\r\n\u2028");
  assert.equal((await readPolicyFiles([folder])).snapshot?.files[0]?.text, "\ufeffa: 1\r\n\u2028");
});

function revision(...files: readonly (readonly [string, string])[]): string {
  return createSnapshot(files.map(([path, text]) => ({ path, text }))).revision;
}

test("a revision tells paths, texts and order from one another, and files do not say what was removed", async () => {
  const revisions = [
    revision(),
    revision(["a", "b"]),
    revision(["b", "a"]),
    revision(["a", "b"], ["b", "a"]),
    revision(["b", "a"], ["a", "b"]),
    revision(["ab", ""]),
    revision(["a", "b\n"]),
  ];
  assert.equal(new Set(revisions).size, revisions.length);
  assert.equal(
    revision(["a", "b"]),
    createHash("sha256").update('["a","b"]').digest("hex").slice(0, 12),
  );
  const { removalIsExplicit } = await readPolicyFiles([folder]);
  assert.equal(removalIsExplicit, false);
  assert.equal((await readPolicyFiles([join(folder, "x")])).removalIsExplicit, false);
});

test("files of several paths come in the order of the paths, each once", async () => {
  await mkdir(join(folder, "b"));
  await writeFile(join(folder, "b", "x.yaml"), "x");
  await mkdir(join(folder, "a"));
  await writeFile(join(folder, "a", "y.yaml"), "y");
  const paths = [join(folder, "b"), folder, join(folder, "b", "x.yaml")];
  const { snapshot } = await readPolicyFiles(paths);
  assert.deepEqual(
    snapshot?.files.map(({ path, text }) => [relative(folder, path), text]),
    [
      ["b/x.yaml", "x"],
      ["a/y.yaml", "y"],
      ["good.yaml", "# good\n"],
    ],
  );
});

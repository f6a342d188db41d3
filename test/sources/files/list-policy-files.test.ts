import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { describeFault, listPolicyFiles } from "../../../src/sources/files/list-policy-files.ts";
import { readPolicyFiles } from "../../../src/sources/files/read-policy-files.ts";

suite("listPolicyFiles", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ostiary-store-"));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  const write = async (path: string): Promise<void> => {
    await mkdir(join(folder, path, ".."), { recursive: true });
    await writeFile(join(folder, path), `# ${path}\n`);
  };
  const list = async (...paths: readonly string[]): Promise<string[]> => {
    const { files, diagnostics } = await listPolicyFiles(paths.map((path) => join(folder, path)));
    assert.deepEqual(diagnostics, []);
    return files.map(({ path }) => relative(folder, path));
  };

  test("takes yaml, yml and json at any depth, in the order of their names", async () => {
    for (const path of [
      "b.yml",
      "a/z.yaml",
      "a/y.JSON",
      "README.md",
      "c.txt",
      ".yaml",
      "..h.yaml",
    ]) {
      await write(path);
    }
    assert.deepEqual(await list("."), ["..h.yaml", ".yaml", "a/y.JSON", "a/z.yaml", "b.yml"]);
  });

  test("takes a file named outright whatever its name, in the order given", async () => {
    await write("b.policy");
    await write("a.yaml");
    assert.deepEqual(await list("b.policy", "a.yaml", "a.yaml"), ["b.policy", "a.yaml"]);
  });

  test("reads a mounted ConfigMap folder once", async () => {
    await write("..2026_11_23/policy.yaml");
    await symlink("..2026_11_23", join(folder, "..data"));
    await symlink("..data/policy.yaml", join(folder, "policy.yaml"));
    assert.deepEqual(await list("."), ["policy.yaml"]);
  });

  test("follows links to folders once and does not loop", async () => {
    await write("real/a.yaml");
    await symlink("real", join(folder, "link"));
    await symlink("..", join(folder, "real", "up"));
    assert.deepEqual(await list("link", "."), ["link/a.yaml"]);
  });

  test("reports every path that is missing or dangling", async () => {
    await symlink("nowhere.yaml", join(folder, "dangling.yaml"));
    const { snapshot, diagnostics } = await readPolicyFiles([folder, join(folder, "missing")]);
    assert.equal(snapshot, undefined);
    assert.deepEqual(
      diagnostics.map(({ code, file }) => [code, relative(folder, file)]),
      [
        ["POLICY_NOT_FOUND", "dangling.yaml"],
        ["POLICY_NOT_FOUND", "missing"],
      ],
    );
  });

  test("refuses a file that is not UTF-8", async () => {
    await writeFile(join(folder, "a.yaml"), Buffer.from([0x61, 0xff]));
    const { snapshot, diagnostics } = await readPolicyFiles([folder]);
    assert.equal(snapshot, undefined);
    assert.equal(diagnostics[0]?.code, "POLICY_YAML");
  });

  test("gives the same revision for the same content only", async () => {
    await write("a.yaml");
    const first = await readPolicyFiles([folder]);
    const again = await readPolicyFiles([folder]);
    await writeFile(join(folder, "a.yaml"), "other");
    const changed = await readPolicyFiles([folder]);
    assert.equal(first.snapshot?.revision, again.snapshot?.revision);
    assert.notEqual(first.snapshot?.revision, changed.snapshot?.revision);
    assert.match(String(first.snapshot?.revision), /^[0-9a-f]{12}$/);
  });

  test("orders names as JavaScript does, wherever the file system is of another mind", async () => {
    for (const name of ["\uff5e.yaml", "\u{1f600}.yaml", "B.yaml", "a.yaml"]) await write(name);
    assert.deepEqual(await list("."), ["B.yaml", "a.yaml", "\u{1f600}.yaml", "\uff5e.yaml"]);
  });

  test("passes over names that only begin like one of a policy", async () => {
    for (const name of ["a.yaml.bak", ".yamlx", "yaml", "a.json5", "b.yaml~"]) await write(name);
    assert.deepEqual(await list("."), []);
  });

  test("tells once that there are too many files, and takes no more", async () => {
    for (const name of ["a.yaml", "b.yaml", "c.yaml", "d.yaml"]) await write(name);
    const { files, diagnostics } = await listPolicyFiles([folder], 2);
    assert.deepEqual(
      files.map(({ path }) => relative(folder, path)),
      ["a.yaml", "b.yaml"],
    );
    assert.deepEqual(
      diagnostics.map(({ code, file, message }) => [code, relative(folder, file), message]),
      [["POLICY_TOO_LARGE", "c.yaml", "there are more than 2 policy files"]],
    );
    assert.deepEqual((await listPolicyFiles([folder], 4)).diagnostics, []);
  });

  test("changes a file's signature with its name, place, size and times", async () => {
    await write("a.yaml");
    const signature = async (): Promise<string | undefined> =>
      (await listPolicyFiles([folder])).files[0]?.signature;
    const first = await signature();
    assert.equal(await signature(), first);
    await utimes(join(folder, "a.yaml"), 1, 1);
    const older = await signature();
    await writeFile(join(folder, "a.yaml"), "longer than before");
    await utimes(join(folder, "a.yaml"), 1, 1);
    assert.equal(new Set([first, older, await signature()]).size, 3);
  });
});

test("a fault without a code of the system's is told as one", () => {
  for (const fault of [new Error("odd"), "odd", { code: "ENOENT" }, undefined, null]) {
    const { code, message } = describeFault("a.yaml", fault);
    assert.deepEqual([code, message], ["POLICY_UNREADABLE", "cannot be read (unknown reason)"]);
  }
  for (const code of ["ENOENT", "ENOTDIR"]) {
    const fault = describeFault("a.yaml", Object.assign(new Error("odd"), { code }));
    assert.deepEqual(fault.code, "POLICY_NOT_FOUND");
  }
});

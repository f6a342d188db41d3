import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";

const folder = mkdtempSync(join(tmpdir(), "ostiary-lines-"));
const fixture = fileURLToPath(new URL("fixtures/write-lines.ts", import.meta.url));

/** A process with a writer of its standard error, which is whatever the test makes it. */
class Writing {
  readonly child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(t: TestContext, child: ChildProcess) {
    this.child = child;
    t.after(() => child.kill("SIGKILL"));
    this.#answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /** Has it write so many lines of so many letters; resolves with how many lines it has dropped so far. */
  async write(count: number, letter: string, length: number): Promise<number> {
    this.child.stdin!.write(`${count} ${letter} ${length}\n`);
    const { value } = await this.#answers.next();
    return Number(value);
  }
}

function startWriting(t: TestContext, stderr: "pipe" | number): Writing {
  return new Writing(t, spawn(process.execPath, [fixture], { stdio: ["pipe", "pipe", stderr] }));
}

test("a full device drops lines, counts them, and harms nobody", async (t) => {
  const writing = startWriting(t, openSync("/dev/full", "w"));
  assert.equal(await writing.write(1, "x", 10), 1);
  assert.equal(await writing.write(5, "x", 100_000), 6);
});

test("a reader that is gone drops lines, counts them, and harms nobody", async (t) => {
  const writing = startWriting(t, "pipe");
  assert.equal(await writing.write(1, "x", 10), 0);
  writing.child.stderr!.destroy();
  assert.equal(await writing.write(3, "x", 10), 3);
  assert.equal(await writing.write(2, "x", 200_000), 5);
});

test("a reader that stalls costs a bounded number of bytes and no time; what waits is read later", async (t) => {
  const writing = startWriting(t, "pipe");
  // Nobody reads: a pipe takes 64 KiB, 1 MiB waits, the rest is dropped.
  await writing.write(4_000, "x", 999);
  const dropped = await writing.write(4_000, "x", 999);
  assert.ok(dropped > 6_000 && dropped < 7_000, `${dropped}`);
  const written = 8_000 - dropped;
  assert.equal(await writing.write(10, "y", 10), dropped + 10);
  let text = "";
  writing.child.stderr!.on("data", (chunk: Buffer) => (text += chunk.toString()));
  for (let i = 0; i < 200 && text.length < written * 1_000; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(text.split("\n").length - 1, written);
  assert.equal(await writing.write(1, "z", 10), dropped + 10);
  assert.ok(text.split("\n").every((line) => ["", "x".repeat(999), "z".repeat(10)].includes(line)));
});

test("once there is room on the disk again lines are written again, each on a line of its own", async (t) => {
  const file = join(folder, "full.log");
  // A limit on the size of files fails as a full disk does: after part of a line.
  const shell = `trap "" XFSZ; ulimit -f 1; exec "$0" "$1" 2>>"$2"`;
  const child = spawn("bash", ["-c", shell, process.execPath, fixture, file], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const writing = new Writing(t, child);
  assert.equal(await writing.write(1, "a", 699), 0);
  assert.equal(await writing.write(1, "b", 699), 1);
  assert.equal(await writing.write(1, "c", 10), 2);
  const full = readFileSync(file, "utf8");
  assert.equal(full, `${"a".repeat(699)}\n${"b".repeat(324)}`);
  truncateSync(file, 710);
  assert.equal(await writing.write(1, "d", 10), 2);
  assert.equal(await writing.write(1, "e", 10), 2);
  const tail = `${"b".repeat(10)}\n${"d".repeat(10)}\n${"e".repeat(10)}\n`;
  assert.equal(readFileSync(file, "utf8"), `${"a".repeat(699)}\n${tail}`);
});

test("a stream that is not open takes lines and gives nothing", async (t) => {
  const shell = `exec "$0" "$1" 2>&-`;
  const child = spawn("bash", ["-c", shell, process.execPath, fixture], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const writing = new Writing(t, child);
  assert.ok((await writing.write(3, "x", 10)) <= 3);
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
});

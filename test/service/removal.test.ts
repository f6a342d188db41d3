import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";

/** A policy that lets only this method through, whatever else asks. */
const policy = (name: string, method: string): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: ${name} }
spec:
  rules:
    - name: r
      assert: { all: [{ message: ${name}, check: { request: { http: { (method == '${method}'): true } } } }] }
`;

/** A server over a folder of files, and what a test wants to know of it. */
class Operated {
  readonly folder: string;
  readonly server: ChildServer;
  #seen = 0;

  private constructor(folder: string, server: ChildServer) {
    this.folder = folder;
    this.server = server;
  }

  static async start(
    t: TestContext,
    files: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): Promise<Operated> {
    const folder = mkdtempSync(join(tmpdir(), "ostiary-removal-"));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return await Operated.over(t, folder, ...args);
  }

  static async over(t: TestContext, folder: string, ...args: readonly string[]): Promise<Operated> {
    const server = await startOstiary([
      `--policy=${folder}`,
      "--http-address=127.0.0.1:0",
      "--http-form=direct",
      "--workers=0",
      ...(args.some((arg) => arg.startsWith("--reload")) ? [] : ["--reload-interval-ms=40"]),
      ...args,
    ]);
    t.after(async () => await server.stop());
    return new Operated(folder, server);
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Puts back what was there, and nothing else. */
  restore(files: Readonly<Record<string, string>>): void {
    for (const name of readdirSync(this.folder)) rmSync(join(this.folder, name));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  signal(name: NodeJS.Signals): void {
    this.server.process.kill(name);
  }

  /** Waits for a line of the log that came after those waited for before. */
  async next(pattern: RegExp): Promise<string> {
    const from = this.#seen;
    for (const end = Date.now() + 20_000; Date.now() < end; ) {
      const found = pattern.exec(this.server.output().slice(from));
      if (found !== null) {
        this.#seen = from + found.index + found[0].length;
        return found[0];
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`no ${pattern} in:\n${this.server.output().slice(from)}`);
  }

  async admin(path: string): Promise<{ status: number; text: string }> {
    const response = await fetch(`http://127.0.0.1:${doorPort(this.server, "admin")}${path}`);
    return { status: response.status, text: await response.text() };
  }

  /** The verdicts on GET, POST and PUT. */
  async verdicts(): Promise<readonly number[]> {
    const statuses: number[] = [];
    for (const method of ["GET", "POST", "PUT"]) {
      const url = `http://127.0.0.1:${doorPort(this.server, "http")}/`;
      statuses.push((await fetch(url, { method })).status);
    }
    return statuses;
  }

  async metric(name: string): Promise<string | undefined> {
    const { text } = await this.admin("/metrics");
    return new RegExp(`^${name.replace(/[{}]/g, "\\$&")} (.*)$`, "m").exec(text)?.[1];
  }
}

const held = /error policies not loaded: some that serve are gone.*\n/;
const two = {
  "a.yaml": policy("a", "GET"),
  "b.yaml": `${policy("b", "GET")}---${policy("c", "GET")}`,
};

test("a policy that is gone from all files goes on serving until somebody confirms", async (t) => {
  const ways: readonly { name: string; act: (o: Operated) => void; removed: string }[] = [
    { name: "its file is deleted", act: (o) => rmSync(join(o.folder, "a.yaml")), removed: "a" },
    {
      name: "its file is renamed to a name that is not read",
      act: (o) => renameSync(join(o.folder, "a.yaml"), join(o.folder, "a.yaml.bak")),
      removed: "a",
    },
    {
      name: "its file holds nothing but comments",
      act: (o) => o.write("a.yaml", "# a\n"),
      removed: "a",
    },
    {
      name: "its file was cut at the separator",
      act: (o) => o.write("b.yaml", policy("b", "GET")),
      removed: "c",
    },
    {
      name: "it has another name now",
      act: (o) => o.write("a.yaml", policy("z", "GET")),
      removed: "a",
    },
    {
      name: "the folder is empty",
      act: (o) => ["a.yaml", "b.yaml"].forEach((name) => rmSync(join(o.folder, name))),
      removed: "a, b, c",
    },
  ];
  const operated = await Operated.start(t, two);
  const { revision } = JSON.parse((await operated.admin("/policies")).text);
  for (const [index, { name, act, removed }] of ways.entries()) {
    await t.test(name, async () => {
      act(operated);
      const line = await operated.next(held);
      const names = removed.split(", ");
      assert.ok(
        line.includes(names.length > 1 ? `removed="${removed}" ` : `removed=${removed} `),
        line,
      );
      assert.deepEqual(await operated.verdicts(), [200, 403, 403]);
      assert.equal(await operated.metric("ostiary_policy_removals_held"), String(names.length));
      assert.equal(await operated.metric("ostiary_policy_last_load_success"), "0");
      assert.equal(
        await operated.metric('ostiary_policy_loads_total{result="held"}'),
        String(index + 1),
      );
      assert.equal(await operated.metric("ostiary_policies_loaded"), "3");
      const ready = await operated.admin("/readyz?verbose");
      assert.equal(ready.status, 200);
      const check = `[!]files: held back until SIGUSR2: would remove ${removed}\n`;
      assert.ok(ready.text.includes(check), ready.text);
      const listed = JSON.parse((await operated.admin("/policies")).text);
      assert.deepEqual([listed.policies, listed.revision], [["a", "b", "c"], revision]);
      assert.deepEqual(listed.held.removed, names);
      operated.restore(two);
      await operated.next(/info {2}policies loaded .*\n/);
    });
  }
});

test("an emptied file is an error that no confirmation covers", async (t) => {
  const operated = await Operated.start(t, two);
  operated.write("a.yaml", "");
  await operated.next(/error POLICY_EMPTY: /);
  await operated.next(/error policies not loaded serving=/);
  operated.signal("SIGUSR2");
  await operated.next(/warn  nothing to confirm/);
  assert.deepEqual(JSON.parse((await operated.admin("/policies")).text).policies, ["a", "b", "c"]);
  assert.match((await operated.admin("/readyz?verbose")).text, /^\[!\]files: refused: faults=1$/m);
});

test("moved and edited policies are no loss", async (t) => {
  const operated = await Operated.start(t, two);
  const moves: readonly (() => void)[] = [
    () => operated.write("b.yaml", `${policy("c", "POST")}---${policy("b", "POST")}`),
    () => renameSync(join(operated.folder, "a.yaml"), join(operated.folder, "d.yml")),
    // Copied first, deleted afterwards: for a while there are two of one name.
    () => operated.write("e.yaml", two["a.yaml"]),
    () => rmSync(join(operated.folder, "d.yml")),
    () => {
      mkdirSync(join(operated.folder, "sub"));
      renameSync(join(operated.folder, "e.yaml"), join(operated.folder, "sub", "e.yaml"));
    },
  ];
  for (const move of moves) {
    move();
    await operated.next(/info {2}policies loaded .*\n/);
  }
  assert.doesNotMatch(operated.server.output(), /are gone/);
});

test("the whole reload waits, later edits with it, and all is well once the policy is back", async (t) => {
  const operated = await Operated.start(t, two);
  rmSync(join(operated.folder, "a.yaml"));
  await operated.next(held);
  operated.write("b.yaml", `${policy("b", "POST")}---${policy("c", "POST")}`);
  await operated.next(held);
  assert.deepEqual(await operated.verdicts(), [200, 403, 403]);
  // Reading again confirms nothing.
  operated.signal("SIGHUP");
  await operated.next(held);
  assert.deepEqual(await operated.verdicts(), [200, 403, 403]);
  operated.write("a.yaml", policy("a", "POST"));
  await operated.next(/info {2}policies loaded /);
  assert.deepEqual(await operated.verdicts(), [403, 200, 403]);
  assert.equal(await operated.metric("ostiary_policy_removals_held"), "0");
  assert.equal(await operated.metric("ostiary_policy_last_load_success"), "1");
  assert.match((await operated.admin("/readyz?verbose")).text, /^\[\+\]files: in service$/m);
});

test("going back to the same bytes clears a removal that is held back, and a failed load", async (t) => {
  const operated = await Operated.start(t, two);
  const { text: before } = await operated.admin("/policies");
  for (const bad of ["# nothing\n", "nonsense: [", ""]) {
    operated.write("a.yaml", bad);
    await operated.next(/error policies not loaded.*\n/);
    assert.equal(await operated.metric("ostiary_policy_last_load_success"), "0");
    operated.write("a.yaml", two["a.yaml"]);
    await operated.next(/info {2}policies loaded /);
    assert.equal(await operated.metric("ostiary_policy_last_load_success"), "1");
    assert.equal(await operated.metric("ostiary_policy_removals_held"), "0");
    assert.equal((await operated.admin("/policies")).text, before);
    operated.signal("SIGUSR2");
    await operated.next(/warn  nothing to confirm/);
  }
});

test("SIGUSR2 confirms what was announced, and a removal that nobody has seen waits for its own", async (t) => {
  const operated = await Operated.start(t, two, "--reload-interval-ms=0");
  rmSync(join(operated.folder, "a.yaml"));
  operated.signal("SIGHUP");
  await operated.next(held);
  // Another one goes, and nobody was told: the confirmation is for the first alone.
  rmSync(join(operated.folder, "b.yaml"));
  operated.signal("SIGUSR2");
  await operated.next(/info {2}policies loaded .*policies=2 removed=a\n/);
  operated.signal("SIGHUP");
  await operated.next(/removed="b, c"/);
  assert.deepEqual(JSON.parse((await operated.admin("/policies")).text).policies, ["b", "c"]);
  operated.signal("SIGUSR2");
  await operated.next(/error no policy is left: every request is denied .*removed="b, c"/);
  assert.deepEqual(await operated.verdicts(), [403, 403, 403]);
  assert.equal((await operated.admin("/readyz")).status, 503);
  assert.equal(await operated.metric("ostiary_policies_loaded"), "0");
  assert.match((await operated.admin("/readyz?verbose")).text, /^\[-\]policies: 0, revision/m);
  assert.equal((await operated.admin("/health")).status, 200);
});

test("--allow-removal takes policies away at once, and a restart serves what is there", async (t) => {
  const operated = await Operated.start(t, two, "--allow-removal");
  rmSync(join(operated.folder, "a.yaml"));
  await operated.next(/info {2}policies loaded .*removed=a/);
  operated.write("b.yaml", "");
  await operated.next(/error POLICY_EMPTY: /);
  assert.deepEqual(JSON.parse((await operated.admin("/policies")).text).policies, ["b", "c"]);
  operated.write("b.yaml", policy("b", "POST"));
  await operated.next(/info {2}policies loaded .*removed=c/);
  const again = await Operated.over(t, operated.folder);
  assert.deepEqual(await again.verdicts(), [403, 200, 403]);
});

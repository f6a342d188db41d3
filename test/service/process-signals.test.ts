import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { doorPort, startOstiary } from "../support/child-server.ts";
import { findCommand, requireTool } from "../support/find-command.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-signals-"));
const policy = join(folder, "a.yaml");
const text = (method: string): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: a }
spec: { rules: [{ name: r, assert: { all: [{ check: { request: { http: { method: ${method} } } } }] } }] }
`;
writeFileSync(policy, text("GET"));

const socket = join(folder, "door.sock");
const serve: readonly string[] = [
  "src/main.ts",
  "serve",
  `--policy=${policy}`,
  `--address=unix://${socket}`,
  "--admin-address=127.0.0.1:0",
  "--workers=1",
];

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** Resolves with how the process ended; after 20 s it is killed. */
async function ending(t: TestContext, child: ChildProcess): Promise<Ended> {
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const timer = setTimeout(() => child.kill("SIGKILL"), 20_000);
  t.after(() => child.kill("SIGKILL"));
  const [code, signal] = await once(child, "close");
  clearTimeout(timer);
  return { code, signal, output };
}

suite("a signal to end that comes while the server starts ends it, whenever that is", () => {
  // Some of these are before Node has run our first line, most are while modules load, some may be after `ready`.
  for (const delayMs of [0, 50, 150, 300, 600]) {
    test(`SIGTERM after ${delayMs} ms`, async (t) => {
      const child = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "pipe"] });
      const end = ending(t, child);
      await sleep(delayMs);
      child.kill("SIGTERM");
      const { code, signal, output } = await end;
      const wasReady = /^ready/m.test(output);
      const want = wasReady ? [0, null] : signal === null ? [143, null] : [null, "SIGTERM"];
      assert.deepEqual([code, signal], want, output);
      assert.ok(!existsSync(socket), "the socket is left behind");
    });
  }

  for (const [name, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    test(`${name} once a door is open and before it is ready: ${code}`, async (t) => {
      const child = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.once("data", () => child.kill(name));
      const ended = await ending(t, child);
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, new RegExp(`ended while starting signal=${name}`));
      assert.doesNotMatch(ended.output, /^ready/m);
      assert.ok(!existsSync(socket), "the socket is left behind");
    });
  }
});

test("signals that only mean something to a running server do not end one that starts", async (t) => {
  const child = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const end = ending(t, child);
  child.stdout.once("data", () => {
    for (const name of ["SIGHUP", "SIGUSR2", "SIGUSR1"] as const) child.kill(name);
  });
  for (let i = 0; i < 2_000 && !/^ready/m.test(output); i++) await sleep(10);
  // The hangup is not forgotten: files may have changed since they were read.
  for (let i = 0; i < 500 && !/policies loaded/.test(output); i++) await sleep(10);
  child.kill("SIGTERM");
  const ended = await end;
  assert.equal(ended.code, 0);
  assert.match(ended.output, /policies loaded/);
});

const unshare = requireTool(findCommand("unshare", "util-linux"));
const namespace = [
  ...(process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"]),
  "--pid",
  "--fork",
  "--kill-child",
];
const mayUnshare = spawnSync(unshare.path, [...namespace, "true"]).status === 0;
const skip = unshare.skip || (mayUnshare ? false : "this user may make no PID namespace");

suite("as the first process of a container", { skip }, () => {
  const moments = [
    { name: "while it starts", line: /^listening/m, code: 143, want: /ended while starting/ },
    { name: "when it is ready", line: /^ready/m, code: 0, want: /draining/ },
  ];
  for (const { name, line, code, want } of moments) {
    test(`SIGTERM ${name} ends it`, async (t) => {
      const command = [...namespace, process.execPath, ...serve];
      const child = spawn(unshare.path, command, { stdio: ["ignore", "pipe", "pipe"] });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        const isNew = !line.test(output);
        output += chunk.toString();
        if (isNew && line.test(output)) process.kill(onlyChildOf(child), "SIGTERM");
      });
      const ended = await ending(t, child);
      assert.equal(ended.code, code, ended.output);
      assert.match(ended.output, want);
    });
  }
});

/** The process that `unshare` started, by the PID that it has here. */
function onlyChildOf({ pid }: ChildProcess): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim());
}

test("a second signal ends a drain at once, with code 1", async (t) => {
  const server = await startOstiary([
    `--policy=${policy}`,
    "--workers=0",
    "--drain-ms=60000",
    "--http-address=127.0.0.1:0",
    "--http-form=direct",
  ]);
  t.after(async () => await server.stop());
  // The drain waits for a request whose body does not come.
  const client = connect(doorPort(server, "http"), "127.0.0.1");
  client.on("error", () => {});
  client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  await once(client, "data");
  const exited = once(server.process, "exit");
  server.process.kill("SIGTERM");
  await server.waitFor(/draining/);
  server.process.kill("SIGTERM");
  assert.deepEqual(await exited, [1, null]);
  client.destroy();
});

test("1,000 hangups are a handful of readings, and the last edit before them serves", async (t) => {
  const path = join(folder, "hangups.yaml");
  writeFileSync(path, text("GET"));
  const server = await startOstiary([
    `--policy=${path}`,
    "--workers=1",
    "--reload-interval-ms=0",
    "--http-address=127.0.0.1:0",
    "--http-form=direct",
  ]);
  t.after(async () => await server.stop());
  const url = `http://127.0.0.1:${doorPort(server, "http")}/`;
  assert.equal((await fetch(url)).status, 200);
  writeFileSync(path, text("POST"));
  for (let i = 0; i < 1_000; i++) {
    server.process.kill("SIGHUP");
    if (i % 50 === 0) await sleep(1);
  }
  for (let i = 0; i < 2_000 && (await fetch(url)).status === 200; i++) await sleep(10);
  assert.equal((await fetch(url)).status, 403);
  await sleep(300);
  const loads = server.output().match(/policies loaded/g)?.length ?? 0;
  assert.ok(loads >= 1 && loads <= 50, `${loads} loads`);
  assert.equal(await server.stop(), 0);
});

test("SIGUSR1 opens no debugger", async (t) => {
  const server = await startOstiary([`--policy=${policy}`, "--workers=0"]);
  t.after(async () => await server.stop());
  server.process.kill("SIGUSR1");
  await server.waitFor(/warn {2}SIGUSR1 does nothing here/);
  assert.doesNotMatch(server.output(), /Debugger listening/);
});

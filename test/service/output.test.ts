import assert from "node:assert/strict";
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { constants, mkdtempSync, openSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startChild } from "../support/child-server.ts";
import { freePort } from "../support/start-envoy.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-output-"));
const text = (method: string): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: a }
spec: { rules: [{ name: r, assert: { all: [{ check: { request: { http: { method: ${method} } } } }] } }] }
`;

/** A server whose ports are known beforehand, since it may not be able to tell them. */
class Silent {
  readonly child: ChildProcess;
  readonly policy: string;
  readonly #http: number;
  readonly #admin: number;

  private constructor(child: ChildProcess, policy: string, http: number, admin: number) {
    this.child = child;
    this.policy = policy;
    this.#http = http;
    this.#admin = admin;
  }

  static async start(t: TestContext, stdio: StdioOptions): Promise<Silent> {
    const [http, admin] = [await freePort(), await freePort()];
    const policy = join(mkdtempSync(join(folder, "policy-")), "a.yaml");
    writeFileSync(policy, text("GET"));
    const args = [
      "src/main.ts",
      "serve",
      `--policy=${policy}`,
      "--address=127.0.0.1:0",
      `--admin-address=127.0.0.1:${admin}`,
      `--http-address=127.0.0.1:${http}`,
      "--http-form=direct",
      "--reload-interval-ms=0",
      "--workers=1",
    ];
    const child = spawn(process.execPath, args, { stdio });
    t.after(() => child.kill("SIGKILL"));
    const server = new Silent(child, policy, http, admin);
    await server.until("/readyz", ({ status }) => status === 200);
    return server;
  }

  async until(
    path: string,
    isWanted: (answer: { status: number; text: string }) => boolean,
  ): Promise<void> {
    for (let i = 0; i < 1_000; i++) {
      try {
        const response = await fetch(`http://127.0.0.1:${this.#admin}${path}`);
        if (isWanted({ status: response.status, text: await response.text() })) return;
      } catch (error) {
        // Not listening yet.
        assert.equal(this.child.exitCode, null, String(error));
      }
      await sleep(20);
    }
    throw new Error(`${path} never became as wanted`);
  }

  async status(): Promise<number> {
    return (await fetch(`http://127.0.0.1:${this.#http}/`)).status;
  }
}

function full(): number {
  return openSync("/dev/full", "w");
}

/** The writing end of a pipe that takes nothing more, and that nobody reads. */
function fullPipe(): number {
  const path = join(mkdtempSync(join(folder, "pipe-")), "fifo");
  assert.equal(spawnSync("mkfifo", [path]).status, 0);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  const isFull = (): boolean => {
    try {
      return writeSync(pipe, "x".repeat(1_000)) === 0;
    } catch (error) {
      assert.match(String(error), /EAGAIN/);
      return true;
    }
  };
  while (!isFull());
  return pipe;
}

const badPolicy = "- [".repeat(10);

suite("a server whose output cannot be written reloads, answers, drains, and counts what it could not say", () => {
  const cases: readonly {
    name: string;
    stdio: () => StdioOptions;
    prepare?: (c: ChildProcess) => void;
  }[] = [
    { name: "full disk", stdio: () => ["ignore", full(), full()] },
    {
      name: "reader gone",
      stdio: () => ["ignore", "pipe", "pipe"],
      prepare: ({ stdout, stderr }) => [stdout, stderr].forEach((stream) => stream?.destroy()),
    },
    { name: "full pipe", stdio: () => ["ignore", fullPipe(), fullPipe()] },
  ];
  for (const { name, stdio, prepare } of cases) {
    test(name, async (t) => {
      const server = await Silent.start(t, stdio());
      prepare?.(server.child);
      writeFileSync(server.policy, badPolicy);
      server.child.kill("SIGHUP");
      await server.until("/metrics", ({ text: metrics }) =>
        /^ostiary_policy_last_load_success 0$/m.test(metrics),
      );
      assert.equal(await server.status(), 200);
      if (name !== "full pipe") {
        await server.until("/metrics", ({ text: metrics }) =>
          /^ostiary_log_lines_dropped_total\{stream="stderr"\} [1-9]/m.test(metrics),
        );
      }
      writeFileSync(server.policy, text("POST"));
      server.child.kill("SIGHUP");
      await server.until("/metrics", ({ text: metrics }) =>
        /^ostiary_policy_last_load_success 1$/m.test(metrics),
      );
      assert.equal(await server.status(), 403);
      const exited = once(server.child, "exit");
      server.child.kill("SIGTERM");
      assert.deepEqual(await exited, [0, null]);
    });
  }
});

/** An option of Node's that has it warn as soon as our first line has run. */
function warnOnce(warning: string, name: string): string {
  const isOurs = "process.listenerCount('SIGUSR2') > 0";
  const warn = `clearInterval(timer); process.emitWarning('${warning}', '${name}');`;
  return `--import=data:text/javascript,const timer = setInterval(() => { if (${isOurs}) { ${warn} } }, 1)`;
}

test("with --log-format json every line of both streams is one object", async (t) => {
  const policy = join(folder, "json.yaml");
  writeFileSync(policy, text("GET"));
  const env = {
    ...process.env,
    OSTIARY_LOG_FORMAT: "json",
    OSTIARY_POLCY: "x",
    OSTIARY_PORT: "tcp://10.0.0.1:9000",
  };
  const server = startChild(
    process.execPath,
    [
      warnOnce("something odd", "Warning"),
      "src/main.ts",
      "serve",
      `--policy=${policy}`,
      "--reload-interval-ms=0",
      "--workers=1",
      "--address=127.0.0.1:0",
      "--admin-address=127.0.0.1:0",
    ],
    env,
  );
  t.after(async () => await server.stop());
  await server.waitFor(/"message":"ready"/);
  writeFileSync(policy, badPolicy);
  server.process.kill("SIGHUP");
  await server.waitFor(/policies not loaded/);
  await server.stop();
  const lines = server
    .output()
    .trim()
    .split("\n")
    .map((line): Record<string, unknown> => JSON.parse(line));
  const find = (message: string) =>
    lines.filter((line) => String(line["message"]).includes(message));
  assert.deepEqual(
    find("listening").map(({ door }) => door),
    ["admin", "grpc"],
  );
  assert.match(String(find("listening")[1]?.["address"]), /^127\.0\.0\.1:\d+$/);
  const { policies, workers, revision } = find("ready")[0] ?? {};
  assert.deepEqual([policies, workers], [1, 1]);
  assert.match(String(revision), /^[0-9a-f]{12}$/);
  assert.deepEqual(
    find("something odd").map(({ level, warning }) => [level, warning]),
    [["warn", "Warning"]],
  );
  assert.deepEqual(
    find("OSTIARY_").map(({ level, message }) => [level, message]),
    [
      [
        "warn",
        "unknown environment variable `OSTIARY_POLCY` is not heeded; did you mean `OSTIARY_POLICY`?",
      ],
    ],
  );
  const faults = lines.filter(({ code }) => code !== undefined);
  assert.ok(
    faults.every(({ file, line }) => file === policy && line === 1),
    JSON.stringify(faults),
  );
  assert.ok(faults.length > 0);
  assert.ok(
    lines.every(({ time, level }) => typeof time === "string" && typeof level === "string"),
  );
});

test("Node's warnings are lines of the log in text as well", async (t) => {
  const policy = join(folder, "warning.yaml");
  writeFileSync(policy, text("GET"));
  const server = startChild(process.execPath, [
    warnOnce("late", "OddWarning"),
    "src/main.ts",
    "serve",
    `--policy=${policy}`,
    "--workers=0",
    "--address=127.0.0.1:0",
    "--admin-address=127.0.0.1:0",
  ]);
  t.after(async () => await server.stop());
  await server.waitFor(/^\S+Z warn {2}late warning=OddWarning$/m);
  assert.doesNotMatch(server.output(), /\(node:\d+\)/);
});

test("a worker's warnings are lines of the log", async (t) => {
  const policy = join(folder, "worker.yaml");
  writeFileSync(policy, text("GET"));
  // As soon as our own code in the worker has run, which takes away Node's listener.
  const isOurs = "process.listeners('warning').every(({ name }) => name !== 'onWarning')";
  const warn = "clearInterval(timer); process.emitWarning('in a worker', 'OddWarning');";
  const poll = `const timer = setInterval(() => { if (${isOurs}) { ${warn} } }, 1)`;
  const code = `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) { ${poll} }`;
  const server = startChild(process.execPath, [
    `--import=data:text/javascript,${code}`,
    "src/main.ts",
    "serve",
    `--policy=${policy}`,
    "--workers=1",
    "--address=127.0.0.1:0",
    "--admin-address=127.0.0.1:0",
  ]);
  t.after(async () => await server.stop());
  await server.waitFor(/^\S+Z warn {2}in a worker warning=OddWarning$/m);
  assert.doesNotMatch(server.output(), /\(node:\d+\)/);
});

test("the warnings of a command that serves nothing are not lost", async () => {
  const child = startChild(process.execPath, [
    warnOnce("odd", "Warning"),
    "src/main.ts",
    "--version",
  ]);
  const exited = once(child.process, "exit");
  await child.waitFor(/^Warning: odd$/m);
  assert.deepEqual(await exited, [0, null]);
});

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { suite, type TestContext, test } from "node:test";
import { createCommandContext } from "../../src/cli/command-context.ts";
import { runCommand } from "../../src/cli/run-command.ts";
import { takeProcess } from "../../src/service/server-process.ts";
import type { StandardStream } from "../../src/telemetry/line-writer.ts";
import { keptConnection } from "../support/kept-connection.ts";
import { listeningPort } from "../support/listening-port.ts";

/** A standard stream whose text is kept. */
class KeptStream extends PassThrough implements StandardStream {
  // No descriptor of the process that runs the tests.
  readonly fd = -1;
  text = "";
  #fault: string | undefined;

  constructor() {
    super();
    this.on("data", (chunk: Buffer) => {
      this.text += chunk.toString();
      this.emit("text");
    });
  }

  /** Says why nothing more will be written. */
  fail(fault: string): void {
    this.#fault = fault;
    this.emit("text");
  }

  /** Resolves with the first match of what was written, or will be; rejects when that is all. */
  async until(wanted: RegExp): Promise<string> {
    for (;;) {
      const [found] = wanted.exec(this.text) ?? [];
      if (found !== undefined) return found;
      if (this.#fault !== undefined) throw new Error(`no ${wanted}, ${this.#fault}`);
      await new Promise((resolve) => this.once("text", resolve));
    }
  }
}

/** A server in this process, with streams, signals and a clock of its own. */
interface Served {
  readonly stdout: KeptStream;
  readonly stderr: KeptStream;
  readonly clock: { dateMs: number; uptimeMs: number };
  /** What the command came to. */
  readonly code: Promise<number>;
  /** The codes with which the process was ended. */
  readonly exits: readonly number[];
  /** Sends a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Has Node warn. */
  warn(message: string): void;
  /** Resolves with an answer of a door. */
  get(door: "http" | "admin", path: string): Promise<{ status: number; text: string }>;
  /** Resolves with the port of a door. */
  port(door: "http" | "admin"): Promise<number>;
}

const policyOf = (method: string): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: a }
spec: { rules: [{ name: r, assert: { all: [{ check: { request: { http: { method: ${method} } } } }] } }] }
`;

function policyFile(text: string = policyOf("GET")): string {
  const path = join(mkdtempSync(join(tmpdir(), "ostiary-serve-")), "a.yaml");
  writeFileSync(path, text);
  return path;
}

/** Runs `ostiary serve`; a server that is left over is ended with the test. */
function serve(t: TestContext, args: readonly string[]): Served {
  const events = new EventEmitter();
  const [stdout, stderr] = [new KeptStream(), new KeptStream()];
  const clock = { dateMs: Date.UTC(2030, 0, 2, 3, 4, 5, 6), uptimeMs: 1_234.4 };
  const exits: number[] = [];
  const own = takeProcess({
    stdout,
    stderr,
    events,
    clock: { dateMs: () => clock.dateMs, uptimeMs: () => clock.uptimeMs },
    exit: (code) => void exits.push(code),
  });
  const defaults = [
    "--dispatch=inline",
    "--reload-interval-ms=0",
    "--address=127.0.0.1:0",
    "--admin-address=127.0.0.1:0",
    "--http-address=127.0.0.1:0",
    "--http-form=direct",
  ].filter((each) => !args.some((arg) => arg.startsWith(each.slice(0, each.indexOf("=") + 1))));
  const code = runCommand(["serve", ...defaults, ...args], createCommandContext(own, {}));
  // Nobody waits for what an ended server will not write.
  const tellEnd = async (): Promise<void> => {
    const fault = `ended with ${await code}: ${stderr.text}`;
    stdout.fail(fault);
    stderr.fail(fault);
  };
  void tellEnd();
  t.after(async () => {
    events.emit("SIGTERM", "SIGTERM");
    await code;
  });
  const port = async (door: string): Promise<number> => {
    const line = await stdout.until(new RegExp(`listening: ${door} on 127\\.0\\.0\\.1:\\d+`));
    return Number(line.slice(line.lastIndexOf(":") + 1));
  };
  return {
    stdout,
    stderr,
    clock,
    code,
    exits,
    kill: (signal) => void events.emit(signal, signal),
    warn: (message) => void events.emit("warning", new Error(message)),
    port,
    get: async (door, path) => {
      // On a connection of its own: a drain waits for a while for those that are kept.
      const headers = { connection: "close" };
      const response = await fetch(`http://127.0.0.1:${await port(door)}${path}`, { headers });
      return { status: response.status, text: await response.text() };
    },
  };
}

suite("a server with streams, signals and a clock of its own", () => {
  for (const dispatch of ["inline", "pool"]) {
    test(`starts, says that it is ready, answers, drains and ends with 0: ${dispatch}`, async (t) => {
      const server = serve(t, [
        `--policy=${policyFile()}`,
        `--dispatch=${dispatch}`,
        "--workers=1",
      ]);
      const ready = await server.stdout.until(/^ready: .*$/m);
      const where = dispatch === "inline" ? "inline" : "1 worker";
      assert.match(
        ready,
        new RegExp(`^ready: 1 policy \\(revision [0-9a-f]{12}\\), ${where}, 1234 ms$`),
      );
      assert.equal((await server.get("http", "/")).status, 200);
      assert.equal((await server.get("admin", "/readyz")).status, 200);
      const metrics = (await server.get("admin", "/metrics")).text;
      const seconds = server.clock.dateMs / 1_000;
      assert.ok(metrics.includes(`\nostiary_policy_last_load_timestamp_seconds ${seconds}\n`));
      server.kill("SIGTERM");
      assert.equal(await server.code, 0);
      assert.deepEqual(server.exits, [0]);
      assert.match(
        server.stderr.text,
        /^2030-01-02T03:04:05\.006Z info {2}draining graceMs=\d+\n$/m,
      );
    });
  }

  test("tells the time of its own clock in JSON, too", async (t) => {
    const server = serve(t, [`--policy=${policyFile()}`, "--log-format=json"]);
    const line = JSON.parse(await server.stdout.until(/^\{.*"message":"ready".*\}$/m));
    assert.deepEqual([line.time, line.milliseconds], ["2030-01-02T03:04:05.006Z", 1_234]);
  });

  test("reloads at each SIGHUP, and keeps what serves when that fails", async (t) => {
    const policy = policyFile();
    const server = serve(t, [`--policy=${policy}`]);
    await server.stdout.until(/^ready/m);
    assert.equal((await server.get("http", "/")).status, 200);
    writeFileSync(policy, policyOf("POST").replace("check", "chekc"));
    server.kill("SIGHUP");
    await server.stderr.until(/policies not loaded/);
    assert.equal((await server.get("http", "/")).status, 200);
    writeFileSync(policy, policyOf("POST"));
    server.kill("SIGHUP");
    await server.stderr.until(/policies loaded/);
    assert.equal((await server.get("http", "/")).status, 403);
  });

  test("heeds a SIGHUP that comes before it is ready", async (t) => {
    const policy = policyFile();
    const server = serve(t, [`--policy=${policy}`]);
    await server.port("admin");
    writeFileSync(policy, policyOf("POST"));
    server.kill("SIGHUP");
    await server.stdout.until(/^ready/m);
    await server.stderr.until(/policies loaded/);
    assert.equal((await server.get("http", "/")).status, 403);
  });

  test("says that SIGUSR1 does nothing", async (t) => {
    const server = serve(t, [`--policy=${policyFile()}`]);
    await server.stdout.until(/^ready/m);
    server.kill("SIGUSR1");
    await server.stderr.until(/warn {2}SIGUSR1 does nothing here/);
  });

  test("answers what is open while it drains, and a second signal ends it at once with 1", async (t) => {
    const server = serve(t, [`--policy=${policyFile()}`, "--drain-ms=60000"]);
    await server.stdout.until(/^ready/m);
    const kept = keptConnection(await server.port("http"));
    assert.match(await kept.get("/"), /^HTTP\/1\.1 200 /);
    // The drain waits for a request whose body does not come.
    const client = connect(await server.port("http"), "127.0.0.1");
    client.on("error", () => {});
    client.write(
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n",
    );
    await new Promise((resolve) => client.once("data", resolve));
    server.kill("SIGTERM");
    await server.stderr.until(/draining/);
    assert.match(await kept.get("/"), /^HTTP\/1\.1 200 [^]*connection: close/i);
    assert.equal((await server.get("admin", "/readyz")).status, 503);
    assert.deepEqual(server.exits, []);
    server.kill("SIGINT");
    assert.deepEqual(server.exits, [1]);
    // Here the process goes on, and so does the drain.
    client.destroy();
    assert.equal(await server.code, 0);
  });
});

suite("a server that cannot serve", () => {
  for (const [signal, code] of [
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const) {
    test(`ends with ${code} at ${signal} while it starts`, async (t) => {
      const server = serve(t, [`--policy=${policyFile()}`]);
      await server.port("admin");
      server.kill(signal);
      assert.equal(await server.code, code);
      assert.deepEqual(server.exits, [code]);
      assert.match(server.stderr.text, new RegExp(`ended while starting signal=${signal}`));
      assert.doesNotMatch(server.stdout.text, /^ready/m);
    });
  }

  test("ends with 1 where its policy is missing, before any door is open", async (t) => {
    const server = serve(t, ["--policy=/nowhere/a.yaml"]);
    assert.equal(await server.code, 1);
    assert.match(server.stderr.text, /POLICY_NOT_FOUND/);
    assert.equal(server.stdout.text, "");
  });

  test("ends with 1 where a port is taken", async (t) => {
    const taken = createServer();
    t.after(() => taken.close());
    const address = `127.0.0.1:${await listeningPort(taken)}`;
    const server = serve(t, [`--policy=${policyFile()}`, `--address=${address}`]);
    assert.equal(await server.code, 1);
    assert.match(server.stderr.text, /cannot listen on .* for grpc: the address is in use/);
  });

  test("ends with 2 at a usage error, and takes no process down", async (t) => {
    const server = serve(t, ["--polcy=x"]);
    assert.equal(await server.code, 2);
    assert.match(server.stderr.text, /^ostiary serve: unknown option `--polcy`/);
    assert.deepEqual(server.exits, []);
  });
});

test("before any command heeds signals, one ends the process at once", () => {
  const exits: number[] = [];
  const events = new EventEmitter();
  takeProcess({
    stdout: new KeptStream(),
    stderr: new KeptStream(),
    events,
    clock: { dateMs: () => 0, uptimeMs: () => 0 },
    exit: (code) => void exits.push(code),
  });
  events.emit("SIGINT", "SIGINT");
  assert.deepEqual(exits, [130]);
});

test("Node's warnings go to the log, those of before the server as well", async (t) => {
  const server = serve(t, [`--policy=${policyFile()}`]);
  server.warn("early");
  await server.stdout.until(/^ready/m);
  server.warn("late");
  assert.match(
    server.stderr.text,
    /warn {2}early warning=Error\n[^]* warn {2}late warning=Error\n/,
  );
});

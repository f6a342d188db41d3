import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultAdminLimits, defaultHttpLimits } from "../../../src/model/http-limits.ts";
import { type Outcome } from "../../../src/pool/dispatcher.ts";
import { createAdminDoor } from "../../../src/server/http/admin-door.ts";
import { doorPort, startOstiary } from "../../support/child-server.ts";
import { allowed, createFakeDispatcher } from "../../support/fake-dispatcher.ts";
import { freezeTime } from "../../support/freeze-time.ts";
import { firstAnswer, startHttpDoor } from "../../support/http-door.ts";
import { keptConnection } from "../../support/kept-connection.ts";

const megabyte = 1_048_576;
const allowing = () =>
  createFakeDispatcher((done) => {
    done(allowed);
  });

/** Connects, sends the bytes and keeps what comes back; cut when the test ends. */
function opened(port: number, bytes: string | Buffer = ""): { socket: Socket; text: () => string } {
  let text = "";
  const socket = connect(port, "127.0.0.1");
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
  });
  socket.on("error", () => {
    // That it is cut may be what the test is about.
  });
  socket.write(bytes);
  return { socket, text: () => text };
}

const ask = (value: string, lines = ""): string =>
  `POST / HTTP/1.1\r\nHost: h\r\nx-envoy-expected-rq-timeout-ms: ${value}\r\n${lines}\r\n`;

const post = (sent: number): string =>
  `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900\r\n\r\n${"x".repeat(sent)}`;

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await sleep(10);
  assert.ok(isSo());
}

suite("unfinished bodies", () => {
  test("take no more memory than they may, however many there are, and those over it are denied", async () => {
    const server = await startOstiary([
      "--policy=policies/book.yaml",
      "--http-address=127.0.0.1:0",
      "--http-form=direct",
      `--http-max-unfinished-bytes=${16 * megabyte}`,
    ]);
    const port = doorPort(server, "http");
    const residentMb = (): number => {
      const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
    };
    const beforeMb = residentMb();
    const head = `POST /book HTTP/1.1\r\nHost: h\r\nContent-Length: ${megabyte}\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(megabyte - 1, "x")]);
    const clients = Array.from({ length: 200 }, () => opened(port, body));
    const denied = (): number =>
      clients.filter(({ text }) => text().startsWith("HTTP/1.1 403 ")).length;
    await until(() => denied() >= 184);
    const grownMb = residentMb() - beforeMb;
    // What was denied may be sent to its end: nobody is reset.
    assert.ok(clients.every(({ text }) => text() === "" || text().startsWith("HTTP/1.1 403 ")));
    for (const { socket } of clients) socket.destroy();
    assert.equal(await server.stop(), 0);
    assert.match(
      server.output(),
      /a limit of the http door was reached .*127\.0\.0\.1.*--http-max-unfinished-bytes/,
    );
    assert.ok(grownMb < 120, `${grownMb} MB`);
  });

  test("leave their room to others when they end, are answered or are given up", async (t) => {
    const limits = { ...defaultHttpLimits, maxUnfinishedBytes: 1_500 };
    const waiting: ((outcome: Outcome) => void)[] = [];
    const dispatcher = createFakeDispatcher((done) => {
      waiting.push(done);
    });
    const { port, recorder, reached } = await startHttpDoor(t, dispatcher, { limits });
    const unfinished = opened(port, post(899));
    await sleep(50);
    assert.match(await firstAnswer(port, post(900)), /^HTTP\/1\.1 403 [^]*too many requests/);
    assert.deepEqual(recorder.lines, ["started", "http deny POOL_QUEUE_FULL true"]);
    unfinished.socket.destroy();
    await sleep(50);
    // Held until its answer, not only until it is whole.
    const judged = opened(port, post(900));
    await until(() => waiting.length === 1);
    assert.match(await firstAnswer(port, post(900)), /^HTTP\/1\.1 403 /);
    waiting[0]?.(allowed);
    await until(() => judged.text().startsWith("HTTP/1.1 200 "));
    const last = opened(port, post(900));
    await until(() => waiting.length === 2);
    waiting[1]?.(allowed);
    await until(() => last.text().startsWith("HTTP/1.1 200 "));
    assert.deepEqual(reached, ["maxUnfinishedBytes", "maxUnfinishedBytes"]);
    judged.socket.destroy();
    last.socket.destroy();
  });
});

suite("connections", () => {
  test("requests on those over the limit are denied and counted, and their connections closed", async (t) => {
    const dispatcher = allowing();
    const limits = { ...defaultHttpLimits, maxConnections: 3 };
    const { port, recorder } = await startHttpDoor(t, dispatcher, { limits });
    const kept = [0, 1, 2].map(() => keptConnection(port));
    for (const client of kept) assert.match(await client.get("/"), /^HTTP\/1\.1 200 /);
    const head = await keptConnection(port).get("/");
    assert.match(head, /^HTTP\/1\.1 403 [^]*^connection: close$/im);
    assert.equal(recorder.lines.at(-1), "http deny POOL_QUEUE_FULL true");
    assert.equal(dispatcher.seen.length, 3);
    kept[0]?.socket.destroy();
    await sleep(50);
    assert.match(await keptConnection(port).get("/"), /^HTTP\/1\.1 200 /);
    for (const client of kept) client.socket.destroy();
  });

  test("many more than that are not even accepted", async (t) => {
    const limits = { ...defaultHttpLimits, maxConnections: 3 };
    const { port, reached } = await startHttpDoor(t, allowing(), { limits });
    const clients = Array.from({ length: 40 }, () => opened(port));
    await until(() => clients.filter(({ socket }) => socket.destroyed).length >= 40 - 19);
    assert.equal(clients.filter(({ socket }) => !socket.destroyed).length, 19);
    assert.deepEqual(new Set(reached), new Set(["maxConnections"]));
    for (const { socket } of clients) socket.destroy();
  });

  test("the admin door refuses requests on those over its limit", async (t) => {
    const reached: string[] = [];
    const door = createAdminDoor({
      isHealthy: () => true,
      isReady: () => true,
      checks: () => [],
      metricsText: async () => "",
      metricsContentType: "text/plain",
      policies: () => [],
      isDraining: () => false,
      onFault: assert.fail,
      limits: { ...defaultAdminLimits, maxConnections: 1 },
      onLimit: (limit) => {
        reached.push(limit);
      },
    });
    const address = await door.listen("127.0.0.1:0");
    t.after(async () => {
      await door.close(0);
    });
    const port = Number(address.split(":").at(-1));
    const first = keptConnection(port);
    assert.match(await first.get("/livez"), /^HTTP\/1\.1 200 /);
    assert.match(await keptConnection(port).get("/livez"), /^HTTP\/1\.1 503 /);
    assert.deepEqual(reached, ["maxConnections"]);
    first.socket.destroy();
  });
});

suite("slow clients", () => {
  const limits = {
    ...defaultHttpLimits,
    headerTimeoutMs: 200,
    requestTimeoutMs: 400,
    lingerMs: 50,
  };
  const cases = [
    {
      name: "a head that does not end",
      sent: "GET / HTTP/1.1\r\nHost: h\r\n",
      want: /^HTTP\/1\.1 400 /,
      limit: ["headerTimeoutMs"],
    },
    { name: "a connection that is not used", sent: "", want: /^$/, limit: [] },
    {
      name: "a body that does not end",
      sent: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx",
      want: /^HTTP\/1\.1 400 /,
      limit: ["requestTimeoutMs"],
    },
  ];
  for (const { name, sent, want, limit } of cases) {
    test(`${name} is ended in time`, async (t) => {
      const dispatcher = allowing();
      const { port, reached } = await startHttpDoor(t, dispatcher, { limits });
      const { socket, text } = opened(port, sent);
      await until(() => socket.destroyed);
      assert.match(text(), want);
      assert.deepEqual([reached, dispatcher.seen], [limit, []]);
    });
  }

  test("a head in pieces, each in time, is ended as well", async (t) => {
    const { port } = await startHttpDoor(t, allowing(), { limits });
    const { socket, text } = opened(port, "GET / HTTP/1.1\r\n");
    const timer = setInterval(() => socket.write("X: y\r\n"), 50);
    await until(() => socket.destroyed);
    clearInterval(timer);
    assert.match(text(), /^HTTP\/1\.1 400 /);
  });
});

suite("x-envoy-expected-rq-timeout-ms", () => {
  test("is the deadline: there is an answer before it, and no error", async (t) => {
    const dispatcher = createFakeDispatcher(() => {});
    const { port, recorder } = await startHttpDoor(t, dispatcher);
    const nowMs = freezeTime(t);
    assert.match(await firstAnswer(port, ask("200")), /^HTTP\/1\.1 403 /);
    // The margin before it is 20 ms.
    assert.equal(dispatcher.seen[0]?.deadlineMs, nowMs + 180);
    assert.deepEqual(recorder.lines, ["started", "http deny POOL_DEADLINE true"]);
  });

  test("is the deadline while the body comes in, too", async (t) => {
    const dispatcher = allowing();
    const { port, recorder } = await startHttpDoor(t, dispatcher);
    const lines = "Content-Length: 9\r\n";
    assert.match(await firstAnswer(port, ask("200", lines)), /^HTTP\/1\.1 403 /);
    assert.deepEqual(dispatcher.seen, []);
    assert.deepEqual(recorder.lines, ["started", "http deny POOL_DEADLINE true"]);
  });

  for (const value of ["0", "-1", "1e3", "", "x", "1, 2", "99999999999"]) {
    test(`is not heeded where it is ${JSON.stringify(value)}`, async (t) => {
      const dispatcher = allowing();
      const { port } = await startHttpDoor(t, dispatcher, { defaultDeadlineMs: 5_000 });
      const nowMs = performance.now();
      assert.match(await firstAnswer(port, ask(value)), /^HTTP\/1\.1 200 /);
      assert.ok((dispatcher.seen[0]?.deadlineMs ?? 0) >= nowMs + 5_000);
    });
  }

  test("is the client's word in other forms, and not heeded there", async (t) => {
    const dispatcher = allowing();
    const form = { form: "original", pathPrefix: "", clientAddress: "none" } as const;
    const { port } = await startHttpDoor(t, dispatcher, { form });
    const nowMs = performance.now();
    const lines = "X-Original-Method: GET\r\nX-Original-URI: /\r\n";
    assert.match(await firstAnswer(port, ask("1", lines)), /^HTTP\/1\.1 200 /);
    assert.ok((dispatcher.seen[0]?.deadlineMs ?? 0) >= nowMs + 5_000);
  });
});

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { createServer as createSocketServer } from "node:net";
import { suite, type TestContext, test } from "node:test";
import {
  createHttpWorkload,
  openHttpConnection,
  readHttpAnswer,
} from "../../bench/performance/http-connection.ts";
import type { CheckConnection } from "../../src/grpc-client/check-connection.ts";
import { readVerdict } from "../../src/loadgen/check-verdict.ts";
import type { Workload } from "../../src/loadgen/workload.ts";
import { listeningPort } from "../support/listening-port.ts";

const spec = (path: string) => ({ method: "GET", path, headers: { "x-role": "r" }, allowed: true });

/** The status and the verdict that a call ends with. */
async function callOnce(
  connection: CheckConnection,
  workload: Workload,
): Promise<readonly [string, boolean | undefined]> {
  return await new Promise((resolve) => {
    connection.call(workload.next(), (status, message) => {
      resolve([status, message === undefined ? undefined : readVerdict(message)]);
    });
  });
}

suite("an HTTP answer", () => {
  const cases = [
    {
      name: "whole",
      text: "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno+",
      want: { status: 403, end: 47 },
    },
    {
      name: "without a body",
      text: "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
      want: { status: 200, end: 38 },
    },
    { name: "that breaks off in its head", text: "HTTP/1.1 200 OK\r\ncontent-le", want: undefined },
    {
      name: "that breaks off in its body",
      text: "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nab",
      want: undefined,
    },
    { name: "of no known length", text: "HTTP/1.1 200 OK\r\n\r\n", want: "unreadable" },
    { name: "that is none", text: "SSH-2.0\r\n\r\n", want: "unreadable" },
  ] as const;
  for (const { name, text, want } of cases) {
    test(name, () => assert.deepEqual(readHttpAnswer(Buffer.from(text)), want));
  }
});

/** A server that answers with the status that is the path, and says what it was asked. */
async function startAnswering(t: TestContext): Promise<{ port: number; seen: string[] }> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { host, "x-role": role } = request.headers;
    seen.push(`${request.method} ${host} ${request.url} ${String(role)}`);
    response.statusCode = Number(request.url?.slice(1));
    response.end("body");
  });
  t.after(() => server.close());
  return { port: await listeningPort(server), seen };
}

suite("an HTTP connection", () => {
  test("sends its requests one after the other, and tells the verdicts", async (t) => {
    const { port, seen } = await startAnswering(t);
    const connection = await openHttpConnection("127.0.0.1", port);
    const workload = createHttpWorkload([spec("/200"), spec("/403"), spec("/500")], "h.example");
    const ends = await Promise.all(
      Array.from({ length: 4 }, async () => await callOnce(connection, workload)),
    );
    connection.close();
    assert.deepEqual(ends, [
      ["OK", true],
      ["OK", false],
      ["http 500", undefined],
      ["OK", true],
    ]);
    assert.deepEqual(
      seen,
      ["/200", "/403", "/500", "/200"].map((path) => `GET h.example ${path} r`),
    );
    assert.deepEqual(await callOnce(connection, workload), ["connection closed", undefined]);
  });

  test("tells all that wait when it breaks, and when the answer is no HTTP", async (t) => {
    const server = createSocketServer((socket) => {
      socket.once("data", () => socket.end("what?\r\n\r\n"));
    });
    t.after(() => server.close());
    const connection = await openHttpConnection("127.0.0.1", await listeningPort(server));
    const workload = createHttpWorkload([spec("/")], "h.example");
    const calls = [callOnce(connection, workload), callOnce(connection, workload)];
    assert.deepEqual(await Promise.all(calls), [
      ["unreadable answer", undefined],
      ["unreadable answer", undefined],
    ]);
  });
});

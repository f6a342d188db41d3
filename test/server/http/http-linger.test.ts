import assert from "node:assert/strict";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { defaultHttpLimits } from "../../../src/model/http-limits.ts";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { allowed, createFakeDispatcher } from "../../support/fake-dispatcher.ts";
import { firstAnswer, startHttpDoor } from "../../support/http-door.ts";

const allowing = () =>
  createFakeDispatcher((done) => {
    done(allowed);
  });
const post = (lines: string): string => `POST /a HTTP/1.1\r\nHost: h\r\n${lines}\r\n`;
const expecting = (lines: string): string => post(`Expect: 100-continue\r\n${lines}`);
const megabyte = 1_048_576;

/** What a client sees that reads nothing before it has sent everything: the answer, and how the connection ended. */
async function sendThenRead(
  port: number,
  head: string,
  bodyBytes: number,
  tail = "",
): Promise<{ answer: string; end: string }> {
  return await new Promise((resolve) => {
    let answer = "";
    let end = "closed";
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    socket.setEncoding("latin1");
    socket.pause();
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("error", (error) => {
      end = error.message;
    });
    socket.on("end", () => {
      socket.end();
    });
    socket.on("close", () => {
      resolve({ answer, end });
    });
    socket.write(head);
    let left = bodyBytes;
    const piece = Buffer.alloc(65_536, "x");
    const send = (): void => {
      while (left > 0) {
        const size = Math.min(left, piece.length);
        left -= size;
        if (!socket.write(piece.subarray(0, size))) {
          socket.once("drain", send);
          return;
        }
      }
      socket.write(tail);
      socket.resume();
    };
    send();
  });
}

suite("an early answer is read by who sends on", () => {
  const size = 6 * megabyte;
  const cases = [
    { name: "a length over the limit", head: post(`Content-Length: ${size}\r\n`), size },
    {
      name: "chunks over the limit",
      head: post("Transfer-Encoding: chunked\r\n").concat(`${size.toString(16)}\r\n`),
      size,
      tail: "\r\n0\r\n\r\n",
    },
    { name: "no host", head: `POST /a HTTP/1.0\r\nContent-Length: ${size}\r\n\r\n`, size },
    { name: "another form", head: post(`X-Original-URL: /\r\nContent-Length: ${size}\r\n`), size },
    { name: "headers over the limit", head: "POST /a HTTP/1.1\r\nHost: h\r\nX: ", size },
    { name: "no HTTP at all", head: "\x16\x03\x01 nonsense\r\n\r\n", size },
    { name: "CONNECT", head: "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", size },
    { name: "two lengths", head: post("Content-Length: 9\r\nContent-Length: 8\r\n"), size },
    { name: "a broken chunk", head: post("Transfer-Encoding: chunked\r\n").concat("zz\r\n"), size },
  ];
  for (const { name, head, size: bodyBytes, tail } of cases) {
    test(name, async (t) => {
      const dispatcher = allowing();
      const { port } = await startHttpDoor(t, dispatcher);
      const { answer, end } = await sendThenRead(port, head, bodyBytes, tail);
      assert.match(answer, /^HTTP\/1\.1 400 /);
      assert.match(answer, /^connection: close\r$/im);
      assert.equal(answer.match(/HTTP\/1\.1/g)?.length, 1);
      assert.equal(end, "closed");
      assert.deepEqual(dispatcher.seen, []);
    });
  }
});

suite("reading the rest is bounded", () => {
  test("in bytes: a client that sends more is cut, once it could have read the answer", async (t) => {
    const limits = { ...defaultHttpLimits, lingerBytes: megabyte };
    const { port } = await startHttpDoor(t, allowing(), { limits });
    const size = 64 * megabyte;
    const head = `POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: ${size}\r\n\r\n`;
    assert.match(await firstAnswer(port, head), /^HTTP\/1\.1 400 /);
    const { end } = await sendThenRead(port, head, size);
    assert.match(end, /ECONNRESET|EPIPE/);
  });

  for (const head of [
    "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n",
    "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  ]) {
    test(`in time: ${head.slice(25, 60).trim()}`, async (t) => {
      const dayMs = 86_400_000;
      const others = { headerTimeoutMs: dayMs, requestTimeoutMs: dayMs, lingerBytes: Infinity };
      const limits = { ...defaultHttpLimits, ...others, lingerMs: 100 };
      const { port } = await startHttpDoor(t, allowing(), { limits });
      const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
      let received = "";
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
      });
      socket.on("error", () => {
        // It may be reset in the end: what counts is that the answer came before.
      });
      socket.write(head);
      const timer = setInterval(() => socket.write("x"), 20);
      await new Promise((resolve) => {
        socket.on("close", resolve);
      });
      clearInterval(timer);
      assert.match(received, /^HTTP\/1\.1 400 /);
    });
  }
});

suite("Expect: 100-continue", () => {
  test("a body that is wanted is asked for", async (t) => {
    const dispatcher = allowing();
    const { port } = await startHttpDoor(t, dispatcher);
    assert.equal(
      await firstAnswer(port, expecting("Content-Length: 5\r\n")),
      "HTTP/1.1 100 Continue\r\n\r\n",
    );
    assert.deepEqual(dispatcher.seen, []);
  });

  const refused = [
    { name: "no body", lines: "", want: 200 },
    { name: "an empty body", lines: "Content-Length: 0\r\n", want: 200 },
    { name: "a body over the limit", lines: "Content-Length: 1001\r\n", want: 400 },
    { name: "a bad head", lines: "Content-Length: 5\r\nX-Original-URL: /a\r\n", want: 400 },
  ];
  for (const { name, lines, want } of refused) {
    test(`${name}: none`, async (t) => {
      const { port } = await startHttpDoor(t, allowing());
      assert.match(
        await firstAnswer(port, expecting(lines)),
        new RegExp(`^HTTP/1.1 ${want} [^]*$(?<!100 Continue[^]*)`),
      );
    });
  }

  test("a body of a form that shows none: none", async (t) => {
    const form = { form: "original", pathPrefix: "", clientAddress: "none" } as const;
    const { port } = await startHttpDoor(t, allowing(), { form });
    const lines = "X-Original-Method: POST\r\nX-Original-URI: /a\r\nContent-Length: 5\r\n";
    assert.match(await firstAnswer(port, expecting(lines)), /^HTTP\/1\.1 200 /);
  });

  test("an ambiguous path: none", async (t) => {
    const normalize = { ...defaultNormalizeOptions, pathPolicy: "refuse" } as const;
    const { port } = await startHttpDoor(t, allowing(), { normalize });
    const bad = expecting("Content-Length: 5\r\n").replace("/a", "//a");
    assert.match(await firstAnswer(port, bad), /^HTTP\/1\.1 400 /);
  });
});

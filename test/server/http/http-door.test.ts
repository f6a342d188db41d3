import assert from "node:assert/strict";
import { request as sendRequest } from "node:http";
import { connect } from "node:net";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonValue } from "../../../src/model/json.ts";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { type Outcome, PoolError } from "../../../src/pool/dispatcher.ts";
import type { HttpDoorOptions } from "../../../src/server/http/http-door.ts";
import {
  allowed,
  createFakeDispatcher,
  denied,
  type FakeDispatcher,
} from "../../support/fake-dispatcher.ts";
import { firstAnswer, sendRaw, startHttpDoor as startDoor } from "../../support/http-door.ts";
import { valueAt } from "../../support/json-path.ts";

function answering(outcome: Outcome): FakeDispatcher {
  return createFakeDispatcher((done) => {
    done(outcome);
  });
}

async function send(
  port: number,
  options: {
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Record<string, string | string[]>;
    readonly body?: Buffer | string;
  } = {},
): Promise<{ status: number; contentType: string | undefined; body: string }> {
  return await new Promise((resolve, reject) => {
    const { body, ...head } = options;
    const outgoing = sendRequest({ host: "127.0.0.1", port, agent: false, ...head }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          contentType: response.headers["content-type"],
          body: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

/** A part of `request.http` as the dispatcher was first given it. */
function httpPart(dispatcher: FakeDispatcher, name: string): JsonValue | undefined {
  return valueAt(dispatcher.seen[0]?.input.payload, ["request", "http", name]);
}

suite("outcomes", () => {
  const text = "text/plain; charset=utf-8";
  const cases = [
    { outcome: allowed, want: { status: 200, contentType: undefined, body: "" } },
    { outcome: denied, want: { status: 403, contentType: text, body: "not you" } },
    {
      outcome: { ...denied, body: "" },
      want: { status: 403, contentType: undefined, body: "" },
    },
    {
      outcome: new PoolError("POOL_QUEUE_FULL"),
      want: { status: 403, contentType: text, body: "too many requests are waiting" },
    },
    {
      outcome: new PoolError("POOL_DEADLINE"),
      want: { status: 403, contentType: text, body: "no decision before the deadline" },
    },
    {
      outcome: new PoolError("POOL_NOT_READY"),
      want: { status: 503, contentType: text, body: "policies are not loaded yet" },
    },
    {
      outcome: new PoolError("POOL_INTERNAL"),
      want: { status: 403, contentType: text, body: "internal error" },
    },
  ];
  for (const { outcome, want } of cases) {
    test(`${want.status} ${want.body}`, async (t) => {
      const { port } = await startDoor(t, answering(outcome));
      assert.deepEqual(await send(port), want);
    });
  }

  test("a dispatcher that throws is 403, and told", async (t) => {
    const dispatcher = createFakeDispatcher(() => {
      throw new Error("secret");
    });
    const faults: string[] = [];
    const onFault: HttpDoorOptions["onFault"] = (where) => void faults.push(where);
    const { port } = await startDoor(t, dispatcher, { onFault });
    assert.deepEqual(await send(port), { status: 403, contentType: text, body: "internal error" });
    assert.deepEqual(faults, ["judge"]);
  });

  const sheds = [
    { shed: "deny", status: 403, recorded: "http deny POOL_DEADLINE true" },
    { shed: "error", status: 504, recorded: "http error POOL_DEADLINE true" },
  ] as const;
  for (const { shed, status, recorded } of sheds) {
    test(`a dispatcher that never answers is ${status} where that is to be: ${shed}`, async (t) => {
      const dispatcher = createFakeDispatcher(() => {});
      const { port, recorder } = await startDoor(t, dispatcher, { defaultDeadlineMs: 50, shed });
      assert.equal((await send(port)).status, status);
      assert.deepEqual(recorder.lines, ["started", recorded]);
    });
  }
});

suite("forms", () => {
  test("direct: method, path, repeated headers and body", async (t) => {
    const dispatcher = answering(allowed);
    const { port } = await startDoor(t, dispatcher);
    await send(port, {
      method: "PATCH",
      path: "//admin/x?y",
      headers: { "X-A": ["1", "2"], host: "shop" },
      body: '{"a":1}',
    });
    const names = ["method", "path", "host", "protocol", "size", "body"];
    assert.deepEqual(
      names.map((name) => httpPart(dispatcher, name)),
      ["PATCH", "//admin/x?y", "shop", "HTTP/1.1", "7", '{"a":1}'],
    );
    assert.equal(valueAt(httpPart(dispatcher, "headers"), ["x-a"]), "1,2");
  });

  test("direct: a chunked body is read", async (t) => {
    const dispatcher = answering(allowed);
    const { port } = await startDoor(t, dispatcher);
    const answer = await sendRaw(
      port,
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    );
    assert.match(answer, /^HTTP\/1\.1 200 /);
    assert.equal(httpPart(dispatcher, "body"), "abc");
  });

  test("direct: a body over the limit is 400", async (t) => {
    const dispatcher = answering(allowed);
    const { port, recorder } = await startDoor(t, dispatcher);
    assert.equal((await send(port, { method: "POST", body: Buffer.alloc(1_000) })).status, 200);
    assert.equal((await send(port, { method: "POST", body: Buffer.alloc(1_001) })).status, 400);
    assert.equal(dispatcher.seen.length, 1);
    assert.equal(recorder.lines.at(-1), "http deny bad-request true");
  });

  const forms = {
    forwarded: "X-Forwarded-Method: PUT\r\nX-Forwarded-Uri: /a\r\nX-Forwarded-Host: shop\r\n",
    original: "X-Original-Method: PUT\r\nX-Original-URI: /a\r\n",
    "ingress-nginx": "X-Original-Method: PUT\r\nX-Original-URL: http://shop/a\r\n",
  } as const;
  const startForm = async (t: TestContext, form: keyof typeof forms, dispatcher: FakeDispatcher) =>
    await startDoor(t, dispatcher, {
      form: { form, pathPrefix: "", clientAddress: "none" },
      defaultDeadlineMs: 300,
    });

  test("forwarded: the headers are judged, and the body that the proxy sends along", async (t) => {
    const dispatcher = answering(allowed);
    const { port } = await startForm(t, "forwarded", dispatcher);
    const head = `GET /auth HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${forms.forwarded}`;
    const answer = await sendRaw(port, `${head}Content-Length: 9\r\n\r\nsome body`);
    assert.match(answer, /^HTTP\/1\.1 200 /);
    const names = ["method", "path", "host", "body", "size"];
    assert.deepEqual(
      names.map((name) => httpPart(dispatcher, name)),
      ["PUT", "/a", "shop", "some body", "9"],
    );
  });

  test("forwarded: a body that is announced and does not come is no allow", async (t) => {
    const dispatcher = answering(allowed);
    const { port, recorder } = await startForm(t, "forwarded", dispatcher);
    const head = `GET /auth HTTP/1.1\r\nHost: h\r\n${forms.forwarded}Content-Length: 9\r\n\r\n`;
    assert.match(await firstAnswer(port, head), /^HTTP\/1\.1 (?:403|504) /);
    assert.deepEqual(dispatcher.seen, []);
    assert.match(recorder.lines.join(), /POOL_DEADLINE/);
  });

  for (const form of ["original", "ingress-nginx"] as const) {
    test(`${form}: the body is not waited for`, async (t) => {
      const dispatcher = answering(allowed);
      const { port } = await startForm(t, form, dispatcher);
      const head = `GET /auth HTTP/1.1\r\nHost: shop\r\n${forms[form]}Content-Length: 9\r\n\r\n`;
      assert.match(await firstAnswer(port, head), /^HTTP\/1\.1 200 /);
      const names = ["method", "path", "host", "body"];
      assert.deepEqual(
        names.map((name) => httpPart(dispatcher, name)),
        ["PUT", "/a", "shop", undefined],
      );
    });
  }

  for (const { form, want } of [
    { form: "direct", want: 400 },
    { form: "forwarded", want: 400 },
    { form: "original", want: 403 },
    { form: "ingress-nginx", want: 403 },
  ] as const) {
    test(`${form}: what cannot be read is ${want}, since nginx knows no other denials`, async (t) => {
      const dispatcher = answering(allowed);
      const { port } = await startDoor(t, dispatcher, {
        form: { form, pathPrefix: "", clientAddress: "none" },
      });
      const requests = [
        "GET /a HTTP/1.0\r\n\r\n",
        "GET /a HTTP/1.1\r\n\r\n",
        "nonsense\r\n\r\n",
        `GET / HTTP/1.1\r\nX: ${"x".repeat(70_000)}\r\n\r\n`,
        "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Uri: /a\r\nConnection: close\r\n\r\n",
        "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n",
      ];
      for (const request of requests) {
        assert.match(await firstAnswer(port, request), new RegExp(`^HTTP/1.1 ${want} `), request);
      }
      assert.deepEqual(dispatcher.seen, []);
    });
  }

  test("a form's headers missing is 400, in words", async (t) => {
    const dispatcher = answering(allowed);
    const { port } = await startDoor(t, dispatcher, {
      form: { form: "forwarded", pathPrefix: "", clientAddress: "none" },
    });
    assert.deepEqual(await send(port), {
      status: 400,
      contentType: "text/plain; charset=utf-8",
      body: "the request cannot be read",
    });
    assert.deepEqual(dispatcher.seen, []);
  });
});

suite("odd requests", () => {
  const cases = [
    { name: "nonsense", bytes: "nonsense\r\n\r\n" },
    { name: "headers over the limit", bytes: `GET / HTTP/1.1\r\nX: ${"x".repeat(70_000)}\r\n\r\n` },
    { name: "CONNECT", bytes: "CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n" },
    { name: "no host", bytes: "GET / HTTP/1.1\r\nConnection: close\r\n\r\n" },
    {
      name: "two lengths",
      bytes: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    },
    {
      name: "length and chunks",
      bytes:
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    },
  ];
  for (const { name, bytes } of cases) {
    test(`${name} is 400`, async (t) => {
      const dispatcher = answering(allowed);
      const { port } = await startDoor(t, dispatcher);
      assert.match(await sendRaw(port, bytes), /^HTTP\/1\.1 400 /);
      assert.deepEqual(dispatcher.seen, []);
    });
  }

  test("an upgrade is judged as the request it is", async (t) => {
    const { port } = await startDoor(t, answering(denied));
    const answer = await sendRaw(
      port,
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: upgrade, close\r\nUpgrade: websocket\r\n\r\n",
    );
    assert.match(answer, /^HTTP\/1\.1 403 /);
  });

  test("an expectation that is not known is passed over", async (t) => {
    const { port } = await startDoor(t, answering(denied));
    const answer = await sendRaw(
      port,
      "GET / HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\nConnection: close\r\n\r\n",
    );
    assert.match(answer, /^HTTP\/1\.1 403 /);
  });

  test("a body in pieces of one byte is the same body", async (t) => {
    const dispatcher = answering(allowed);
    const normalize = { ...defaultNormalizeOptions, maxBodyBytes: 200_000 };
    const { port } = await startDoor(t, dispatcher, { normalize });
    const body = Array.from({ length: 100_000 }, (_, i) => String(i % 10)).join("");
    const pieces = Array.from(body, (digit) => `1\r\n${digit}\r\n`).join("");
    const head =
      "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert.match(await sendRaw(port, `${head}${pieces}0\r\n\r\n`), /^HTTP\/1\.1 200 /);
    assert.equal(httpPart(dispatcher, "body"), body);
  });

  test("a caller that goes away in the middle of a body is not judged", async (t) => {
    const dispatcher = answering(allowed);
    const { port, recorder } = await startDoor(t, dispatcher);
    const socket = connect(port, "127.0.0.1");
    socket.write("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
    await sleep(50);
    socket.resetAndDestroy();
    await sleep(50);
    assert.deepEqual([dispatcher.seen, recorder.lines], [[], []]);
    assert.equal((await send(port)).status, 200);
  });

  test("a caller that goes away before the answer is counted as such", async (t) => {
    const pending: ((outcome: Outcome) => void)[] = [];
    const dispatcher = createFakeDispatcher((done) => {
      pending.push(done);
    });
    const { port, recorder } = await startDoor(t, dispatcher);
    const socket = connect(port, "127.0.0.1");
    socket.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    await sleep(50);
    socket.resetAndDestroy();
    await sleep(50);
    pending[0]?.(allowed);
    assert.deepEqual(recorder.lines, ["started", "http abandoned"]);
  });
});

test("closing lets open requests end, and ends idle connections", async (t) => {
  const dispatcher = createFakeDispatcher((done) => {
    setTimeout(done, 150, allowed);
  });
  const door = await startDoor(t, dispatcher);
  const idle = connect(door.port, "127.0.0.1");
  idle.on("error", () => {});
  const pending = send(door.port, { headers: { connection: "keep-alive" } });
  await sleep(50);
  const dayMs = 86_400_000;
  const closed = door.close(dayMs);
  assert.equal((await pending).status, 200);
  await closed;
});

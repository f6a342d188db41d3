import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { after, before, suite, test } from "node:test";
import type { HttpFormOptions } from "../../src/forward-auth/http-form.ts";
import { defaultHttpLimits } from "../../src/model/http-limits.ts";
import type { JsonValue } from "../../src/model/json.ts";
import { defaultNormalizeOptions } from "../../src/payload/normalize-options.ts";
import { createCheckHandlers } from "../../src/server/grpc/check-service.ts";
import { createHttpDoor } from "../../src/server/http/http-door.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";
import { answerOptions } from "../support/answer-options.ts";
import { allowed, createFakeDispatcher } from "../support/fake-dispatcher.ts";
import { createFakeRecorder } from "../support/fake-recorder.ts";
import { findEnvoy } from "../support/find-envoy.ts";
import { valueAt } from "../support/json-path.ts";
import { listeningPort } from "../support/listening-port.ts";
import { type RunningEnvoy, startEnvoy } from "../support/start-envoy.ts";

const envoy = await findEnvoy();
const binary = "path" in envoy ? envoy.path : "";
const skip = "missing" in envoy ? envoy.missing : false;

/** Requests whose headers both doors show alike: each is sent to a real Envoy and to the HTTP door. */
const requests: readonly { readonly name: string; readonly lines: readonly string[] }[] = [
  { name: "a header twice", lines: ["X-A: 1", "x-a: 2"] },
  { name: "a list, continued", lines: ["Accept: a, b", "Accept: c"] },
  { name: "empty values", lines: ["X-Empty:", "X-E:", "X-E: a", "X-E:", "X-Blank:   a b  "] },
  { name: "bytes", lines: ["X-Utf8: caf\xc3\xa9", "X-Broken: \xff\xfea", "X-Tab: a\tb"] },
  { name: "odd names", lines: ["__proto__: 1", "constructor: 2", "X_Under: 3"] },
  { name: "a kept connection", lines: ["Connection: keep-alive", "Keep-Alive: timeout=5"] },
  { name: "a connection to be closed", lines: ["Connection: close"] },
  {
    name: "a WebSocket",
    lines: ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x"],
  },
  {
    name: "one among other words",
    lines: ["Connection: keep-alive, Upgrade", "Upgrade: WebSocket"],
  },
  {
    name: "one in several lines",
    lines: ["Connection: keep-alive", "Connection: upgrade", "Upgrade: websocket"],
  },
  {
    name: "one with a header for the next hop",
    lines: ["Connection: Upgrade, X-A", "Upgrade: websocket", "X-A: 1"],
  },
  { name: "an upgrade that the connection does not name", lines: ["Upgrade: websocket"] },
  { name: "nor by another word", lines: ["Connection: keep-alive", "Upgrade: websocket"] },
  { name: "a connection that names no protocol", lines: ["Connection: Upgrade"] },
  {
    name: "an upgrade to HTTP/2, which Envoy does not take",
    lines: ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"],
  },
  { name: "settings that nobody names", lines: ["HTTP2-Settings: AAMAAABk"] },
  { name: "trailers", lines: ["TE: trailers"] },
  { name: "trailers named by the connection", lines: ["Connection: TE", "TE: trailers"] },
  { name: "trailers and more", lines: ["TE: trailers, deflate;q=0.5"] },
  { name: "trailers in a second line", lines: ["TE: gzip", "TE: trailers"] },
  { name: "trailers with a weight", lines: ["TE: trailers;q=0.5"] },
  { name: "other codings", lines: ["TE: deflate"] },
  {
    name: "what is for proxies",
    lines: ["Proxy-Connection: close", "Proxy-Authorization: Basic x"],
  },
  { name: "an expectation", lines: ["Expect: 100-continue", "Content-Length: 0"] },
  { name: "an unknown expectation", lines: ["Expect: something"] },
  { name: "announced trailers", lines: ["Trailer: X-T"] },
  { name: "one cookie line", lines: ["Cookie: a=1; b=2"] },
];

/** What Envoy adds or changes itself. */
const ownHeaders: ReadonlySet<string> = new Set([
  ":scheme",
  ":authority",
  "x-envoy-expected-rq-timeout-ms",
  "x-envoy-external-address",
  "x-envoy-internal",
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-request-id",
]);

function sharedHeaders(headers: JsonValue | undefined): Record<string, JsonValue> {
  assert.ok(typeof headers === "object" && headers !== null && !Array.isArray(headers));
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ownHeaders.has(name)));
}

/** Both doors over one dispatcher that allows everything and keeps what it was given. */
async function startDoors(form: HttpFormOptions["form"]) {
  const dispatcher = createFakeDispatcher((done) => {
    done(allowed);
  });
  const shared = {
    dispatcher,
    observer: createFakeRecorder(),
    defaultDeadlineMs: 5_000,
    ...answerOptions,
    normalize: defaultNormalizeOptions,
  };
  const handlers = createCheckHandlers({
    ...shared,
    denyContentType: true,
    isReady: () => true,
  });
  const grpc = createLeanTransport({ handlers, maxMessageBytes: 1_000_000 });
  const http = createHttpDoor({
    ...shared,
    form: { form, pathPrefix: "", clientAddress: "none" },
    limits: defaultHttpLimits,
    onLimit: assert.fail,
  });
  return {
    dispatcher,
    grpcPort: portOf(await grpc.listen("127.0.0.1:0")),
    httpPort: portOf(await http.listen("127.0.0.1:0")),
    close: async () => {
      await grpc.close(0);
      await http.close(0);
    },
  };
}

function portOf(address: string): number {
  return Number(address.split(":").at(-1));
}

/** Sends the bytes and resolves with the status line of the answer; one that asks to go on is none. */
async function sendRaw(port: number, text: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      received += chunk;
      const line = /HTTP\/1\.1 (?!100)[^\r]*(?=\r\n)/.exec(received)?.[0];
      if (line !== undefined) {
        resolve(line);
        socket.destroy();
      }
    });
    socket.on("error", reject);
    socket.write(text, "latin1");
  });
}

const headerForms = [
  { name: "with encode_raw_headers", edit: (config: string): string => config },
  {
    name: "with plain headers",
    edit: (config: string): string =>
      config.replace("encode_raw_headers: true", "encode_raw_headers: false"),
  },
];

for (const { name: formName, edit } of headerForms) {
  suite(`both doors show the same headers, Envoy ${formName}`, { skip }, () => {
    let application: Server;
    let doors: Awaited<ReturnType<typeof startDoors>>;
    let guarded: RunningEnvoy;
    before(async () => {
      application = createServer((_request, response) => {
        response.end();
      });
      application.on("upgrade", (_request, socket) => {
        socket.end(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        );
      });
      doors = await startDoors("direct");
      const ports = { ostiary: doors.grpcPort, application: await listeningPort(application) };
      guarded = await startEnvoy(binary, ports, edit);
    });
    after(async () => {
      await guarded.stop();
      await doors.close();
      application.close();
    });

    const seenHeaders = async (port: number, lines: readonly string[]): Promise<JsonValue> => {
      const { seen } = doors.dispatcher;
      seen.length = 0;
      const head = ["GET /x HTTP/1.1", "Host: shop.example", ...lines].join("\r\n");
      const status = await sendRaw(port, `${head}\r\n\r\n`);
      assert.equal(seen.length, 1, status);
      return sharedHeaders(valueAt(seen[0]?.input.payload, ["request", "http", "headers"]));
    };

    for (const { name, lines } of requests) {
      test(name, async () => {
        const envoys = await seenHeaders(Number(new URL(guarded.url).port), lines);
        assert.deepEqual(await seenHeaders(doors.httpPort, lines), envoys);
      });
    }

    test("several cookie lines are one, as far as Envoy has not joined them itself", async () => {
      const lines = ["Cookie: a=1", "Cookie: session=xyz; b=2"];
      const joined = { cookie: "a=1; session=xyz; b=2" };
      const pseudo = { ":method": "GET", ":path": "/x" };
      assert.deepEqual(await seenHeaders(doors.httpPort, lines), { ...pseudo, ...joined });
      assert.deepEqual(await seenHeaders(Number(new URL(guarded.url).port), lines), {
        ...pseudo,
        cookie: formName === "with plain headers" ? "a=1,session=xyz; b=2" : joined.cookie,
      });
    });

    test("the host has one form, and `:authority` is what the client sent", async () => {
      for (const port of [Number(new URL(guarded.url).port), doors.httpPort]) {
        doors.dispatcher.seen.length = 0;
        await sendRaw(port, "GET /x HTTP/1.1\r\nHost: ADMIN.shop.example.\r\n\r\n");
        const payload = doors.dispatcher.seen[0]?.input.payload;
        assert.equal(valueAt(payload, ["request", "http", "host"]), "admin.shop.example");
        const authority = valueAt(payload, ["request", "http", "headers", ":authority"]);
        assert.equal(authority, "ADMIN.shop.example.");
      }
    });

    test("what a client says about itself in Envoy's words is not believed", async () => {
      doors.dispatcher.seen.length = 0;
      const lies = ["X-Forwarded-Proto: https", "X-Envoy-External-Address: 10.0.0.1"];
      const port = Number(new URL(guarded.url).port);
      await sendRaw(port, `${["GET /x HTTP/1.1", "Host: h", ...lies].join("\r\n")}\r\n\r\n`);
      const payload = doors.dispatcher.seen[0]?.input.payload;
      const shown = (name: string) => valueAt(payload, ["request", "http", "headers", name]);
      assert.equal(shown("x-forwarded-proto"), "http");
      assert.equal(shown("x-envoy-external-address"), "127.0.0.1");
      assert.equal(valueAt(payload, ["request", "http", "scheme"]), "http");
    });

    test("the default port of the scheme, which Envoy knows, is cut", async () => {
      doors.dispatcher.seen.length = 0;
      const port = Number(new URL(guarded.url).port);
      await sendRaw(port, "GET /x HTTP/1.1\r\nHost: admin.shop.example:80\r\n\r\n");
      const payload = doors.dispatcher.seen[0]?.input.payload;
      assert.equal(valueAt(payload, ["request", "http", "host"]), "admin.shop.example");
    });
  });
}

import assert from "node:assert/strict";
import type { Settings } from "node:http2";
import { createServer } from "node:net";
import { suite, test } from "node:test";
import { buildAllowResponse } from "../../src/envoy/build-check-response.ts";
import { openCheckConnection } from "../../src/grpc-client/check-connection.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";
import { listeningPort } from "../support/listening-port.ts";
import { freePort } from "../support/start-envoy.ts";
import { answer, type Script, startScriptedServer } from "./scripted-server.ts";

const workload = createWorkload([{ method: "GET", path: "/book", headers: {}, allowed: true }]);

interface Ended {
  readonly status: string;
  readonly message: string | undefined;
  /** How often that was said. */
  readonly told: number;
}

/** Makes calls on one connection, one after the other, and says how they ended. */
async function callServer(
  script: Script,
  calls = 1,
  settings: Settings = {},
): Promise<readonly Ended[]> {
  const server = await startScriptedServer(script, settings);
  const connection = await openCheckConnection({ target: server.target, timeoutMs: 250 });
  const ends: { -readonly [Name in keyof Ended]: Ended[Name] }[] = [];
  for (let call = 0; call < calls; call++) {
    const ended: (typeof ends)[number] = { status: "", message: undefined, told: 0 };
    ends.push(ended);
    await new Promise<void>((resolve) => {
      connection.call(workload.next(), (status, message) => {
        ended.status = status;
        ended.message = message && Buffer.from(message).toString("hex");
        ended.told++;
        resolve();
      });
    });
  }
  // Ends what is open: a call that was forgotten to be taken off is told again.
  connection.close();
  server.close();
  return ends;
}

const allow = Buffer.from(buildAllowResponse());
const allowHex = allow.toString("hex");

suite("a call ends with", () => {
  const cases: readonly { name: string; script: Script; want: Omit<Ended, "told"> }[] = [
    {
      name: "the message",
      script: (stream) => answer(stream, allow),
      want: { status: "OK", message: allowHex },
    },
    {
      name: "a message that comes in pieces",
      script: (stream) => {
        stream.respond({}, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.write(Buffer.from([0, 0]));
        setTimeout(() => stream.end(Buffer.concat([Buffer.from([0, 0, allow.length]), allow])), 20);
      },
      want: { status: "OK", message: allowHex },
    },
    {
      name: "a status instead of a message",
      script: (stream) => stream.respond({ "grpc-status": "8" }, { endStream: true }),
      want: { status: "RESOURCE_EXHAUSTED", message: undefined },
    },
    {
      name: "a status behind a message",
      script: (stream) => answer(stream, allow, "13"),
      want: { status: "INTERNAL", message: undefined },
    },
    {
      name: "a status that gRPC does not know",
      script: (stream) => stream.respond({ "grpc-status": "99" }, { endStream: true }),
      want: { status: "grpc-status 99", message: undefined },
    },
    {
      name: "no gRPC at all",
      script: (stream) => stream.respond({ ":status": 503 }, { endStream: true }),
      want: { status: "http 503", message: undefined },
    },
    {
      name: "no status in the end",
      script: (stream) => stream.respond({}, { endStream: true }),
      want: { status: "ended without a status", message: undefined },
    },
    {
      name: "a message without a status",
      script: (stream) => {
        stream.respond({});
        stream.end(allow);
      },
      want: { status: "ended without a status", message: undefined },
    },
    {
      name: "a message that is cut off",
      script: (stream) => {
        stream.respond({}, { waitForTrailers: true });
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
        stream.end(Buffer.of(0, 0, 0, 0, 9, 1));
      },
      want: { status: "OK", message: undefined },
    },
    {
      name: "a message that is too large",
      script: (stream) => {
        stream.respond({});
        stream.end(Buffer.alloc(4 * 1024 * 1024 + 1));
      },
      want: { status: "message too large", message: undefined },
    },
    {
      name: "a status that is no number",
      script: (stream) => stream.respond({ "grpc-status": "fine" }, { endStream: true }),
      want: { status: "grpc-status -1", message: undefined },
    },
    {
      name: "a reset stream",
      script: (stream) => stream.close(7),
      want: { status: "reset by code 7", message: undefined },
    },
  ];
  for (const { name, script, want } of cases) {
    test(name, async () => {
      assert.deepEqual(await callServer(script), [{ ...want, told: 1 }]);
    });
  }
});

suite("a call is what Envoy sends, the first and the next,", () => {
  const cases: readonly { name: string; settings: Settings }[] = [
    { name: "to a server that keeps a table of headers", settings: {} },
    { name: "to a server that keeps none", settings: { headerTableSize: 0 } },
  ];
  for (const { name, settings } of cases) {
    test(name, async () => {
      const seen: string[] = [];
      const script: Script = (stream, { headers, body }) => {
        const { ":path": path, te, "content-type": type, "grpc-timeout": timeout } = headers;
        seen.push([path, te, type, timeout, body.length > 600, body[0]].join(" "));
        answer(stream, allow);
      };
      await callServer(script, 3, settings);
      const want =
        "/envoy.service.auth.v3.Authorization/Check trailers application/grpc 250m true 0";
      assert.deepEqual(seen, [want, want, want]);
    });
  }
});

test("a message that is larger than the server's windows is sent whole", async () => {
  const path = `/${"x".repeat(200_000)}`;
  const large = createWorkload([{ method: "GET", path, headers: {}, allowed: true }]);
  const bodies: Buffer[] = [];
  const script: Script = (stream, { body }) => {
    bodies.push(body);
    answer(stream, allow);
  };
  const server = await startScriptedServer(script, { initialWindowSize: 1_000 });
  const connection = await openCheckConnection({ target: server.target, timeoutMs: 250 });
  const checks = [large.next(), large.next(), large.next()];
  const frames = checks.map((check) => {
    const frame = Buffer.alloc(check.frameBytes);
    check.writeFrame(frame, 0);
    return frame;
  });
  const ends = await Promise.all(
    checks.map(
      async (check) =>
        await new Promise((resolve) => {
          connection.call(check, resolve);
        }),
    ),
  );
  connection.close();
  server.close();
  assert.deepEqual(ends, ["OK", "OK", "OK"]);
  assert.deepEqual(new Set(bodies.map(String)), new Set(frames.map(String)));
});

test("calls beyond what the server takes at once wait", async () => {
  let open = 0;
  let most = 0;
  const script: Script = (stream) => {
    most = Math.max(most, ++open);
    setTimeout(() => {
      open--;
      answer(stream, allow);
    }, 5);
  };
  const server = await startScriptedServer(script, { maxConcurrentStreams: 2 });
  const connection = await openCheckConnection({ target: server.target, timeoutMs: 250 });
  const ends = await Promise.all(
    Array.from(
      { length: 10 },
      async () =>
        await new Promise((resolve) => {
          connection.call(workload.next(), resolve);
        }),
    ),
  );
  connection.close();
  server.close();
  assert.deepEqual([new Set(ends), ends.length, most], [new Set(["OK"]), 10, 2]);
});

test("a connection that the server ends is opened again for the next call", async () => {
  const ends = await callServer((stream) => {
    answer(stream, allow);
    stream.on("close", () => stream.session?.close());
  }, 3);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["OK", "OK", "OK"],
  );
});

suite("opening fails", () => {
  test("where nobody listens", async () => {
    const target = `127.0.0.1:${await freePort()}`;
    await assert.rejects(openCheckConnection({ target, timeoutMs: 1 }), {
      message: `cannot connect to \`${target}\`: ECONNREFUSED`,
    });
  });

  test("where the connection is closed at once", async () => {
    const server = createServer((socket) => socket.destroy());
    const port = await listeningPort(server);
    await assert.rejects(
      openCheckConnection({ target: `127.0.0.1:${port}`, timeoutMs: 1 }),
      /cannot connect to/,
    );
    server.close();
  });
});

import assert from "node:assert/strict";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectPlain, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { connect } from "node:tls";
import { createLeanTransport, type LeanTransport } from "../../src/transport/lean-transport.ts";
import { grpcMessage } from "../support/h2-wire.ts";
import { tlsIdentity } from "../support/tls-identity.ts";

async function startTls(
  t: TestContext,
  prefaceTimeoutMs = 10_000,
): Promise<{ transport: LeanTransport; port: number }> {
  const transport = createLeanTransport({
    handlers: new Map([
      [
        "/test.Service/Echo",
        (call, reply) => {
          reply({ message: Buffer.from(call.message ?? "") });
        },
      ],
    ]),
    maxMessageBytes: 1_000_000,
    tls: tlsIdentity,
    limits: { prefaceTimeoutMs },
  });
  const address = await transport.listen("127.0.0.1:0");
  t.after(async () => {
    await transport.close(0);
  });
  return { transport, port: Number(address.slice(address.lastIndexOf(":") + 1)) };
}

/** Resolves when the socket is closed, whatever the cause. */
async function closeOf(socket: Socket): Promise<void> {
  socket.on("error", () => {});
  await new Promise<void>((resolve) => {
    socket.once("close", () => {
      resolve();
    });
  });
}

test("a call goes over TLS", async (t) => {
  const { port } = await startTls(t);
  const session = connectHttp2(`https://localhost:${port}`, {
    ca: tlsIdentity.cert,
    lookup: (_host, _options, done) => {
      done(null, [{ address: "127.0.0.1", family: 4 }]);
    },
  });
  t.after(() => {
    session.destroy();
  });
  const stream = session.request({
    ":method": "POST",
    ":path": "/test.Service/Echo",
    "content-type": "application/grpc",
  });
  const message = grpcMessage(Buffer.alloc(500_000, "x"));
  stream.end(message);
  assert.deepEqual(await buffer(stream), message);
});

test("a client that does not speak HTTP/2 is let go", async (t) => {
  const { port } = await startTls(t);
  const cases = [{ ALPNProtocols: ["http/1.1"] }, {}];
  for (const options of cases) {
    const socket = connect({ host: "127.0.0.1", port, ca: tlsIdentity.cert, ...options });
    const closed = closeOf(socket);
    socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\r\n\r\n"));
    socket.resume();
    await closed;
  }
});

test("a client that does not finish its handshake is cut and counted", async (t) => {
  const { transport, port } = await startTls(t, 200);
  const socket = connectPlain(port, "127.0.0.1");
  const closed = closeOf(socket);
  socket.resume();
  await closed;
  assert.equal(transport.counters.attacks["slow-preface"], 1);
});

test("plain text where TLS is spoken ends that connection only", async (t) => {
  const { port } = await startTls(t);
  const socket = connectPlain(port, "127.0.0.1");
  const closed = closeOf(socket);
  socket.resume();
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  await closed;
});

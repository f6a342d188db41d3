import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { connect as connectPlain, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import type { ConnectionCut } from "../../src/transport/http2/connection-options.ts";
import { createLeanTransport, type LeanTransport } from "../../src/transport/lean-transport.ts";
import { grpcMessage } from "../support/h2-wire.ts";
import { tlsIdentity } from "../support/tls-identity.ts";

async function startTls(
  t: TestContext,
  prefaceTimeoutMs = 10_000,
  onCut: (cut: ConnectionCut) => void = () => {},
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
    onCut,
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

test("a client that does not speak HTTP/2 is let go, and told nothing", async (t) => {
  const { transport, port } = await startTls(t);
  // Without ALPN the handshake is finished; with one that is not ours it is not.
  const cases = [
    { options: { ALPNProtocols: ["http/1.1"] }, secured: false, errors: 1 },
    { options: {}, secured: true, errors: 1 },
  ];
  for (const { options, secured, errors } of cases) {
    const socket = connect({ host: "127.0.0.1", port, ca: tlsIdentity.cert, ...options });
    const closed = closeOf(socket);
    let isSecured = false;
    socket.on("secureConnect", () => {
      isSecured = true;
      socket.write("GET / HTTP/1.1\r\n\r\n");
    });
    const told: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => told.push(chunk));
    await closed;
    assert.deepEqual([isSecured, told], [secured, []]);
    assert.equal(transport.counters.connectionErrors, errors);
  }
  assert.deepEqual([transport.counters.connections, transport.counters.streams], [0, 0]);
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
  const { transport, port } = await startTls(t);
  const good = await openSecure(port);
  const socket = connectPlain(port, "127.0.0.1");
  const closed = closeOf(socket);
  const told: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => told.push(chunk));
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  await closed;
  // At most an alert of TLS, and no frame of HTTP/2.
  const said = Buffer.concat(told);
  assert.ok(said.length === 0 || (said[0] === 0x15 && said.length <= 7), said.toString("hex"));
  assert.equal(transport.counters.connectionErrors, 1);
  assert.equal(transport.counters.openConnections, 1);
  assert.equal(good.destroyed, false);
  good.destroy();
});

test("a client that renegotiates is cut off at once, and counted", async (t) => {
  const cuts: ConnectionCut[] = [];
  const onCut = (cut: ConnectionCut): void => void cuts.push(cut);
  const { transport, port } = await startTls(t, 10_000, onCut);
  const other = await openSecure(port);
  const socket = await openSecure(port, { maxVersion: "TLSv1.2" });
  assert.equal(socket.getProtocol(), "TLSv1.2");
  const closed = closeOf(socket);
  socket.resume();
  let renegotiated = 0;
  const again = (): void => {
    if (socket.destroyed) return;
    socket.renegotiate({}, (error) => {
      if (error !== null) return;
      renegotiated++;
      again();
    });
  };
  again();
  await closed;
  assert.equal(renegotiated, 0);
  while (transport.counters.openConnections > 1) await new Promise(setImmediate);
  assert.equal(transport.counters.connectionErrors, 1);
  assert.deepEqual(
    cuts.map(({ became, why }) => [became, why]),
    [["ended", { error: "TLS renegotiation" }]],
  );
  assert.equal(other.destroyed, false);
  other.destroy();
});

/** A connection that speaks HTTP/2 over TLS, and has not said anything yet. */
async function openSecure(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port,
    ca: tlsIdentity.cert,
    ALPNProtocols: ["h2"],
    ...options,
  });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  return socket;
}

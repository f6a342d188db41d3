import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import {
  type ChannelCredentials,
  Client,
  credentials,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { connectPeer } from "../support/h2-peer.ts";
import { clientPreface, frame, frameType, settings } from "../support/h2-wire.ts";
import { expiredCertificate, tlsIdentity } from "../support/tls-identity.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-transport-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const cert = file("cert.pem", tlsIdentity.cert);
const key = file("key.pem", tlsIdentity.key);

async function start(t: TestContext, args: readonly string[]): Promise<ChildServer> {
  const server = await startOstiary(["--policy=policies/book.yaml", "--dispatch=inline", ...args]);
  t.after(async () => {
    await server.stop();
  });
  return server;
}

/** The status code of a `Health/Check`; it is given two seconds. */
async function checkHealth(
  t: TestContext,
  server: ChildServer,
  channel: ChannelCredentials,
): Promise<number> {
  const client = new Client(`localhost:${doorPort(server, "grpc")}`, channel, {
    "grpc.enable_http_proxy": 0,
    "grpc.use_local_subchannel_pool": 1,
  });
  t.after(() => {
    client.close();
  });
  return await new Promise((resolve) => {
    client.makeUnaryRequest(
      "/grpc.health.v1.Health/Check",
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
      Buffer.alloc(0),
      { deadline: Date.now() + 2_000 },
      (error: ServiceError | null) => {
        resolve(error?.code ?? status.OK);
      },
    );
  });
}

async function readMetrics(server: ChildServer): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${doorPort(server, "admin")}/metrics`);
  return await response.text();
}

const anonymous = credentials.createSsl(Buffer.from(tlsIdentity.cert));
const known = credentials.createSsl(
  Buffer.from(tlsIdentity.cert),
  Buffer.from(tlsIdentity.key),
  Buffer.from(tlsIdentity.cert),
);
const plain = credentials.createInsecure();

suite("the gRPC door over TLS", () => {
  const pair = [`--tls-cert=${cert}`, `--tls-key=${key}`];
  const mutual = [...pair, `--tls-client-ca=${cert}`];
  const cases = [
    { name: "anybody by TLS", args: pair, channel: anonymous, want: status.OK },
    { name: "nobody in plain text", args: pair, channel: plain, want: status.UNAVAILABLE },
    { name: "a client with a certificate", args: mutual, channel: known, want: status.OK },
    { name: "no client without", args: mutual, channel: anonymous, want: status.UNAVAILABLE },
  ];
  for (const { name, args, channel, want } of cases) {
    test(`${name}, with ${args.length} options`, async (t) => {
      const server = await start(t, args);
      assert.equal(await checkHealth(t, server, channel), want);
    });
  }
});

test("an own certificate that has expired is told, and when it did", async (t) => {
  const old = file("expired.pem", expiredCertificate);
  const server = await start(t, [`--tls-cert=${old}`, `--tls-key=${key}`]);
  assert.match(server.output(), /error the TLS certificate has expired .*validTo=2021-01-01/);
  const seconds = Date.parse("2021-01-01") / 1_000;
  const line = `ostiary_tls_certificate_expiry_timestamp_seconds ${seconds}`;
  assert.ok((await readMetrics(server)).split("\n").includes(line));
});

test("without TLS nothing is said of certificates", async (t) => {
  const server = await start(t, []);
  assert.doesNotMatch(server.output(), /certificate/);
  assert.doesNotMatch(await readMetrics(server), /certificate/);
});

test("options and metrics of the transport reach it", async (t) => {
  const server = await start(t, ["--http2-max-pings=5"]);
  const peer = await connectPeer({ host: "127.0.0.1", port: doorPort(server, "grpc") });
  const ping = frame(frameType.PING, 0, 0, Buffer.alloc(8));
  peer.write(Buffer.concat([clientPreface, settings(), ...Array.from({ length: 6 }, () => ping)]));
  assert.ok(await peer.end(5_000));
  assert.equal(peer.goaway(), "ENHANCE_YOUR_CALM");
  assert.match(
    server.output(),
    /warn +gRPC connection ended peer=127\.0\.0\.1:\d+ limit=--http2-max-pings leftOut=0/,
  );
  assert.equal(await checkHealth(t, server, plain), status.OK);
  const lines = new Set((await readMetrics(server)).split("\n"));
  const want = [
    'ostiary_transport_attacks_total{kind="ping-flood"} 1',
    'ostiary_transport_attacks_total{kind="rapid-reset"} 0',
    'ostiary_transport_connection_errors_total{fault="peer"} 1',
    'ostiary_transport_connection_errors_total{fault="internal"} 0',
    "ostiary_transport_connections_total 2",
    "ostiary_transport_streams_total 1",
    "ostiary_transport_connections 1",
  ];
  assert.deepEqual(
    want.filter((line) => !lines.has(line)),
    [],
  );
});

test("a watcher of its health does not hold up the end", async (t) => {
  const server = await start(t, ["--drain-ms=60000"]);
  const client = new Client(`127.0.0.1:${doorPort(server, "grpc")}`, plain);
  t.after(() => {
    client.close();
  });
  const call = client.makeServerStreamRequest(
    "/grpc.health.v1.Health/Watch",
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
    Buffer.alloc(0),
  );
  const told: string[] = [];
  call.on("data", (message: Buffer) => told.push(message.toString("hex")));
  const ended = new Promise<number>((resolve) => {
    call.on("error", ({ code }: ServiceError) => {
      resolve(code);
    });
  });
  await once(call, "data");
  assert.equal(await server.stop(), 0);
  assert.equal(await ended, status.UNAVAILABLE);
  assert.deepEqual(told, ["0801", "0802"]);
});

test("grpc-js shows no transport metrics and watches nothing", async (t) => {
  const server = await start(t, ["--transport=grpc-js"]);
  assert.equal(await checkHealth(t, server, plain), status.OK);
  assert.doesNotMatch(await readMetrics(server), /ostiary_transport/);
});

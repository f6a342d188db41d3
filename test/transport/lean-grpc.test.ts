import assert from "node:assert/strict";
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from "node:http2";
import { buffer } from "node:stream/consumers";
import { after, before, suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import type { Transport, UnaryHandler } from "../../src/transport/grpc-transport.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";
import { grpcMessage } from "../support/h2-wire.ts";

const echo: UnaryHandler = (call, reply) => {
  reply({ message: Buffer.from(call.message ?? "too large") });
};

const handlers = new Map<string, UnaryHandler>([
  ["/test.Service/Echo", echo],
  [
    "/test.Service/Fail",
    (call, reply) => {
      reply({ status: 13, details: Buffer.from(call.message ?? "").toString() });
    },
  ],
  [
    "/test.Service/Metadata",
    (call, reply) => {
      const binary = call
        .binaryMetadata("x-bin")
        .map((value) => Buffer.from(value).toString("hex"));
      const text = [call.metadata("x-a"), call.metadata("x-bin"), call.metadata(":path")];
      reply({ message: Buffer.from(JSON.stringify({ text, binary })) });
    },
  ],
]);

interface Answer {
  readonly headers: Record<string, unknown>;
  readonly body: Buffer;
}

const grpc = { "content-type": "application/grpc" };

/** A message that is marked as compressed, and is. */
function packed(text: string | Buffer): Buffer {
  const message = grpcMessage(gzipSync(text));
  message[0] = 1;
  return message;
}

suite("gRPC over HTTP/2", () => {
  let transport: Transport;
  let session: ClientHttp2Session;
  before(async () => {
    transport = createLeanTransport({
      handlers,
      maxMessageBytes: 1_000,
      limits: { maxHeaderListBytes: 1_024 },
    });
    session = connect(`http://${await transport.listen("127.0.0.1:0")}`);
  });
  after(async () => {
    session.destroy();
    await transport.close(0);
  });

  /** A request of its own; headers and trailers of the answer in one. */
  async function ask(headers: object, body: Uint8Array = Buffer.alloc(0)): Promise<Answer> {
    const stream = session.request({
      ":method": "POST",
      ":path": "/test.Service/Echo",
      ...headers,
    });
    const all: Record<string, unknown> = {};
    const take = (entries: IncomingHttpHeaders): void => {
      Object.assign(all, entries);
    };
    stream.on("response", take);
    stream.on("trailers", take);
    // A HEAD request has ended already.
    if (stream.writable) stream.end(body);
    return { headers: all, body: await buffer(stream) };
  }

  const refusals: readonly {
    readonly name: string;
    readonly headers: object;
    readonly want: Readonly<Record<string, unknown>>;
  }[] = [
    { name: "without a content type", headers: {}, want: { ":status": 415 } },
    { name: "text", headers: { "content-type": "text/plain" }, want: { ":status": 415 } },
    {
      name: "gRPC-web",
      headers: { "content-type": "application/grpc-web" },
      want: { ":status": 415 },
    },
    {
      name: "JSON",
      headers: { "content-type": "application/grpc+json" },
      want: { ":status": 415 },
    },
    { name: "a HEAD", headers: { ":method": "HEAD" }, want: { ":status": 415 } },
    {
      name: "a PUT",
      headers: { ...grpc, ":method": "PUT" },
      want: { ":status": 405, allow: "POST" },
    },
    {
      name: "a list of headers that is too large, with a method that is none",
      headers: { ...grpc, ":path": "/test.Service/Other", a: "x".repeat(1_100) },
      want: { ":status": 431 },
    },
    {
      name: "an unknown method",
      headers: { ...grpc, ":path": "/test.Service/Other" },
      want: { ":status": 200, "grpc-status": "12", "grpc-message": "unknown method" },
    },
    {
      name: "an unknown compression",
      headers: { ...grpc, "grpc-encoding": "deflate" },
      want: { "grpc-status": "12", "grpc-accept-encoding": "identity,gzip" },
    },
    {
      name: "a timeout that is none",
      headers: { ...grpc, "grpc-timeout": "soon" },
      want: { "grpc-status": "13", "grpc-message": "malformed grpc-timeout" },
    },
  ];
  for (const { name, headers, want } of refusals) {
    test(`refused: ${name}`, async () => {
      const answer = await ask(headers, grpcMessage(Buffer.from("x")));
      assert.deepEqual({ ...answer.headers, ...want }, answer.headers);
    });
  }

  const types = ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"];
  for (const type of types) {
    test(`taken: ${type}`, async () => {
      const answer = await ask({ "content-type": type }, grpcMessage(Buffer.from("x")));
      assert.deepEqual(answer.body, grpcMessage(Buffer.from("x")));
      assert.equal(answer.headers["content-type"], "application/grpc");
      assert.equal(answer.headers["grpc-status"], "0");
    });
  }

  const one = grpcMessage(Buffer.from("one"));
  const broken = grpcMessage(Buffer.from("no gzip"));
  broken[0] = 1;
  const gzip = { "grpc-encoding": "gzip" };
  const bodies: readonly {
    readonly name: string;
    readonly headers?: object;
    readonly body: Buffer;
    readonly want: { readonly status: string; readonly details?: string; readonly body?: string };
  }[] = [
    {
      name: "none",
      body: Buffer.alloc(0),
      want: { status: "13", details: "no message in a unary call" },
    },
    {
      name: "half of one",
      body: one.subarray(0, 6),
      want: { status: "13", details: "the message is shorter than announced" },
    },
    {
      name: "two",
      body: Buffer.concat([one, one]),
      want: { status: "13", details: "more than one message in a unary call" },
    },
    {
      name: "one of the largest size",
      body: grpcMessage(Buffer.alloc(1_000, "a")),
      want: { status: "0" },
    },
    {
      name: "one that is too large",
      body: grpcMessage(Buffer.alloc(1_001)),
      want: { status: "0", body: "too large" },
    },
    { name: "gzip", headers: gzip, body: packed("small"), want: { status: "0", body: "small" } },
    {
      name: "gzip that grows too large",
      headers: gzip,
      body: packed(Buffer.alloc(1_001)),
      want: { status: "0", body: "too large" },
    },
    { name: "plain under gzip", headers: gzip, body: one, want: { status: "0", body: "one" } },
    {
      name: "gzip that is none",
      headers: gzip,
      body: broken,
      want: { status: "13", details: "the message cannot be decompressed" },
    },
    {
      name: "compressed without saying how",
      body: packed("small"),
      want: { status: "13", details: "a compressed message without grpc-encoding" },
    },
    {
      name: "one whose time is up, which is the handler's to answer",
      headers: { "grpc-timeout": "0n" },
      body: one,
      want: { status: "0" },
    },
  ];
  for (const { name, headers, body, want } of bodies) {
    test(`a message: ${name}`, async () => {
      const answer = await ask({ ...grpc, ...headers }, body);
      assert.equal(answer.headers["grpc-status"], want.status);
      assert.equal(answer.headers["grpc-message"], want.details);
      assert.equal(
        answer.body.subarray(5).toString(),
        want.body ?? answer.body.subarray(5).toString(),
      );
    });
  }

  test("details are percent-encoded", async () => {
    const message = grpcMessage(Buffer.from("50 % é\n"));
    const answer = await ask({ ...grpc, ":path": "/test.Service/Fail" }, message);
    assert.equal(answer.headers["grpc-message"], "50 %25 %C3%A9%0A");
  });

  test("metadata is text, or bytes when its name says so", async () => {
    const answer = await ask(
      {
        ...grpc,
        ":path": "/test.Service/Metadata",
        "x-a": ["1", "2"],
        "x-bin": "/wA,AQ==",
      },
      grpcMessage(Buffer.alloc(0)),
    );
    assert.deepEqual(JSON.parse(answer.body.subarray(5).toString()), {
      text: ["1,2", null, null],
      binary: ["ff00", "01"],
    });
  });
});

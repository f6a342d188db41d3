import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import type { StreamingHandler } from "../../src/transport/grpc-transport.ts";
import { HpackDecoder, HpackFault } from "../../src/transport/hpack/decoder.ts";
import { createLeanTransport } from "../../src/transport/lean-transport.ts";
import { connectPeer } from "../support/h2-peer.ts";
import {
  clientPreface,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  headerBlock,
  settings,
  settingsAck,
} from "../support/h2-wire.ts";

type Told = string[];

/** Answers every message twice, and ends when the caller has, unless one said `wait`; notes what it is told. */
function twice(told: Told): StreamingHandler {
  return (_call, reply) => ({
    message(message) {
      const text = message === undefined ? "too large" : Buffer.from(message).toString();
      told.push(text);
      if (text === "fault") throw new Error("secret");
      reply.send(Buffer.from(text));
      reply.send(Buffer.from(text));
    },
    halfClosed() {
      told.push("half closed");
      if (!told.includes("wait")) reply.end(0, "");
    },
    gone() {
      told.push("gone");
      reply.send(Buffer.from("nobody hears it"));
      reply.end(0, "");
    },
  });
}

interface StreamAnswer {
  readonly messages: string[];
  readonly error: ServiceError | undefined;
}

async function start(t: TestContext, handler: StreamingHandler): Promise<Client> {
  const transport = createLeanTransport({
    handlers: new Map(),
    streamingHandlers: new Map([["/test.Service/Stream", handler]]),
    maxMessageBytes: 1_000,
  });
  const client = new Client(await transport.listen("127.0.0.1:0"), credentials.createInsecure(), {
    "grpc.enable_http_proxy": 0,
  });
  t.after(async () => {
    client.close();
    await transport.close(0);
  });
  return client;
}

const identity = (bytes: Buffer): Buffer => bytes;

/** Sends the messages, then ends its side, cancels or waits; resolves when the call has ended. */
async function stream(
  client: Client,
  messages: readonly string[],
  how: "end" | "cancel" | "wait",
  deadlineMs = 5_000,
): Promise<StreamAnswer> {
  const call = client.makeBidiStreamRequest("/test.Service/Stream", identity, identity, {
    deadline: Date.now() + deadlineMs,
  });
  const received: string[] = [];
  call.on("data", (message: Buffer) => {
    received.push(message.toString());
  });
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    call.on("error", resolve);
    call.on("end", () => {
      resolve(undefined);
    });
  });
  for (const message of messages) call.write(Buffer.from(message));
  if (how === "end") call.end();
  if (how === "cancel") {
    await sleep(50);
    call.cancel();
  }
  return { messages: received, error: await ended };
}

test("messages go both ways", async (t) => {
  const told: Told = [];
  const client = await start(t, twice(told));
  const { messages, error } = await stream(client, ["a", "", "b"], "end");
  assert.deepEqual(messages, ["a", "a", "", "", "b", "b"]);
  assert.equal(error, undefined);
  assert.deepEqual(told, ["a", "", "b", "half closed"]);
});

const ends = [
  {
    name: "cancelled",
    messages: ["wait"],
    how: "cancel",
    code: status.CANCELLED,
    // The client ends its side before it resets the stream.
    want: ["wait", "half closed", "gone"],
  },
  {
    name: "whose handler throws",
    messages: ["fault"],
    how: "wait",
    code: status.INTERNAL,
    want: ["fault"],
  },
  {
    name: "with a message that is too large",
    messages: ["x".repeat(1_001)],
    how: "wait",
    code: status.RESOURCE_EXHAUSTED,
    want: ["too large"],
  },
] as const;

for (const { name, messages, how, code, want } of ends) {
  test(`a streaming call ${name} ends, and the handler is told`, async (t) => {
    const told: Told = [];
    const client = await start(t, twice(told));
    const { error } = await stream(client, messages, how, 300);
    assert.equal(error?.code, code);
    // The client knows of the end before the server does.
    while (told.length < want.length) await sleep(5);
    assert.deepEqual(told, want);
  });
}

test("a streaming call past its time ends, and the handler is told", async (t) => {
  const told: Told = [];
  const client = await start(t, twice(told));
  // No client of gRPC's: its own clock might be first.
  const [host = "", port] = client.getChannel().getTarget().replace(/^dns:/, "").split(":");
  const peer = await connectPeer({ host, port: Number(port) });
  t.after(() => {
    peer.destroy();
  });
  const block = headerBlock(grpcFields("/test.Service/Stream", [["grpc-timeout", "100m"]]));
  peer.write(
    Buffer.concat([
      clientPreface,
      settings(),
      settingsAck,
      frame(frameType.HEADERS, flag.END_HEADERS, 1, block),
      frame(frameType.DATA, 0, 1, grpcMessage(Buffer.from("a"))),
    ]),
  );
  const end = await peer.until(({ flags, stream: id }) => id === 1 && (flags & 1) !== 0);
  assert.ok(end);
  const decoder = new HpackDecoder({ maxHeaderListBytes: 1_000, maxHeaders: 9 });
  const trailers = decoder.decode(end.payload, 0, end.payload.length);
  assert.ok(!(trailers instanceof HpackFault));
  assert.deepEqual(trailers.values, ["4", "deadline exceeded"]);
  assert.deepEqual(told, ["a", "gone"]);
});

test("a handler may end the call at once", async (t) => {
  const client = await start(t, (_call, reply) => {
    reply.end(status.NOT_FOUND, "no such thing");
    return { message: () => {}, halfClosed: () => {}, gone: () => {} };
  });
  const { error } = await stream(client, [], "wait");
  assert.equal(error?.details, "no such thing");
});

test("a handler that cannot begin is INTERNAL", async (t) => {
  const client = await start(t, () => {
    throw new Error("secret");
  });
  const { error } = await stream(client, ["a"], "wait");
  assert.equal(error?.details, "internal error");
});

import assert from "node:assert/strict";
import { link, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Transport, UnaryCall, UnaryHandler } from "../../src/transport/grpc-transport.ts";
import { freezeTime } from "../support/freeze-time.ts";
import {
  clientPreface,
  flag,
  frame,
  frameType,
  grpcFields,
  grpcMessage,
  headerBlock,
  rstStream,
  settings,
} from "../support/h2-wire.ts";
import { createRawGrpcClient, type RawGrpcClient } from "../support/raw-grpc-client.ts";
import { type Adapter, adapters } from "../support/transports.ts";

const MAX_MESSAGE_BYTES = 10_000;

async function startTransport(
  t: TestContext,
  adapter: Adapter,
  handler: UnaryHandler,
  address = "127.0.0.1:0",
): Promise<{ transport: Transport; address: string; client: RawGrpcClient }> {
  const transport = adapter.create({
    handlers: new Map([["/test.Service/Method", handler]]),
    maxMessageBytes: MAX_MESSAGE_BYTES,
  });
  const bound = await transport.listen(address);
  const client = createRawGrpcClient(bound.replace("unix://", "unix:"));
  t.after(async () => {
    client.close();
    await transport.close(0);
  });
  return { transport, address: bound, client };
}

const anyOptions = { handlers: new Map([["/test.Service/Method", echo]]), maxMessageBytes: 1 };

function echo(call: UnaryCall, reply: Parameters<UnaryHandler>[1]): void {
  reply({ message: Buffer.from(call.message ?? "too large") });
}

for (const adapter of adapters) {
  suite(`the ${adapter.name} transport`, () => {
    test("bytes go in and come out", async (t) => {
      const { client } = await startTransport(t, adapter, echo);
      for (const message of [Buffer.alloc(0), Buffer.from([0, 1, 255]), Buffer.alloc(9_999, 7)]) {
        const answer = await client.call("/test.Service/Method", message);
        assert.deepEqual(answer, { code: 0, details: "", message });
      }
    });

    test("a message over the limit reaches the handler as undefined", async (t) => {
      const { client } = await startTransport(t, adapter, echo);
      for (const size of [MAX_MESSAGE_BYTES + 1, 200_000, 8_000_000]) {
        const answer = await client.call("/test.Service/Method", Buffer.alloc(size));
        assert.equal(answer.message?.toString(), "too large");
      }
      const after = await client.call("/test.Service/Method", Buffer.from("still alive"));
      assert.equal(after.message?.toString(), "still alive");
    });

    test("a compressed message that grows over the limit reaches the handler as undefined", async (t) => {
      const { address } = await startTransport(t, adapter, echo);
      const { Client, credentials, compressionAlgorithms } = await import("@grpc/grpc-js");
      const client = new Client(address, credentials.createInsecure(), {
        "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
        "grpc.enable_http_proxy": 0,
      });
      t.after(() => {
        client.close();
      });
      const answer = await new Promise<Buffer | undefined>((resolve) => {
        client.makeUnaryRequest(
          "/test.Service/Method",
          identity,
          identity,
          Buffer.alloc(100_000),
          (_error, message?: Buffer) => {
            resolve(message);
          },
        );
      });
      assert.equal(answer?.toString(), "too large");
    });

    test("a handler's own RESOURCE_EXHAUSTED is sent as it is", async (t) => {
      const { client } = await startTransport(t, adapter, (_call, reply) => {
        reply({ status: 8, details: "queue full" });
      });
      const answer = await client.call("/test.Service/Method", Buffer.from("x"));
      assert.deepEqual(answer, { code: 8, details: "queue full" });
    });

    test("a path without a handler is UNIMPLEMENTED", async (t) => {
      const { client } = await startTransport(t, adapter, echo);
      const answer = await client.call("/test.Service/Other", Buffer.from("x"));
      assert.equal(answer.code, 12);
    });

    test("a handler that throws is INTERNAL and says nothing of the fault", async (t) => {
      const { client } = await startTransport(t, adapter, () => {
        throw new Error("secret");
      });
      const answer = await client.call("/test.Service/Method", Buffer.from("x"));
      assert.deepEqual(answer, { code: 13, details: "internal error" });
    });

    test("only the first reply counts", async (t) => {
      const { client } = await startTransport(t, adapter, (_call, reply) => {
        reply({ status: 14, details: "first" });
        reply({ message: Buffer.from("second") });
      });
      const answer = await client.call("/test.Service/Method", Buffer.from("x"));
      assert.deepEqual(answer, { code: 14, details: "first" });
    });

    test("the deadline is on the clock of performance.now", async (t) => {
      freezeTime(t);
      const deadlines: (number | undefined)[] = [];
      const { client } = await startTransport(t, adapter, (call, reply) => {
        deadlines.push(call.deadline?.leftMs(performance.now()));
        reply({ message: Buffer.alloc(0) });
      });
      await client.call("/test.Service/Method", Buffer.alloc(0), { deadlineMs: 5_000 });
      await client.call("/test.Service/Method", Buffer.alloc(0));
      assert.deepEqual(deadlines, [5_000, undefined]);
    });

    test("a call past its deadline is DEADLINE_EXCEEDED and counts as cancelled", async (t) => {
      const calls: UnaryCall[] = [];
      const { client } = await startTransport(t, adapter, (call) => {
        calls.push(call);
      });
      const answer = await client.call("/test.Service/Method", Buffer.alloc(0), {
        deadlineMs: 100,
      });
      assert.equal(answer.code, 4);
      await sleep(50);
      assert.deepEqual(
        calls.map((call) => call.cancelled),
        [true],
      );
    });

    test("a caller that goes away is seen, and a late reply does nothing", async (t) => {
      const calls: { call: UnaryCall; reply: Parameters<UnaryHandler>[1] }[] = [];
      const { client } = await startTransport(t, adapter, (call, reply) => {
        calls.push({ call, reply });
      });
      const cancel = client.start("/test.Service/Method", Buffer.alloc(0));
      await sleep(100);
      cancel();
      await sleep(50);
      const [{ call, reply } = assert.fail("the handler was not called")] = calls;
      assert.equal(call.cancelled, true);
      assert.doesNotThrow(() => {
        reply({ message: Buffer.from("late") });
      });
    });

    test("metadata is read by name", async (t) => {
      const { client } = await startTransport(t, adapter, (call, reply) => {
        reply({
          message: Buffer.from(`${call.metadata("x-a")} ${call.metadata("x-b")} ${call.path}`),
        });
      });
      const answer = await client.call("/test.Service/Method", Buffer.alloc(0), {
        metadata: { "x-a": "1" },
      });
      assert.equal(answer.message?.toString(), "1 undefined /test.Service/Method");
    });

    test("it listens on a Unix socket, and not on one that is in use", async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "ostiary-"));
      t.after(async () => {
        await rm(folder, { recursive: true });
      });
      const path = join(folder, "grpc.sock");
      const { address, client } = await startTransport(t, adapter, echo, `unix://${path}`);
      assert.equal(address, `unix://${path}`);
      const answer = await client.call("/test.Service/Method", Buffer.from("x"));
      assert.equal(answer.message?.toString(), "x");
      const second = adapter.create(anyOptions);
      await assert.rejects(second.listen(`unix://${path}`), { code: "EADDRINUSE" });
    });

    test("a socket file that was left behind is replaced", async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "ostiary-"));
      t.after(async () => {
        await rm(folder, { recursive: true });
      });
      const path = join(folder, "grpc.sock");
      const gone = createServer();
      await new Promise<void>((resolve) => {
        gone.listen(join(folder, "first.sock"), resolve);
      });
      await link(join(folder, "first.sock"), path);
      await new Promise((resolve) => gone.close(resolve));
      const { client } = await startTransport(t, adapter, echo, `unix://${path}`);
      const answer = await client.call("/test.Service/Method", Buffer.from("x"));
      assert.equal(answer.message?.toString(), "x");
    });

    test("a file that is no socket is not replaced", async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "ostiary-"));
      t.after(async () => {
        await rm(folder, { recursive: true });
      });
      const path = join(folder, "file");
      await writeFile(path, "");
      const transport = adapter.create(anyOptions);
      await assert.rejects(transport.listen(`unix://${path}`), { code: "EADDRINUSE" });
    });

    test("it listens on an abstract Unix socket", async (t) => {
      const name = `ostiary-test-${process.pid}`;
      const { address } = await startTransport(t, adapter, echo, `unix://@${name}`);
      assert.equal(address, `unix://@${name}`);
      const socket = connect(`\0${name}`);
      await new Promise((resolve) => socket.once("connect", resolve));
      socket.destroy();
    });

    test("an address it cannot use is refused", async (t) => {
      const taken = createServer();
      await new Promise<void>((resolve) => {
        taken.listen(0, "127.0.0.1", resolve);
      });
      t.after(() => {
        taken.close();
      });
      const address = taken.address();
      assert.ok(typeof address === "object" && address !== null);
      const cases = [
        { address: `127.0.0.1:${address.port}`, want: /EADDRINUSE/ },
        { address: "nonsense", want: /not an address/ },
        { address: ":70000", want: /not an address/ },
        { address: "::1:80", want: /not an address/ },
        { address: "unix://relative", want: /not an address/ },
        { address: "unix://@", want: /not an address/ },
      ];
      for (const { address: given, want } of cases) {
        const transport = adapter.create(anyOptions);
        await assert.rejects(transport.listen(given), want, given);
      }
    });

    test("closing lets open calls end within the grace period", async (t) => {
      const { transport, client } = await startTransport(t, adapter, (_call, reply) => {
        setTimeout(() => {
          reply({ message: Buffer.from("answered") });
        }, 200);
      });
      const pending = client.call("/test.Service/Method", Buffer.alloc(0));
      await sleep(100);
      const dayMs = 86_400_000;
      await transport.close(dayMs);
      const answer = await pending;
      assert.equal(answer.message?.toString(), "answered");
    });

    test("closing cuts what does not end within the grace period", async (t) => {
      const { transport, client } = await startTransport(t, adapter, () => {});
      const pending = client.call("/test.Service/Method", Buffer.alloc(0));
      await sleep(100);
      await transport.close(50);
      const answer = await pending;
      assert.notEqual(answer.code, 0);
    });

    test("peers that vanish or talk nonsense do not end the process", async (t) => {
      const { address, client } = await startTransport(t, adapter, (_call, reply) => {
        setTimeout(() => {
          reply({ message: Buffer.from("late") });
        }, 20);
      });
      const port = Number(address.slice(address.lastIndexOf(":") + 1));
      const preface = Buffer.concat([clientPreface, settings()]);
      const cancelled = rstStream(1);
      const message = frame(frameType.DATA, flag.END_STREAM, 1, grpcMessage(Buffer.alloc(0)));
      const known = headers("/test.Service/Method", "application/grpc");
      const peers = [
        Buffer.from("GET / HTTP/1.1\r\n\r\n"),
        Buffer.from([0xff, 0, 1, 2]),
        Buffer.concat([preface, headers("/no.Such/Method", "application/grpc"), cancelled]),
        Buffer.concat([preface, headers("/test.Service/Method", "text/html"), cancelled]),
        Buffer.concat([preface, known, cancelled]),
        Buffer.concat([preface, known, message, cancelled]),
        Buffer.concat([preface, known, message]),
        Buffer.concat([preface, known, frame(0, 1, 1)]),
        Buffer.concat([preface, known, frame(0, 0, 1, Buffer.from([0, 0, 0, 0, 9, 1]))]),
      ];
      for (const bytes of peers) {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(bytes);
        await sleep(15);
        socket.resetAndDestroy();
      }
      await sleep(50);
      const answer = await client.call("/test.Service/Method", Buffer.alloc(0));
      assert.equal(answer.message?.toString(), "late");
    });
  });
}

function headers(path: string, contentType: string): Buffer {
  const fields = grpcFields(path).map(([name, value]): readonly [string, string] =>
    name === "content-type" ? [name, contentType] : [name, value],
  );
  return frame(frameType.HEADERS, flag.END_HEADERS, 1, headerBlock(fields));
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

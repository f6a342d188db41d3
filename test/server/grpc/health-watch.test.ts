import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { type Client, type ClientReadableStream, type ServiceError, status } from "@grpc/grpc-js";
import { createStreamingHandlers } from "../../../src/server/grpc/streaming-handlers.ts";
import { startLeanDoor } from "../../support/lean-door.ts";

/** A grace period that no test waits for. */
const dayMs = 86_400_000;

const path = "/grpc.health.v1.Health/Watch";
const serving = "0801";
const notServing = "0802";
const serviceUnknown = "0803";

const identity = (bytes: Buffer): Buffer => bytes;

/** The `HealthCheckRequest` for a service. */
const asking = (service: string): Buffer =>
  Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);

/** What one watcher is told, message by message. */
interface Watch {
  readonly call: ClientReadableStream<Buffer>;
  next(): Promise<string>;
  readonly ended: Promise<number>;
}

function watch(client: Client, request: Buffer): Watch {
  const call = client.makeServerStreamRequest(path, identity, identity, request);
  const ended = new Promise<number>((resolve) => {
    call.on("error", ({ code }: ServiceError) => {
      resolve(code);
    });
    call.on("end", () => {
      resolve(status.OK);
    });
  });
  return {
    call,
    ended,
    next: async () =>
      await new Promise((resolve) => {
        call.once("data", (message: Buffer) => {
          resolve(message.toString("hex"));
        });
      }),
  };
}

async function start(t: TestContext) {
  const state = { ready: true, draining: false };
  const handlers = createStreamingHandlers({
    isReady: () => state.ready && !state.draining,
    isDraining: () => state.draining,
  });
  return { state, ...(await startLeanDoor(t, handlers)) };
}

suite("Health/Watch", () => {
  for (const service of ["", "envoy.service.auth.v3.Authorization"]) {
    test(`tells \`${service}\` the status now and every change`, async (t) => {
      const { client, state } = await start(t);
      const watcher = watch(client, service === "" ? Buffer.alloc(0) : asking(service));
      assert.equal(await watcher.next(), serving);
      state.ready = false;
      assert.equal(await watcher.next(), notServing);
      state.ready = true;
      assert.equal(await watcher.next(), serving);
      watcher.call.cancel();
      assert.equal(await watcher.ended, status.CANCELLED);
    });
  }

  test("tells every watcher, one that comes later too", async (t) => {
    const { client, state } = await start(t);
    const first = watch(client, Buffer.alloc(0));
    assert.equal(await first.next(), serving);
    state.ready = false;
    assert.equal(await first.next(), notServing);
    first.call.cancel();
    const second = watch(client, Buffer.alloc(0));
    assert.equal(await second.next(), notServing);
    state.ready = true;
    assert.equal(await second.next(), serving);
  });

  test("a service there is not is unknown, until the end", async (t) => {
    const { client, state } = await start(t);
    const watcher = watch(client, asking("x.Y"));
    assert.equal(await watcher.next(), serviceUnknown);
    state.draining = true;
    assert.equal(await watcher.ended, status.UNAVAILABLE);
  });

  test("lets watchers go when the server ends, so that the end need not wait for them", async (t) => {
    const { client, state, transport } = await start(t);
    const watcher = watch(client, Buffer.alloc(0));
    assert.equal(await watcher.next(), serving);
    state.draining = true;
    const closed = transport.close(dayMs);
    assert.equal(await watcher.next(), notServing);
    assert.equal(await watcher.ended, status.UNAVAILABLE);
    await closed;
  });

  test("nonsense is INVALID_ARGUMENT", async (t) => {
    const { client } = await start(t);
    const { ended } = watch(client, Buffer.from("nonsense"));
    assert.equal(await ended, status.INVALID_ARGUMENT);
  });

  for (const count of [0, 2]) {
    test(`${count} questions are INVALID_ARGUMENT`, async (t) => {
      const { client } = await start(t);
      const call = client.makeBidiStreamRequest(path, identity, identity);
      call.on("data", () => {});
      for (let i = 0; i < count; i++) call.write(Buffer.alloc(0));
      call.end();
      const code = await new Promise<number>((resolve) => {
        call.on("error", (error: ServiceError) => {
          resolve(error.code);
        });
      });
      assert.equal(code, status.INVALID_ARGUMENT);
    });
  }
});

import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { defaultNormalizeOptions } from "../../../src/payload/normalize-options.ts";
import { type Dispatcher, type Outcome, PoolError } from "../../../src/pool/dispatcher.ts";
import {
  type CheckServiceOptions,
  createCheckHandlers,
} from "../../../src/server/grpc/check-service.ts";
import { answerOptions } from "../../support/answer-options.ts";
import { encodeCheckRequest } from "../../support/check-request-bytes.ts";
import { allowed, createFakeDispatcher, denied } from "../../support/fake-dispatcher.ts";
import { createFakeRecorder, type FakeRecorder } from "../../support/fake-recorder.ts";
import { freezeTime } from "../../support/freeze-time.ts";
import {
  createRawGrpcClient,
  type RawAnswer,
  type RawGrpcClient,
} from "../../support/raw-grpc-client.ts";
import { showCheckResponse } from "../../support/show-check-response.ts";
import { type Adapter, adapters } from "../../support/transports.ts";

const checkPath = "/envoy.service.auth.v3.Authorization/Check";
const healthPath = "/grpc.health.v1.Health/Check";
const MAX_MESSAGE_BYTES = 4_194_304;

const request = encodeCheckRequest({
  attributes: { request: { http: { method: "GET", path: "/book" } } },
});

async function startDoor(
  t: TestContext,
  adapter: Adapter,
  dispatcher: Dispatcher,
  changes: Partial<CheckServiceOptions> = {},
): Promise<{ client: RawGrpcClient; recorder: FakeRecorder }> {
  const recorder = createFakeRecorder();
  const transport = adapter.create({
    maxMessageBytes: MAX_MESSAGE_BYTES,
    handlers: createCheckHandlers({
      dispatcher,
      observer: recorder,
      defaultDeadlineMs: 5_000,
      ...answerOptions,
      normalize: defaultNormalizeOptions,
      denyContentType: true,
      isReady: () => true,
      ...changes,
    }),
  });
  const client = createRawGrpcClient(await transport.listen("127.0.0.1:0"));
  t.after(async () => {
    client.close();
    await transport.close(0);
  });
  return { client, recorder };
}

type Changes = Partial<CheckServiceOptions>;

const ourFault = "7 Forbidden internal error";
const noTime = "7 ServiceUnavailable no decision before the deadline";

function fail(): never {
  throw new Error("planted");
}

const brokenOptions = Object.defineProperty({ ...defaultNormalizeOptions }, "maxHeaders", {
  get: fail,
});

/** Where faults were found and what they were, as lines. */
function collectFaults(): { faults: string[]; onFault: CheckServiceOptions["onFault"] } {
  const faults: string[] = [];
  return { faults, onFault: (where, error) => faults.push(`${where} ${String(error)}`) };
}

function answering(outcome: Outcome): Dispatcher {
  return createFakeDispatcher((done) => {
    done(outcome);
  });
}

/** `0`, `7 Forbidden body`, or `grpc CODE`. */
function show(answer: RawAnswer): string {
  return answer.message === undefined ? `grpc ${answer.code}` : showCheckResponse(answer.message);
}

for (const adapter of adapters) {
  suite(`over ${adapter.name}`, () => {
    suite("outcomes", () => {
      const cases: readonly { name: string; outcome: Outcome; want: string; recorded: string }[] = [
        { name: "allow", outcome: allowed, want: "0", recorded: "grpc allow passed true" },
        {
          name: "deny",
          outcome: denied,
          want: "7 Forbidden not you",
          recorded: "grpc deny rule-failed true",
        },
        {
          name: "queue full",
          outcome: new PoolError("POOL_QUEUE_FULL"),
          want: "7 ServiceUnavailable too many requests are waiting",
          recorded: "grpc deny POOL_QUEUE_FULL true",
        },
        {
          name: "deadline",
          outcome: new PoolError("POOL_DEADLINE"),
          want: "7 ServiceUnavailable no decision before the deadline",
          recorded: "grpc deny POOL_DEADLINE true",
        },
        {
          name: "worker lost",
          outcome: new PoolError("POOL_WORKER_LOST"),
          want: "grpc 14",
          recorded: "grpc error POOL_WORKER_LOST true",
        },
        {
          name: "not ready",
          outcome: new PoolError("POOL_NOT_READY"),
          want: "grpc 14",
          recorded: "grpc error POOL_NOT_READY true",
        },
        {
          name: "internal",
          outcome: new PoolError("POOL_INTERNAL"),
          want: "7 Forbidden internal error",
          recorded: "grpc deny POOL_INTERNAL true",
        },
      ];
      for (const { name, outcome, want, recorded } of cases) {
        test(name, async (t) => {
          const { client, recorder } = await startDoor(t, adapter, answering(outcome));
          assert.equal(show(await client.call(checkPath, request)), want);
          assert.deepEqual(recorder.lines, ["started", recorded]);
        });
      }

      test("a dispatcher that answers with nothing is a fault of ours: denied, and told", async (t) => {
        const dispatcher = createFakeDispatcher((done) => {
          Reflect.apply(done, undefined, [undefined]);
        });
        const { faults, onFault } = collectFaults();
        const { client } = await startDoor(t, adapter, dispatcher, { onFault });
        assert.equal(show(await client.call(checkPath, request)), ourFault);
        assert.match(faults.join(), /^judge TypeError/);
      });

      test("a dispatcher that throws is one, and the client is not told what it threw", async (t) => {
        const dispatcher = createFakeDispatcher(() => {
          throw new Error("secret");
        });
        const { faults, onFault } = collectFaults();
        const { client, recorder } = await startDoor(t, adapter, dispatcher, { onFault });
        assert.equal(show(await client.call(checkPath, request)), ourFault);
        assert.deepEqual(recorder.lines, ["started", "grpc deny POOL_INTERNAL true"]);
        assert.deepEqual(faults, ["judge Error: secret"]);
      });

      test("a dispatcher that allows and then throws has allowed, one that throws first has not", async (t) => {
        const dispatcher = createFakeDispatcher((done) => {
          queueMicrotask(() => {
            done(allowed);
          });
          throw new Error("secret");
        });
        const { onFault } = collectFaults();
        const { client } = await startDoor(t, adapter, dispatcher, { onFault });
        assert.equal(show(await client.call(checkPath, request)), ourFault);
      });

      const broken: readonly { readonly where: string; readonly changes: Changes }[] = [
        {
          where: "read",
          changes: { normalize: brokenOptions },
        },
        {
          where: "judge",
          changes: { dispatcher: { serving: fail } },
        },
      ];
      for (const { where, changes } of broken) {
        test(`a fault while a request is ${where === "read" ? "read" : "judged"} is denied: ${Object.keys(changes).join()}`, async (t) => {
          const { faults, onFault } = collectFaults();
          const { client } = await startDoor(t, adapter, answering(allowed), {
            onFault,
            ...changes,
          });
          assert.equal(show(await client.call(checkPath, request)), ourFault);
          assert.deepEqual(faults, [`${where} Error: planted`]);
        });
      }

      for (const [count, outcome, want] of [
        ["checkStarted", allowed, "0"],
        ["checkFinished", allowed, "0"],
        ["checkStarted", denied, "7 Forbidden not you"],
        ["checkFinished", denied, "7 Forbidden not you"],
      ] as const) {
        test(`a fault in ${count} leaves the answer as it is: ${want}`, async (t) => {
          const { faults, onFault } = collectFaults();
          const observer = { ...createFakeRecorder(), [count]: fail };
          const { client } = await startDoor(t, adapter, answering(outcome), { onFault, observer });
          assert.equal(show(await client.call(checkPath, request)), want);
          assert.deepEqual(faults, ["telemetry Error: planted"]);
        });
      }

      test("a dispatcher that answers twice is heard once", async (t) => {
        const dispatcher = createFakeDispatcher((done) => {
          done(denied);
          done(allowed);
        });
        const { client, recorder } = await startDoor(t, adapter, dispatcher);
        assert.equal(show(await client.call(checkPath, request)), "7 Forbidden not you");
        assert.equal(recorder.lines.length, 2);
      });

      test("a dispatcher that never answers is a denial by our own deadline", async (t) => {
        const dispatcher = createFakeDispatcher(() => {});
        const { client, recorder } = await startDoor(t, adapter, dispatcher, {
          defaultDeadlineMs: 50,
        });
        assert.equal(show(await client.call(checkPath, request)), noTime);
        assert.deepEqual(recorder.lines, ["started", "grpc deny POOL_DEADLINE true"]);
      });

      test("a dispatcher that never answers is a denial before the caller's deadline", async (t) => {
        const dispatcher = createFakeDispatcher(() => {});
        const { client, recorder } = await startDoor(t, adapter, dispatcher);
        const answer = await client.call(checkPath, request, { deadlineMs: 300 });
        assert.equal(show(answer), noTime);
        assert.deepEqual(recorder.lines, ["started", "grpc deny POOL_DEADLINE true"]);
      });

      test("… or an error, where that is asked for", async (t) => {
        const dispatcher = createFakeDispatcher(() => {});
        const { client, recorder } = await startDoor(t, adapter, dispatcher, { shed: "error" });
        const answer = await client.call(checkPath, request, { deadlineMs: 300 });
        assert.equal(show(answer), "grpc 4");
        assert.deepEqual(recorder.lines, ["started", "grpc error POOL_DEADLINE true"]);
      });

      test("an answer that comes later than this turn", async (t) => {
        const dispatcher = createFakeDispatcher((done) => {
          setTimeout(done, 20, allowed);
        });
        const { client } = await startDoor(t, adapter, dispatcher);
        assert.equal(show(await client.call(checkPath, request)), "0");
      });
    });

    test("the deadline handed on is the earlier of the caller's and the default", async (t) => {
      const nowMs = freezeTime(t);
      const dispatcher = createFakeDispatcher((done) => {
        done(allowed);
      });
      const { client } = await startDoor(t, adapter, dispatcher, { defaultDeadlineMs: 1_000 });
      await client.call(checkPath, request, { deadlineMs: 200 });
      await client.call(checkPath, request, { deadlineMs: 60_000 });
      await client.call(checkPath, request);
      const waits = dispatcher.seen.map(({ deadlineMs }) => deadlineMs - nowMs);
      assert.deepEqual(waits, [180, 1_000, 1_000]);
    });

    test("… less a margin, which is at most half of the caller's time", async (t) => {
      const nowMs = freezeTime(t);
      const dispatcher = createFakeDispatcher((done) => {
        done(allowed);
      });
      const { client } = await startDoor(t, adapter, dispatcher, { deadlineMarginMs: 2_000 });
      await client.call(checkPath, request, { deadlineMs: 3_000 });
      await client.call(checkPath, request, { deadlineMs: 4_600 });
      const waits = dispatcher.seen.map(({ deadlineMs }) => deadlineMs - nowMs);
      assert.deepEqual(waits, [1_500, 2_600]);
    });

    test("a caller that has gone is counted as such, whatever comes of its request", async (t) => {
      const pending: ((outcome: Outcome) => void)[] = [];
      const dispatcher = createFakeDispatcher((done) => {
        pending.push(done);
      });
      const { client, recorder } = await startDoor(t, adapter, dispatcher);
      const cancel = client.start(checkPath, request);
      await sleep(100);
      cancel();
      await sleep(50);
      pending[0]?.(allowed);
      assert.deepEqual(recorder.lines, ["started", "grpc abandoned"]);
    });

    test("the dispatcher can ask whether the caller has gone", async (t) => {
      const asked: ((() => boolean) | undefined)[] = [];
      const dispatcher = createFakeDispatcher(() => {});
      const dispatchUnseen = dispatcher.dispatch.bind(dispatcher);
      dispatcher.dispatch = (input, deadline, done, isGone) => {
        asked.push(isGone);
        dispatchUnseen(input, deadline, done);
      };
      const { client } = await startDoor(t, adapter, dispatcher);
      const cancel = client.start(checkPath, request);
      while (asked.length === 0) await sleep(5);
      assert.equal(asked[0]?.(), false);
      cancel();
      while (!(asked[0]?.() ?? true)) await sleep(5);
      assert.equal(asked[0]?.(), true);
    });

    suite("requests that cannot be judged are denied with 400 and never dispatched", () => {
      const cases = [
        {
          name: "no protobuf",
          message: Buffer.from("nonsense"),
          want: "3 BadRequest the request cannot be read",
        },
        {
          name: "empty",
          message: new Uint8Array(),
          want: "3 BadRequest the request has no http attributes",
        },
        {
          name: "without http",
          message: encodeCheckRequest({ attributes: { source: {} } }),
          want: "3 BadRequest the request has no http attributes",
        },
        {
          name: "a header of 4 MiB",
          message: httpRequest({ headers: { big: "x".repeat(4_194_304) } }),
          want: "3 BadRequest the request is too large",
        },
        {
          name: "a message over the limit",
          message: Buffer.alloc(8_388_608),
          want: "3 BadRequest the request is too large",
        },
        {
          name: "invalid UTF-8",
          message: Buffer.from("0a082206120422022fff", "hex"),
          want: "3 BadRequest the request is not valid UTF-8",
        },
      ];
      for (const { name, message, want } of cases) {
        test(name, async (t) => {
          const dispatcher = createFakeDispatcher((done) => {
            done(allowed);
          });
          const { client, recorder } = await startDoor(t, adapter, dispatcher);
          assert.equal(show(await client.call(checkPath, message)), want);
          assert.deepEqual(dispatcher.seen, []);
          assert.deepEqual(recorder.lines, ["started", "grpc deny bad-request true"]);
        });
      }

      test("without a body when bodies are off", async (t) => {
        const { client } = await startDoor(t, adapter, answering(allowed), {
          showReason: false,
        });
        assert.equal(show(await client.call(checkPath, new Uint8Array())), "3 BadRequest");
      });
    });

    test("the payload reaches the dispatcher", async (t) => {
      const dispatcher = createFakeDispatcher((done) => {
        done(allowed);
      });
      const { client } = await startDoor(t, adapter, dispatcher);
      await client.call(checkPath, request);
      assert.deepEqual(
        dispatcher.seen.map(({ input }) => input),
        [
          {
            payload: { request: { http: { method: "GET", path: "/book" } } },
            sizeBytes: request.length,
          },
        ],
      );
    });

    suite("grpc.health.v1", () => {
      const cases = [
        { name: "the server", message: Buffer.alloc(0), ready: true, want: "0801" },
        {
          name: "the service",
          message: healthRequest("envoy.service.auth.v3.Authorization"),
          ready: true,
          want: "0801",
        },
        { name: "not ready", message: Buffer.alloc(0), ready: false, want: "0802" },
        { name: "an unknown service", message: healthRequest("x.Y"), ready: true, want: "grpc 5" },
        { name: "nonsense", message: Buffer.from("nonsense"), ready: true, want: "grpc 3" },
      ];
      for (const { name, message, ready, want } of cases) {
        test(name, async (t) => {
          const { client } = await startDoor(t, adapter, answering(denied), {
            isReady: () => ready,
          });
          const answer = await client.call(healthPath, message);
          assert.equal(answer.message?.toString("hex") ?? `grpc ${answer.code}`, want);
        });
      }
    });
  });
}

function httpRequest(fields: Parameters<typeof encodeCheckRequest>[0]): Uint8Array {
  return encodeCheckRequest({ attributes: { request: { http: fields } } });
}

function healthRequest(service: string): Buffer {
  return Buffer.concat([Buffer.from([0x0a, service.length]), Buffer.from(service)]);
}

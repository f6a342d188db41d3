import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import { openCheckConnection } from "../../src/grpc-client/check-connection.ts";
import { runClosedLoop } from "../../src/loadgen/closed-loop.ts";
import { runOpenLoop } from "../../src/loadgen/open-loop.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";
import { answer, type Script, startScriptedServer } from "../grpc-client/scripted-server.ts";

const workload = createWorkload([{ method: "GET", path: "/book", headers: {}, allowed: true }]);
const allow = buildAllowResponse();
const deny = buildDenyResponse({ kind: "forbidden", body: "", contentType: true });

/** Runs a loop against a server with that script over two connections. */
async function load<Result>(
  script: Script,
  run: (load: {
    connections: Awaited<ReturnType<typeof openCheckConnection>>[];
    workload: typeof workload;
    warmupMs: number;
    durationMs: number;
    onBegin: () => void;
    onEnd: () => void;
  }) => Promise<Result>,
): Promise<Result & { events: string }> {
  const server = await startScriptedServer(script);
  const options = { target: server.target, timeoutMs: 1_000 };
  const connections = [await openCheckConnection(options), await openCheckConnection(options)];
  const events: string[] = [];
  const result = await run({
    connections,
    workload,
    warmupMs: 50,
    durationMs: 300,
    onBegin: () => void events.push("begin"),
    onEnd: () => void events.push("end"),
  });
  for (const connection of connections) connection.close();
  server.close();
  return { ...result, events: events.join(" ") };
}

/** Every fourth call is let pass, every fourth is denied, every fourth fails, every fourth says nonsense. */
function mixedScript(): Script {
  let calls = 0;
  const acts: readonly Script[] = [
    (stream) => answer(stream, allow),
    (stream) => answer(stream, deny),
    (stream) => stream.respond({ "grpc-status": "14" }, { endStream: true }),
    (stream) => answer(stream, Uint8Array.of(15)),
  ];
  return (stream, request) => acts[calls++ % acts.length]!(stream, request);
}

test("a closed loop keeps its calls in flight, and no more", async () => {
  let open = 0;
  let most = 0;
  const result = await load(
    (stream) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        answer(stream, allow);
      }, 20);
    },
    async (options) => await runClosedLoop({ ...options, inFlight: 3 }),
  );
  assert.equal(most, 6);
  assert.deepEqual([result.wrongVerdicts, result.errors, result.events], [0, {}, "begin end"]);
  assert.ok(result.answered >= 6 && result.answered <= 6 * 16, `${result.answered} answers`);
  assert.ok(result.latencyMs.p50 >= 19, `p50 ${result.latencyMs.p50}`);
});

suite("wrong verdicts and errors are counted", () => {
  test("in a closed loop", async () => {
    const result = await load(
      mixedScript(),
      async (options) => await runClosedLoop({ ...options, inFlight: 2 }),
    );
    assert.ok(result.answered > 0);
    assert.ok(result.wrongVerdicts > 0);
    assert.deepEqual(Object.keys(result.errors), ["UNAVAILABLE", "unreadable answer"]);
  });

  test("in an open loop, each call once", async () => {
    const result = await load(
      mixedScript(),
      // One connection, so that the server sees the calls in the order in which they were sent.
      async ({ connections, ...options }) =>
        await runOpenLoop({
          ...options,
          connections: connections.slice(0, 1),
          ratePerSecond: 400,
        }),
    );
    const { UNAVAILABLE: unavailable = 0, "unreadable answer": unreadable = 0 } = result.errors;
    assert.equal(result.answered + result.wrongVerdicts + unavailable + unreadable, 120);
    assert.equal(result.answered, 30);
    assert.equal(result.wrongVerdicts, 30);
    assert.equal(result.events, "begin end");
  });
});

test("an open loop counts a stall in every call that was due meanwhile", async () => {
  let calls = 0;
  let stalledUntilMs = 0;
  // The 40th call (in the warm-up are 10) holds up all that come within 100 ms: a third of what is measured.
  const result = await load(
    (stream) => {
      if (++calls === 40) stalledUntilMs = performance.now() + 100;
      setTimeout(() => answer(stream, allow), Math.max(0, stalledUntilMs - performance.now()));
    },
    async (options) => await runOpenLoop({ ...options, ratePerSecond: 200 }),
  );
  assert.equal(result.answered, 60);
  assert.ok(result.latencyMs.max >= 95, `max ${result.latencyMs.max}`);
  assert.ok(result.latencyMs.p90 >= 50, `p90 ${result.latencyMs.p90}`);
  assert.ok(result.sendDelayP99Ms < 90, `sent ${result.sendDelayP99Ms} ms late`);
});

test("calls without an answer are unanswered", async () => {
  const result = await load(
    () => {},
    async (options) => await runOpenLoop({ ...options, ratePerSecond: 20 }),
  );
  assert.deepEqual([result.answered, result.errors], [0, { unanswered: 7 }]);
});

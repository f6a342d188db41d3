import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { readCounters, startGrpcChild } from "../../support/grpc-child.ts";
import { createRawGrpcClient } from "../../support/raw-grpc-client.ts";
import { runFuzz } from "./run-fuzz.ts";

const shareMs = 6_000;
const maxResidentBytes = 300_000_000;
const seed = Number(process.env["TEST_SEED"] ?? Date.now() % 2 ** 31);

test(`damaged streams neither end nor hang nor fill the server (seed ${seed})`, async (t) => {
  // A Unix socket, since so many connections over TCP would use up all ports.
  const path = join(tmpdir(), `ostiary-fuzz-${process.pid}.sock`);
  const child = await startGrpcChild("lean", {}, `unix://${path}`);
  const client = createRawGrpcClient(`unix:${path}`);
  t.after(async () => {
    client.close();
    await child.server.stop();
  });
  const { where } = child;
  const result = await runFuzz({ where, seed, maxStreams: Infinity, maxMs: shareMs });
  t.diagnostic(`${result.streams} streams, ${result.bytes} bytes, seed ${seed}`);
  assert.deepEqual(result.hanging, [], "the server did not close");
  assert.ok(child.alive(), child.server.output());
  assert.ok(child.residentBytes() < maxResidentBytes, `${child.residentBytes()} bytes`);
  const answer = await client.call("/test.Service/Echo", Buffer.from("after all that"));
  assert.equal(answer.message?.toString(), "after all that", answer.details);
  const counters = await readCounters(child);
  assert.equal(counters.internalFaults, 0);
  assert.deepEqual([counters.openConnections, counters.openStreams], [1, 0]);
  assert.match(child.server.output(), /^ready: \S+\ncounters: .*\n$/);
});

import assert from "node:assert/strict";
import { after as afterAll, before as beforeAll, suite, test } from "node:test";
import { attackKinds } from "../../../src/transport/http2/attack-limits.ts";
import { type GrpcChild, readCounters, startGrpcChild } from "../../support/grpc-child.ts";
import { connectPeer } from "../../support/h2-peer.ts";
import { createRawGrpcClient, type RawGrpcClient } from "../../support/raw-grpc-client.ts";
import { startAttackServer } from "./attack-server.ts";
import { attacks } from "./attacks.ts";

/** What the server may hold of memory, whatever is done to it. */
const maxResidentBytes = 350_000_000;

suite("under attack", () => {
  let child: GrpcChild;
  let client: RawGrpcClient;
  beforeAll(async () => {
    child = await startAttackServer();
    client = createRawGrpcClient(`127.0.0.1:${child.port}`);
  });
  afterAll(async () => {
    client.close();
    assert.equal(await child.server.stop(), 0, child.server.output());
    assert.match(child.server.output(), /^ready: \S+\n(?:counters: .*\n)*$/);
  });

  for (const { name, kind, want, run } of attacks) {
    test(`${want}: ${name}`, async () => {
      const before = await readCounters(child);
      const state = { over: false };
      const attack = run(child.where).finally(() => {
        state.over = true;
      });
      do {
        const message = Buffer.from("well behaved");
        const answer = await client.call("/test.Service/Echo", message, { deadlineMs: 5_000 });
        assert.equal(answer.message?.toString(), "well behaved", answer.details);
        assert.ok(child.residentBytes() < maxResidentBytes, `${child.residentBytes()} bytes`);
      } while (!state.over);
      assert.equal(await attack, want);
      const after = await readCounters(child);
      assert.ok(after.attacks[kind] > before.attacks[kind], `${kind} was not counted`);
      assert.equal(after.internalFaults, 0);
    });
  }

  test("cut off: more connections than are allowed", async (t) => {
    const small = await startGrpcChild("lean", { maxConnections: 20 });
    const guest = createRawGrpcClient(`127.0.0.1:${small.port}`);
    t.after(async () => {
      guest.close();
      await small.server.stop();
    });
    const echo = async (): Promise<number> =>
      (await guest.call("/test.Service/Echo", Buffer.alloc(0))).code;
    assert.equal(await echo(), 0);
    const peers = await Promise.all(
      Array.from({ length: 100 }, async () => await connectPeer(small.where)),
    );
    const ends = await Promise.all(peers.map(async (peer) => await peer.end(500)));
    assert.equal(ends.filter((closed) => closed).length, 81);
    assert.equal(await echo(), 0);
    const counters = await readCounters(small);
    assert.equal(counters.attacks["too-many-connections"], 81);
    for (const peer of peers) peer.destroy();
  });

  test("every limit has an attack", () => {
    const tried = new Set([...attacks.map(({ kind }) => kind), "too-many-connections"]);
    assert.deepEqual(
      attackKinds.filter((kind) => !tried.has(kind)),
      [],
    );
  });
});

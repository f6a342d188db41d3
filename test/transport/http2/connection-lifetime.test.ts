import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { chooseMaxAgeMs } from "../../../src/transport/http2/connection-lifetime.ts";
import { createLeanTransport } from "../../../src/transport/lean-transport.ts";
import { defaultLimits } from "../../../src/transport/limit-table.ts";
import { connectPeer, type Peer } from "../../support/h2-peer.ts";
import { clientPreface, settings, settingsAck } from "../../support/h2-wire.ts";
import { goaways, settle } from "../../support/lean-peer.ts";
import { controlLoopTime } from "../../support/loop-time.ts";

const almostOne = 1 - Number.EPSILON;

suite("the age at which a connection is ended", () => {
  const cases: readonly { maxConnectionAgeMs: number; random: number; want: number }[] = [
    { maxConnectionAgeMs: 1_000, random: 0, want: 900 },
    { maxConnectionAgeMs: 1_000, random: 0.25, want: 950 },
    { maxConnectionAgeMs: 1_000, random: 0.5, want: 1_000 },
    { maxConnectionAgeMs: 1_000, random: almostOne, want: 1_100 },
    { maxConnectionAgeMs: Infinity, random: 0, want: Infinity },
  ];
  for (const { maxConnectionAgeMs, random, want } of cases) {
    test(`of at most ${maxConnectionAgeMs} ms, at random ${random}`, () => {
      const ageMs = chooseMaxAgeMs({ ...defaultLimits.lifetime, maxConnectionAgeMs }, () => random);
      assert.equal(Math.round(ageMs), want);
    });
  }

  test("is another for each, within 10 %", () => {
    const lifetime = { ...defaultLimits.lifetime, maxConnectionAgeMs: 1_000 };
    const ages = Array.from({ length: 1_000 }, () => chooseMaxAgeMs(lifetime));
    assert.ok(new Set(ages).size > 900);
    assert.ok(Math.min(...ages) >= 900);
    assert.ok(Math.max(...ages) <= 1_100);
  });
});

test("of connections that are opened together each ends at its own age", async (t) => {
  let random = almostOne;
  t.mock.method(Math, "random", () => random);
  const time = controlLoopTime(t);
  const transport = createLeanTransport({
    handlers: new Map(),
    maxMessageBytes: 1,
    // The timeout of keepalive pings has connections looked at every 10 ms.
    lifetime: { maxConnectionAgeMs: 1_000, keepaliveMs: 86_400_000, keepaliveTimeoutMs: 40 },
  });
  const address = await transport.listen("127.0.0.1:0");
  const peers: Peer[] = [];
  t.after(async () => {
    for (const peer of peers) peer.destroy();
    // In time that stands still no grace period would end.
    t.mock.timers.reset();
    await transport.close(0);
  });
  const open = async (): Promise<Peer> => {
    const port = Number(address.slice(address.lastIndexOf(":") + 1));
    const peer = await connectPeer({ host: "127.0.0.1", port });
    peers.push(peer);
    peer.write(Buffer.concat([clientPreface, settings(), settingsAck]));
    await settle(peer, "greeted");
    return peer;
  };
  const late = await open();
  random = 0;
  const early = await open();
  const endings: string[][] = [];
  for (const [i, restMs] of [900, 10, 190, 10].entries()) {
    time.rest(restMs);
    // Whatever was sent before is there by then, and a connection that drains answers all the same.
    await Promise.all([settle(late, `${i}`), settle(early, `${i}`)]);
    endings.push([goaways(early), goaways(late)].map(([first = "none"]) => first));
  }
  const ended = "2147483647 NO_ERROR";
  assert.deepEqual(endings, [
    ["none", "none"],
    [ended, "none"],
    [ended, "none"],
    [ended, ended],
  ]);
});

import assert from "node:assert/strict";
import { suite, type TestContext, test } from "node:test";
import type { CheckInput } from "../../src/model/check-input.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { createInlinePool, type Pool } from "../../src/pool/create-pool.ts";
import {
  command,
  dispatch,
  nameOf,
  outcomesOf,
  type RecordedEvents,
  readyPool,
  recordEvents,
  scriptedEvaluator,
  startAutomaticPool,
} from "./pool-harness.ts";

const modes: { name: string; start: (t: TestContext, events: RecordedEvents) => Promise<Pool> }[] =
  [
    { name: "pool", start: (t, events) => readyPool(t, { events }) },
    {
      name: "inline",
      start: (_t, events) => Promise.resolve(createInlinePool(scriptedEvaluator(), events)),
    },
    {
      name: "auto, before there is an inline evaluator",
      start: async (t, events) => {
        const pool = startAutomaticPool(t, { events });
        await pool.ready();
        return pool;
      },
    },
    {
      name: "auto, everything inline",
      start: async (t, events) => {
        const inlineLimits = { maxTurnMicroseconds: 1e9, maxRequestBytes: 1e9, maxBodyLength: 1e9 };
        const pool = startAutomaticPool(t, { events, inlineLimits });
        await pool.ready();
        await outcomesOf(pool, ["allow"]);
        pool.useInline(scriptedEvaluator());
        return pool;
      },
    },
  ];

for (const { name, start } of modes) {
  suite(`dispatch: ${name}`, () => {
    test("each caller gets its own decision", async (t) => {
      const pool = await start(t, recordEvents());
      const commands = ["allow", "deny", "deny", "allow", "deny"];
      assert.deepEqual(await outcomesOf(pool, commands), commands);
      assert.deepEqual(await outcomesOf(pool, ["deny"]), ["deny"]);
    });

    test("the body reaches the caller", async (t) => {
      const pool = await start(t, recordEvents());
      const want = { allowed: false, reason: "rule-failed", body: "no" };
      assert.deepEqual(await dispatch(pool, command("deny")), want);
    });

    test("a deadline that has passed is refused", async (t) => {
      const events = recordEvents();
      const pool = await start(t, events);
      assert.deepEqual(await outcomesOf(pool, ["allow"], 0), ["POOL_DEADLINE"]);
      assert.deepEqual(await outcomesOf(pool, ["allow"], Number.NaN), ["POOL_DEADLINE"]);
      const sheds = events.seen.filter((event) => event.startsWith("shed"));
      assert.deepEqual(sheds, ["shed deadline-passed", "shed deadline-passed"]);
    });

    test("a request whose caller has gone is not evaluated", async (t) => {
      const events = recordEvents();
      const pool = await start(t, events);
      const before = events.seen.length + events.batches.length;
      const gone = dispatch(pool, command("throw"), Infinity, () => true);
      assert.equal(nameOf(await gone), "POOL_ABANDONED");
      assert.deepEqual(events.seen.at(-1), "shed abandoned");
      assert.equal(events.seen.length + events.batches.length, before + 1);
      assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
    });

    test("an evaluation that outlasts the deadline is no allow", async (t) => {
      const pool = await start(t, recordEvents());
      assert.deepEqual(await outcomesOf(pool, ["block:60"], 20), ["POOL_DEADLINE"]);
    });

    test("an evaluation that throws is refused, and others go on", async (t) => {
      const events = recordEvents();
      const pool = await start(t, events);
      assert.deepEqual(await outcomesOf(pool, ["throw"]), ["POOL_INTERNAL"]);
      assert.ok(events.seen.includes("shed internal"));
      assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
    });

    test("once closed everything is refused", async (t) => {
      const pool = await start(t, recordEvents());
      assert.ok(pool.isReady());
      await pool.close(1_000);
      assert.equal(pool.isReady(), false);
      assert.deepEqual(await outcomesOf(pool, ["allow"]), ["POOL_CLOSED"]);
    });
  });
}

/** An automatic pool whose workers claim that a request takes no time, so that only the other gates count. */
async function automaticPool(
  t: TestContext,
  options: { mood?: string; maxTurnMicroseconds?: number } = {},
): Promise<{ pool: Pool; events: RecordedEvents; inline: CheckInput[] }> {
  const events = recordEvents();
  const pool = startAutomaticPool(t, {
    events,
    ...(options.mood === undefined ? {} : { mood: options.mood }),
    inlineLimits: {
      maxTurnMicroseconds: options.maxTurnMicroseconds ?? 20_000,
      maxRequestBytes: 2_000,
      maxBodyLength: 1_000,
    },
  });
  await pool.ready();
  const inline: CheckInput[] = [];
  pool.useInline(scriptedEvaluator(inline));
  await outcomesOf(pool, ["allow"]);
  return { pool, events, inline };
}

test("auto: the first request goes to a worker, nothing being known of the policies", async (t) => {
  const { events, inline } = await automaticPool(t);
  assert.deepEqual({ batches: events.batches, inline }, { batches: [1], inline: [] });
});

test("auto: nothing is evaluated inline whose work has no bound, however cheap it was", async (t) => {
  const { pool, events } = await automaticPool(t);
  const unbounded: CheckInput[] = [];
  const other = startAutomaticPool(t, { events });
  await other.ready();
  other.useInline({ ...scriptedEvaluator(unbounded), hasBoundedWork: false });
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
    assert.deepEqual(await outcomesOf(other, ["allow"]), ["allow"]);
  }
  assert.deepEqual(unbounded, []);
});

test("auto: cheap requests are evaluated inline", async (t) => {
  const { pool, events, inline } = await automaticPool(t);
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
  assert.deepEqual(await outcomesOf(pool, ["deny", "allow"]), ["deny", "allow"]);
  assert.equal(inline.length, 3);
  assert.deepEqual(events.batches, [1]);
  assert.deepEqual(events.seen, ["inline 1", "inline 2"]);
});

test("auto: what costs less than handing it over is evaluated inline, however much comes", async (t) => {
  const { pool, events, inline } = await automaticPool(t, { maxTurnMicroseconds: 0 });
  await outcomesOf(pool, Array(500).fill("allow"));
  assert.deepEqual(
    { inline: inline.length, batches: events.batches },
    { inline: 500, batches: [1] },
  );
});

test("auto: large requests go to workers, with what came along", async (t) => {
  const { pool, events, inline } = await automaticPool(t);
  const large = dispatch(pool, command("allow", 2_001));
  const small = dispatch(pool, command("deny", 2_000));
  assert.deepEqual([nameOf(await large), nameOf(await small)], ["allow", "deny"]);
  assert.deepEqual({ batches: events.batches, inline }, { batches: [1, 2], inline: [] });
});

test("auto: bodies that policies see go to workers above a size, however cheap requests have been", async (t) => {
  const { pool, events, inline } = await automaticPool(t);
  const send = async (http: JsonObject, sizeBytes: number): Promise<boolean> => {
    const before = inline.length;
    const { payload } = command("allow", sizeBytes);
    assert.equal(
      nameOf(await dispatch(pool, { payload: { ...payload, request: { http } }, sizeBytes })),
      "allow",
    );
    return inline.length > before;
  };
  assert.equal(await send({ body: "x".repeat(1_000) }, 2_000), true);
  assert.equal(await send({ body: "x".repeat(1_001) }, 2_000), false);
  assert.equal(await send({ rawBody: "x".repeat(1_001) }, 2_000), false);
  assert.equal(await send({ body: "x".repeat(600), rawBody: "x".repeat(600) }, 2_000), false);
  // What no policy reads is not in the payload, and costs nothing.
  assert.equal(await send({ method: "POST" }, 2_000), true);
  assert.deepEqual(events.batches, [1, 1, 1, 1]);
});

test("auto: what becomes due while others of its turn are evaluated is left out", async (t) => {
  const { pool, events, inline } = await automaticPool(t, { maxTurnMicroseconds: 1e9 });
  const first = dispatch(pool, command("block:300"), 10_000);
  const second = dispatch(pool, command("allow"), 200);
  const third = dispatch(pool, command("deny"), 10_000);
  assert.deepEqual((await Promise.all([first, second, third])).map(nameOf), [
    "allow",
    "POOL_DEADLINE",
    "deny",
  ]);
  assert.equal(inline.length, 2);
  assert.deepEqual(events.seen, ["shed deadline-passed", "inline 2"]);
});

test("auto: dear policies never run inline", async (t) => {
  const { pool, inline } = await automaticPool(t, { mood: "dear:20", maxTurnMicroseconds: 50 });
  for (let turn = 0; turn < 5; turn++) await outcomesOf(pool, ["allow"]);
  assert.deepEqual(inline, []);
});

test("auto: small requests do not go to workers because large ones are dear", async (t) => {
  const { pool, events, inline } = await automaticPool(t);
  for (let turn = 0; turn < 5; turn++) await dispatch(pool, command("dear:1000", 2_001));
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
  assert.equal(inline.length, 1);
  // Those that are small tell what small ones cost.
  await Promise.all([dispatch(pool, command("allow", 2_001)), dispatch(pool, command("dear:9"))]);
  assert.deepEqual(events.batches.slice(0, 6), Array(6).fill(1));
  assert.deepEqual(await outcomesOf(pool, ["allow"]), ["allow"]);
  assert.equal(inline.length, 2);
});

test("auto: what turns out dear inline goes to workers from then on", async (t) => {
  const { pool, events, inline } = await automaticPool(t, { maxTurnMicroseconds: 2_000 });
  for (let turn = 0; turn < 4; turn++) await outcomesOf(pool, ["block:40"]);
  assert.ok(inline.length >= 1 && inline.length <= 2, `${inline.length} inline`);
  assert.equal(events.batches.length, 1 + 4 - inline.length);
});

test("auto: token caches of workers and of the inline evaluator are counted together", async (t) => {
  const { pool } = await automaticPool(t);
  const { jwtCacheHits, jwtCacheMisses, jwtCacheEntries, jwtCacheBytes } = pool.state();
  assert.deepEqual([jwtCacheHits, jwtCacheMisses, jwtCacheEntries, jwtCacheBytes], [2, 2, 3, 4]);
});

test("inline: a fault that a rule has come to is told, and the decision stands", async () => {
  const events = recordEvents();
  const evaluator = scriptedEvaluator();
  const fault = "RangeError: planted\n    at somewhere";
  const decide: typeof evaluator.decide = (input) => ({ ...evaluator.decide(input), fault });
  const pool = createInlinePool({ ...evaluator, decide }, events);
  assert.deepEqual(await outcomesOf(pool, ["deny"]), ["deny"]);
  assert.deepEqual(events.seen, ["failed RangeError: planted", "inline 1"]);
});

test("inline: there is always someone ready", async () => {
  const pool = createInlinePool(scriptedEvaluator(), recordEvents());
  await pool.ready();
  const { workersTotal, jwtCacheMisses } = pool.state();
  assert.deepEqual({ workersTotal, jwtCacheMisses }, { workersTotal: 0, jwtCacheMisses: 2 });
});

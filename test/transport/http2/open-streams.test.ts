import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenStreams } from "../../../src/transport/http2/open-streams.ts";
import { createRandom } from "../../support/random.ts";

interface Numbered {
  readonly id: number;
}

test("streams are found by their numbers as in a Map, whatever is added and deleted", () => {
  const random = createRandom(42);
  const open = new OpenStreams<Numbered>();
  const wanted = new Map<number, Numbered>();
  for (let id = 1; id < 4_000; id += 2) {
    const stream = { id };
    open.add(stream);
    wanted.set(id, stream);
    const asked = random.below(id + 4);
    assert.equal(open.get(asked), wanted.get(asked));
    const victim = { id: random.below(id + 2) };
    open.delete(wanted.get(victim.id) ?? victim);
    wanted.delete(victim.id);
    assert.equal(open.size, wanted.size);
  }
  assert.deepEqual(open.all(), [...wanted.values()]);
  assert.ok(wanted.size > 100, `${wanted.size} left`);
});

test("another stream of the same number is not deleted", () => {
  const open = new OpenStreams<Numbered>();
  const stream = { id: 1 };
  open.add(stream);
  open.delete({ id: 1 });
  assert.equal(open.get(1), stream);
});

test("streams may be closed while all are gone through", () => {
  const open = new OpenStreams<Numbered>();
  for (const id of [1, 3, 5]) open.add({ id });
  const seen: number[] = [];
  for (const stream of open.all()) {
    seen.push(stream.id);
    open.delete(stream);
  }
  assert.deepEqual([seen, open.size], [[1, 3, 5], 0]);
});

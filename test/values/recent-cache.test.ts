import assert from "node:assert/strict";
import { test } from "node:test";
import { RecentCache } from "../../src/values/recent-cache.ts";

test("what is in use stays, the rest goes", () => {
  const cache = new RecentCache<number>(2);
  cache.set("used", 1);
  for (let i = 0; i < 10; i++) {
    cache.set(`other ${i}`, i);
    assert.equal(cache.get("used"), 1);
  }
  assert.equal(cache.get("other 0"), undefined);
  assert.equal(cache.get("other 9"), 9);
});

test("names of object members are ordinary texts", () => {
  assert.equal(new RecentCache<number>().get("constructor"), undefined);
});

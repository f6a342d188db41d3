import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { defaultAdminLimits } from "../../../src/model/http-limits.ts";
import { type AdminDoorOptions, createAdminDoor } from "../../../src/server/http/admin-door.ts";

async function startDoor(t: TestContext, changes: Partial<AdminDoorOptions> = {}): Promise<string> {
  const door = createAdminDoor({
    isHealthy: () => true,
    isReady: () => true,
    checks: () => [],
    metricsText: async () => "metric 1\n",
    metricsContentType: "text/plain; version=0.0.4",
    policies: () => ({ revision: "r", policies: ["p"] }),
    isDraining: () => false,
    onFault: assert.fail,
    limits: defaultAdminLimits,
    onLimit: assert.fail,
    ...changes,
  });
  const address = await door.listen("127.0.0.1:0");
  t.after(async () => {
    await door.close(0);
  });
  return `http://${address}`;
}

/** The statuses of pages for requests with these headers. */
async function pageStatuses(
  base: string,
  headers: Record<string, string>,
): Promise<readonly number[]> {
  const paths = ["/health", "/livez", "/readyz", "/metrics", "/policies", "/none"];
  const answers = paths.map(async (path) => (await fetch(base + path, { headers })).status);
  return await Promise.all(answers);
}

test("a proxy that asks here about a request is told no", async (t) => {
  const base = await startDoor(t);
  assert.deepEqual(await pageStatuses(base, {}), [200, 200, 200, 200, 200, 404]);
  for (const headers of [
    { "X-Forwarded-Method": "GET" },
    { "x-forwarded-uri": "" },
    { "X-Original-Method": "GET" },
    { "X-Original-URI": "/a" },
    { "X-Original-URL": "http://h/a" },
  ]) {
    assert.deepEqual(await pageStatuses(base, headers), [403, 403, 403, 403, 403, 403]);
  }
});

test("connections are not kept while the server drains, and bodies are dropped", async (t) => {
  const base = await startDoor(t, { isDraining: () => true });
  const response = await fetch(`${base}/livez`);
  assert.equal(response.headers.get("connection"), "close");
  const method = "POST";
  assert.equal((await fetch(`${base}/livez`, { method, body: "x".repeat(900_000) })).status, 405);
});

async function get(url: string, method = "GET"): Promise<readonly [number, string]> {
  const response = await fetch(url, { method });
  return [response.status, await response.text()];
}

test("/readyz?verbose lists what it depends on, and what somebody should look at", async (t) => {
  const checks = [
    { name: "policies", good: true, text: "2", counts: true },
    { name: "workers", good: false, text: "0 of 2 answer", counts: true },
    { name: "files", good: false, text: "held back", counts: false },
  ];
  const url = await startDoor(t, { isReady: () => false, checks: () => checks });
  const listed = "[+]policies: 2\n[-]workers: 0 of 2 answer\n[!]files: held back\nunavailable\n";
  for (const query of ["?verbose", "?verbose=1", "?a=b&verbose"]) {
    assert.deepEqual(await get(`${url}/readyz${query}`), [503, listed], query);
  }
  assert.deepEqual(await get(`${url}/readyz`), [503, "unavailable\n"]);
  assert.deepEqual(await get(`${url}/readyz?verbosely`), [503, "unavailable\n"]);
});

test("probes say how things are", async (t) => {
  const cases = [
    { healthy: true, ready: true, want: [200, 200, 200] },
    { healthy: true, ready: false, want: [200, 200, 503] },
    { healthy: false, ready: false, want: [503, 200, 503] },
  ];
  for (const { healthy, ready, want } of cases) {
    const base = await startDoor(t, { isHealthy: () => healthy, isReady: () => ready });
    const statuses: number[] = [];
    for (const path of ["/health", "/livez", "/readyz"]) {
      const [status] = await get(base + path);
      statuses.push(status);
    }
    assert.deepEqual(statuses, want);
  }
});

test("metrics and policies are shown", async (t) => {
  const base = await startDoor(t);
  assert.deepEqual(await get(`${base}/metrics?x`), [200, "metric 1\n"]);
  const [status, body] = await get(`${base}/policies`);
  assert.deepEqual([status, JSON.parse(body)], [200, { revision: "r", policies: ["p"] }]);
});

test("HEAD has no body, other methods are 405, other paths are 404", async (t) => {
  const base = await startDoor(t);
  assert.deepEqual(await get(`${base}/health`, "HEAD"), [200, ""]);
  assert.deepEqual(await get(`${base}/health`, "POST"), [405, "method not allowed\n"]);
  assert.deepEqual(await get(`${base}/constructor`), [404, "not found\n"]);
});

test("only a refused method is told which there are, and no page may be taken for another type", async (t) => {
  const base = await startDoor(t);
  for (const [path, method, allow] of [
    ["/health", "POST", "GET, HEAD"],
    ["/health", "GET", null],
    ["/none", "GET", null],
  ] as const) {
    const { headers } = await fetch(base + path, { method });
    assert.equal(headers.get("allow"), allow);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
  }
});

test("a source that fails is 500, and the next request is answered", async (t) => {
  const faults: unknown[] = [];
  const base = await startDoor(t, {
    onFault: (error) => {
      faults.push(error);
    },
    metricsText: async () => await Promise.reject(new Error("secret")),
    policies: () => {
      throw new Error("secret");
    },
  });
  assert.deepEqual(await get(`${base}/metrics`), [500, "internal error\n"]);
  assert.deepEqual(await get(`${base}/policies`), [500, "internal error\n"]);
  assert.deepEqual(faults.map(String), ["Error: secret", "Error: secret"]);
  assert.deepEqual(await get(`${base}/health`), [200, "ok\n"]);
});

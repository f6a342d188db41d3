import assert from "node:assert/strict";
import { once } from "node:events";
import { mock, suite, test } from "node:test";
import type { Worker } from "node:worker_threads";
import { readConfig } from "../../src/config/read-config.ts";
import { ExpectedPatterns } from "../../src/kyverno-json/rules/expected-patterns.ts";
import { noDeadline } from "../../src/model/deadline.ts";
import type { PolicyFile } from "../../src/model/policy-snapshot.ts";
import { PoolError } from "../../src/pool/dispatcher.ts";
import { createPolicyService, type PolicyService } from "../../src/service/policy-service.ts";
import { createSnapshot } from "../../src/sources/files/read-policy-files.ts";
import type { SourceReading } from "../../src/sources/policy-source.ts";
import type { OnFault } from "../../src/telemetry/fault-report.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";

const file = (name: string, method = "GET"): PolicyFile => ({
  path: `${name}.yaml`,
  text: `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: "${name}" }
spec: { rules: [{ name: r, assert: { all: [{ check: { request: { http: { method: ${method} } } } }] } }] }
`,
});

const read = (names: string, removalIsExplicit = false): SourceReading => ({
  snapshot: createSnapshot(names.split("").map((name) => file(name))),
  diagnostics: [],
  removalIsExplicit,
});

interface Serving {
  readonly policies: PolicyService;
  readonly lines: readonly string[];
  readonly faults: readonly string[];
  readonly names: () => unknown;
}

async function serve(names: string, ...args: readonly string[]): Promise<Serving> {
  const env = { OSTIARY_WORKERS: "0" };
  const config = readConfig({ args: ["--policy=unused", ...args], env });
  const lines: string[] = [];
  const log = createLog({
    format: config.logFormat,
    level: "info",
    nowMs: () => 0,
    write: (line) => void lines.push(line),
  });
  const metrics = createMetrics({ processMetrics: false });
  const faults: string[] = [];
  const onFault: OnFault = (where, error) => void faults.push(`${where} ${String(error)}`);
  const events = metrics.poolEvents;
  const policies = createPolicyService({ config, log, metrics, events, onFault });
  assert.equal(await policies.load(read(names)), true);
  const describe = (): { policies?: unknown } => Object(policies.describe());
  return { policies, lines, faults, names: () => describe().policies };
}

test("a source that says outright what was removed is believed", async () => {
  const { policies, names } = await serve("abc");
  assert.equal(await policies.load(read("ab")), false);
  assert.deepEqual(names(), ["a", "b", "c"]);
  assert.equal(await policies.load(read("ab", true)), true);
  assert.deepEqual(names(), ["a", "b"]);
});

test("a fault of ours while a removal is confirmed is reported, and what serves goes on serving", async (t) => {
  const { policies, lines, faults, names } = await serve("abc");
  assert.equal(await policies.load(read("ab")), false);
  t.mock.method(ExpectedPatterns.prototype, "prepareSteps", () => {
    throw new TypeError("planted");
  });
  await policies.confirmRemoval();
  assert.deepEqual(faults, ["load TypeError: planted"]);
  assert.match(lines.at(-1) ?? "", /policies not loaded.*planted/);
  assert.deepEqual(names(), ["a", "b", "c"]);
});

test("the pool before is closed once another serves", async () => {
  const { policies } = await serve("a");
  const judge = async (pool: ReturnType<typeof policies.dispatcher.serving>): Promise<unknown> =>
    await new Promise((resolve) => {
      pool.dispatch({ payload: {}, sizeBytes: 0 }, noDeadline, (outcome) =>
        resolve(outcome instanceof PoolError ? outcome.code : outcome.reason),
      );
    });
  const before = policies.dispatcher.serving();
  assert.equal(await judge(before), "rule-failed");
  assert.equal(await policies.load(read("ab")), true);
  assert.equal(await judge(before), "POOL_CLOSED");
  assert.equal(await judge(policies.dispatcher.serving()), "rule-failed");
});

test("workers end with the policies that they were started for, whether these ever serve or not", async (t) => {
  const running: Worker[] = [];
  const note = (worker: Worker): void => {
    running.push(worker);
    worker.once("exit", () => running.splice(running.indexOf(worker), 1));
  };
  process.on("worker", note);
  t.after(() => process.off("worker", note));
  const { policies } = await serve("ab", "--dispatch=auto", "--workers=1");
  t.after(() => policies.dispatcher.close(0));
  const broken = createSnapshot([{ path: "a.yaml", text: "kind: [" }]);
  const loads: readonly { readonly load: SourceReading; readonly serves: boolean }[] = [
    { load: read("a"), serves: false },
    { load: { snapshot: broken, diagnostics: [], removalIsExplicit: false }, serves: false },
    { load: read("abc"), serves: true },
  ];
  for (const { load, serves } of loads) {
    const [before] = running;
    assert.equal(await policies.load(load), serves);
    while (running.length > 1) await once(running[serves ? 0 : 1] ?? assert.fail(), "exit");
    assert.equal(running[0] === before, !serves);
  }
  const fault = policies.load(read("abcd"), () => Promise.reject(new Error("planted")));
  await assert.rejects(fault, /planted/);
  assert.equal(running.length, 1);
});

test("what is held back is told at once and each minute, until it is over", async () => {
  mock.timers.enable({ apis: ["setInterval"] });
  try {
    const { policies, lines } = await serve("abc");
    const errors = (): number => lines.filter((line) => / error /.test(line)).length;
    await policies.load(read("ab"));
    assert.equal(errors(), 1);
    mock.timers.tick(59_999);
    assert.equal(errors(), 1);
    mock.timers.tick(1);
    assert.equal(errors(), 2);
    // The newest is told of, not both.
    await policies.load(read("b"));
    assert.equal(errors(), 3);
    mock.timers.tick(60_000);
    assert.equal(errors(), 4);
    assert.match(lines.at(-1) ?? "", /removed="a, c"/);
    await policies.load(read("abcd"));
    mock.timers.tick(600_000);
    assert.equal(errors(), 4);
    // A faulty edit as well.
    const broken = createSnapshot([{ path: "a.yaml", text: "[" }]);
    await policies.load({ snapshot: broken, diagnostics: [], removalIsExplicit: false });
    mock.timers.tick(120_000);
    assert.equal(lines.filter((line) => /error policies not loaded serving=/.test(line)).length, 3);
    await policies.load(read("abcd"));
    const told = lines.length;
    mock.timers.tick(600_000);
    assert.equal(lines.length, told);
  } finally {
    mock.timers.reset();
  }
});

suite("a confirmation covers the names that had been announced when it came", () => {
  const cases: readonly { name: string; announced: string; later: string; want: string }[] = [
    { name: "the same files", announced: "ab", later: "ab", want: "ab" },
    { name: "one more is gone", announced: "ab", later: "a", want: "abc" },
    { name: "another one is gone", announced: "ab", later: "ac", want: "abc" },
    { name: "fewer are gone", announced: "a", later: "ab", want: "ab" },
    { name: "all are back", announced: "ab", later: "abcd", want: "abcd" },
    { name: "a new one besides", announced: "ab", later: "abd", want: "abd" },
  ];
  for (const { name, announced, later, want } of cases) {
    test(`${name} by the time it takes effect`, async () => {
      const { policies, names } = await serve("abc");
      await policies.load(read(announced));
      // The reading has begun when the signal comes, and nobody was told of it yet.
      const reading = policies.load(read(later));
      await Promise.all([reading, policies.confirmRemoval()]);
      assert.deepEqual(names(), want.split(""));
    });
  }

  test("nothing is confirmed ahead of its announcement", async () => {
    const { policies, names, lines } = await serve("abc");
    const reading = policies.load(read("ab"));
    await Promise.all([reading, policies.confirmRemoval()]);
    assert.deepEqual(names(), ["a", "b", "c"]);
    assert.match(lines.at(-1) ?? "", /nothing to confirm/);
  });

  test("nor after a fault has taken its place", async () => {
    const { policies, names } = await serve("abc");
    await policies.load(read("ab"));
    await policies.load({ diagnostics: [], removalIsExplicit: false });
    await policies.confirmRemoval();
    assert.deepEqual(names(), ["a", "b", "c"]);
  });
});

test("many names are cut to the first, and each is told once", async () => {
  const { policies, lines } = await serve("abcdefghijklmnopqrstuvwxyz");
  await policies.load(read("z"));
  assert.match(lines.at(-1) ?? "", /removed="a, b, .*, t and 5 more" /);
});

test("faults have their code and place as fields in JSON lines", async () => {
  const { policies, lines } = await serve("a", "--log-format=json");
  const text = file("a").text.replace("check:", "chekc:");
  const snapshot = createSnapshot([{ path: "dir/a.yaml", text }]);
  await policies.load({ snapshot, diagnostics: [], removalIsExplicit: false });
  const parsed = lines.map((line): { code?: string } => JSON.parse(line));
  const fault = parsed.find(({ code }) => code !== undefined);
  const { message, ...fields } = Object(fault);
  assert.match(message, /check: Required/);
  const time = "1970-01-01T00:00:00.000Z";
  const place = { file: "dir/a.yaml", line: 5, column: 44 };
  assert.deepEqual(fields, { time, level: "error", code: "POLICY_SCHEMA", ...place });
  const { faults } = Object(policies.describe());
  assert.deepEqual(faults[0], { code: "POLICY_SCHEMA", severity: "error", ...place });
});

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { formatTable, tabulateRuns } from "../../bench/load/format-table.ts";
import { judgeRuns } from "../../bench/load/judge-runs.ts";
import {
  createCpuMeter,
  readCpuSeconds,
  readCpusAllowed,
  readResidentMb,
} from "../../bench/load/process-figures.ts";
import { buildRunRow, type RunRow } from "../../bench/load/run-row.ts";
import { spreadOf, summarizeRounds } from "../../bench/load/summarize-rounds.ts";
import type { LoadResult } from "../../src/loadgen/load-tally.ts";

const names = { scenario: "s", side: undefined, door: "grpc", load: "closed 1x1" } as const;
const result: LoadResult = {
  answered: 1_000,
  seconds: 2,
  latencyMs: { p50: 1, p90: 2, p99: 3, p999: 4, max: 5 },
  wrongVerdicts: 0,
  errors: {},
};
const cost = { serverSeconds: 0.5, clientSeconds: 1, wallSeconds: 2 };

function round(perSecond: number, more: Partial<RunRow> = {}): RunRow {
  const row = buildRunRow(names, result, cost);
  return { ...row, figures: { ...row.figures, perSecond }, ...more };
}

/** Keeps a core busy for so long, by its CPU time. */
function burn(milliseconds: number): void {
  const before = process.cpuUsage();
  while (process.cpuUsage(before).user < milliseconds * 1_000) Math.sqrt(before.user);
}

test("the CPU time of a process is read to the hundredth of a second", { skip: noProc() }, () => {
  const { user, system } = process.cpuUsage();
  assert.ok(Math.abs((readCpuSeconds(process.pid) ?? 0) - (user + system) / 1e6) < 0.1);
  const meter = createCpuMeter(process.pid);
  meter.begin();
  burn(200);
  meter.end();
  const { serverSeconds = 0, clientSeconds } = meter.cost();
  assert.ok(clientSeconds >= 0.2, `${clientSeconds}`);
  assert.ok(Math.abs(serverSeconds - clientSeconds) < 0.05, `${serverSeconds}`);
});

test("resident memory is what Node says", { skip: noProc() }, () => {
  const own = process.memoryUsage().rss / 1e6;
  assert.ok(Math.abs((readResidentMb(process.pid) ?? 0) - own) < 20);
});

test("the cores of a process are read as Linux lists them", { skip: noProc() }, () => {
  assert.match(readCpusAllowed(process.pid) ?? "", /^\d+([-,]\d+)*$/);
});

test("of a process that is not there nothing is known", () => {
  const pid = 4_194_305;
  assert.deepEqual(
    [readCpuSeconds(pid), readResidentMb(pid), readCpusAllowed(pid)],
    [undefined, undefined, undefined],
  );
});

suite("a row", () => {
  test("has throughput and CPU by answer", () => {
    const { figures } = buildRunRow(names, result, cost);
    const { perSecond, perServerCpuSecond, serverCpuMicrosEach, serverCores, clientBusy } = figures;
    assert.deepEqual(
      [perSecond, perServerCpuSecond, serverCpuMicrosEach, serverCores, clientBusy],
      [500, 2_000, 500, 0.25, 0.5],
    );
  });

  test("has no CPU figures where nobody can tell", () => {
    const { figures } = buildRunRow(names, result, { ...cost, serverSeconds: undefined });
    assert.deepEqual(
      [figures.perServerCpuSecond, figures.serverCpuMicrosEach, figures.serverCores],
      [undefined, undefined, undefined],
    );
  });

  const limits = [
    { name: "both have room", clientSeconds: 1, serverSeconds: 1, extra: {}, want: false },
    { name: "the client is full", clientSeconds: 1.9, serverSeconds: 1, extra: {}, want: true },
    { name: "both are full", clientSeconds: 1.9, serverSeconds: 1.9, extra: {}, want: false },
    {
      name: "an open loop spins but has time",
      clientSeconds: 2,
      serverSeconds: 1,
      extra: { clientBusyShare: 0.3, sendDelayP99Ms: 0.1 },
      want: false,
    },
    {
      name: "an open loop is late",
      clientSeconds: 2,
      serverSeconds: 1,
      extra: { clientBusyShare: 0.3, sendDelayP99Ms: 2 },
      want: true,
    },
  ];
  for (const { name, extra, want, ...seconds } of limits) {
    test(`says whether the client was the limit: ${name}`, () => {
      const row = buildRunRow(names, { ...result, ...extra }, { ...cost, ...seconds });
      assert.equal(row.clientLimited, want);
    });
  }
});

suite("rounds", () => {
  test("come to medians and spread", () => {
    assert.equal(spreadOf([]), undefined);
    assert.deepEqual(spreadOf([3, 1, 10]), { median: 3, min: 1, max: 10 });
    assert.deepEqual(spreadOf([4, 1, 2, 10]), { median: 3, min: 1, max: 10 });
  });

  test("add up what went wrong", () => {
    const runs = summarizeRounds([
      [round(100, { wrongVerdicts: 1, errors: { UNKNOWN: 2 } })],
      [round(300, { errors: { UNKNOWN: 1, INTERNAL: 1 }, clientLimited: true })],
    ]);
    assert.equal(runs.length, 1);
    const { figures, wrongVerdicts, errors, answered, clientLimited } = runs[0]!;
    assert.deepEqual(figures.perSecond, { median: 200, min: 100, max: 300 });
    assert.equal(figures.sendDelayP99Ms, undefined);
    assert.deepEqual(
      [wrongVerdicts, errors, answered, clientLimited],
      [1, { UNKNOWN: 3, INTERNAL: 1 }, 2_000, true],
    );
  });

  test("are shown as a table with the spread below", () => {
    const runs = summarizeRounds([[round(100)], [round(300)], [round(12_000)]]);
    const [header = "", median = "", min = "", max = ""] = formatTable(tabulateRuns(runs, 3));
    assert.match(header, /^scenario +load +answers\/s +p50 ms .* wrong +errors$/);
    assert.match(
      median,
      /^s +grpc closed 1x1 +300 +1\.00 +2\.00 .* 2,000 +0\.25 +50 % +1000\.0 +0 +0$/,
    );
    assert.match(min, /^ +min +100 /);
    assert.match(max, /^ +max +12,000 /);
    assert.equal(formatTable(tabulateRuns(runs, 1)).length, 2);
  });
});

suite("runs are judged", () => {
  const cases: readonly {
    name: string;
    more: Partial<RunRow>;
    allowErrors: boolean;
    want: ReturnType<typeof judgeRuns>;
  }[] = [
    { name: "all is well", more: {}, allowErrors: false, want: { passed: true, lines: [] } },
    {
      name: "one wrong verdict",
      more: { wrongVerdicts: 1 },
      allowErrors: true,
      want: { passed: false, lines: ["FAILED: s, grpc closed 1x1: 1 wrong verdicts"] },
    },
    {
      name: "errors",
      more: { errors: { UNAVAILABLE: 2, INTERNAL: 1 } },
      allowErrors: false,
      want: { passed: false, lines: ["FAILED: s, grpc closed 1x1: 2 x UNAVAILABLE, 1 x INTERNAL"] },
    },
    {
      name: "errors that may be",
      more: { errors: { UNAVAILABLE: 2 } },
      allowErrors: true,
      want: { passed: true, lines: ["errors: s, grpc closed 1x1: 2 x UNAVAILABLE"] },
    },
    {
      name: "no answer",
      more: { answered: 0 },
      allowErrors: true,
      want: { passed: false, lines: ["FAILED: s, grpc closed 1x1: no right answer at all"] },
    },
  ];
  for (const { name, more, allowErrors, want } of cases) {
    test(name, () => {
      assert.deepEqual(judgeRuns(summarizeRounds([[round(1, more)]]), allowErrors), want);
    });
  }
});

/** Why figures of processes cannot be tested here. */
function noProc(): string | false {
  return process.platform === "linux" ? false : "there is no /proc";
}

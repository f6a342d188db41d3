import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { parse } from "yaml";
import { runGrpcLoads } from "../../bench/load/grpc-runs.ts";
import { buildRunRow, type RunRow } from "../../bench/load/run-row.ts";
import { type RunSummary, summarizeRounds } from "../../bench/load/summarize-rounds.ts";
import {
  closedRun,
  differenceCell,
  latencyCell,
  megabyteCell,
  openRun,
  ratioCell,
} from "../../bench/performance/cells.ts";
import { addOpenRoute } from "../../bench/performance/measure-envoy.ts";
import { lackOfFiles } from "../../bench/performance/measure-idle.ts";
import { createMeasureSession } from "../../bench/performance/measure-session.ts";
import { replaceMeasured } from "../../bench/performance/replace-measured.ts";
import { performanceTables } from "../../bench/performance/tables.ts";
import { doorPort, startChild, startOstiary } from "../support/child-server.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-performance-test-"));
after(() => rmSync(folder, { recursive: true }));

function run(load: string, p99: number, more: Partial<RunRow> = {}): RunSummary {
  const row = buildRunRow(
    { scenario: "s", side: undefined, door: "grpc", load },
    {
      answered: 100,
      seconds: 1,
      latencyMs: { p50: 0.125, p90: p99, p99, p999: p99, max: p99 },
      wrongVerdicts: 0,
      errors: {},
    },
    { serverSeconds: 0.01, clientSeconds: 0.1, wallSeconds: 1 },
  );
  return summarizeRounds([[{ ...row, ...more }]])[0]!;
}

suite("a cell", () => {
  const cases: readonly { name: string; run: RunSummary | undefined; want: string }[] = [
    { name: "latencies", run: run("open", 12.34), want: "0.13 / 12.3" },
    {
      name: "a client at its limit",
      run: run("open", 1, { clientLimited: true }),
      want: "0.13 / 1.00†",
    },
    { name: "answers that come too late", run: run("open", 501), want: "collapses" },
    {
      name: "calls that fail",
      run: run("open", 1, { errors: { UNAVAILABLE: 1 } }),
      want: "collapses",
    },
    { name: "nothing", run: undefined, want: "–" },
  ];
  for (const { name, run: measured, want } of cases) {
    test(`of ${name}`, () => assert.equal(latencyCell(measured), want));
  }

  test("finds its run", () => {
    const runs = [
      run("closed 8x16", 1),
      run("open 5/s", 2, { ratePerSecond: 5 }),
      run("open 5/s, flooded", 3, { ratePerSecond: 5 }),
    ];
    assert.equal(closedRun(runs), runs[0]);
    assert.equal(openRun(runs, 5), runs[1]);
    assert.equal(openRun(runs, 5, "flooded"), runs[2]);
    assert.equal(openRun(runs, 6), undefined);
  });

  test("divides what it can", () => {
    assert.equal(ratioCell(run("a", 2), run("b", 3), "p99Ms"), "1.50");
    assert.equal(ratioCell(undefined, run("b", 3), "p99Ms"), "–");
  });

  test("takes one latency from the other", () => {
    assert.equal(differenceCell(run("a", 2), run("b", 3.25), "p99Ms"), "1.25");
    assert.equal(differenceCell(run("a", 3), run("b", 2), "p99Ms"), "-1.00");
    assert.equal(differenceCell(undefined, run("b", 3), "p50Ms"), "–");
  });

  test("has memory in whole megabytes", () => {
    assert.deepEqual([megabyteCell(1_234.5), megabyteCell(undefined)], ["1,235", "–"]);
  });
});

/** What Linux says of a process that may have so many files open. */
function limitsText(files: string): string {
  return `Max processes             7823      7823      processes\nMax open files            ${files}      20000     files\n`;
}

suite("idle connections need open files", () => {
  const cases = [
    { name: "enough", text: limitsText("1100"), want: undefined },
    { name: "no limit", text: limitsText("unlimited"), want: undefined },
    { name: "nobody knows", text: "", want: undefined },
    {
      name: "too few",
      text: limitsText("1024"),
      want: "1100 open files are needed and 1024 allowed: `ulimit -n 1100` first",
    },
  ];
  for (const { name, text, want } of cases) {
    test(name, () => assert.equal(lackOfFiles(text, 1_100), want));
  }
});

suite("Envoy's configuration", () => {
  const example = readFileSync("examples/envoy/envoy.yaml", "utf8");

  test("has one more host that asks nobody, and no application", () => {
    const { static_resources: made } = parse(addOpenRoute(example));
    const [manager] = made.listeners[0].filter_chains[0].filters;
    const [open, guarded] = manager.typed_config.route_config.virtual_hosts;
    assert.deepEqual(open.domains, ["open.example.com"]);
    assert.deepEqual(guarded.domains, ["*"]);
    assert.equal(perRoute(open).disabled, true);
    assert.equal(perRoute(guarded).disabled, undefined);
    assert.deepEqual(open.routes[0].direct_response, guarded.routes[0].direct_response);
    assert.equal(guarded.routes[0].route, undefined);
  });

  test("is not taken when it is another one", () => {
    assert.throws(() => addOpenRoute("static_resources: {}"), /has no `virtual_hosts`/);
  });
});

function perRoute(host: {
  readonly routes: readonly {
    readonly typed_per_filter_config: Record<string, { disabled?: boolean }>;
  }[];
}): { readonly disabled?: boolean } {
  return host.routes[0]!.typed_per_filter_config["envoy.filters.http.ext_authz"]!;
}

suite("what was measured", () => {
  const text =
    "a\n<!-- measured:one -->\nold\n<!-- measured:end -->\nb\n<!-- measured:two -->\n<!-- measured:end -->\n";

  test("goes between its comments, again and again", () => {
    const once = replaceMeasured(text, "one", ["new"]);
    assert.match(once, /^a\n<!-- measured:one -->\n\nnew\n\n<!-- measured:end -->\nb\n/);
    assert.equal(replaceMeasured(once, "one", ["new"]), once);
    assert.match(replaceMeasured(once, "two", ["x"]), /two -->\n\nx\n\n<!-- measured:end -->\n$/);
  });

  test("changes nothing where there are none", () => {
    assert.equal(replaceMeasured(text, "three", ["new"]), text);
  });
});

test("every table has its place in docs/performance.md", () => {
  const text = readFileSync("docs/performance.md", "utf8");
  for (const { name } of performanceTables([])) {
    assert.notEqual(replaceMeasured(text, name, ["x"]), text, name);
  }
});

test("a session measures servers that run already, and each load once", async () => {
  const lines: string[] = [];
  const load = ["--no-pin", "--warmup-s=0", "--duration-s=0.2", "--timeout-ms=10000"];
  const common = [...load, "--rate=none", "--entry", "no-such.ts", "--node-arg=--no-such"];
  const session = createMeasureSession(common, (line) => {
    lines.push(line);
  });
  const server = await startOstiary([
    "--policy=policies/book.yaml",
    "--workers=0",
    "--dispatch=inline",
  ]);
  const target = `--target=127.0.0.1:${doorPort(server, "grpc")}`;
  const first = await session.measure(target);
  const second = await session.measure(target);
  await server.stop();
  assert.equal(second, first);
  assert.equal(lines.length, 1);
  assert.ok((first.runs[0]?.answered ?? 0) > 0);
  assert.deepEqual(session.faults, []);
});

test("a session lets others use a server, and keeps what they come to", async () => {
  const session = createMeasureSession(["--no-pin"], () => {});
  const args = [
    "--entry=bench/performance/answer-at-once.ts",
    "--server-arg=--answer=after-everything",
  ];
  const brief = ["--rate=none", "--warmup-s=0", "--duration-s=0.2", "--timeout-ms=10000"];
  const rows = await session.serve([...args, ...brief], async (context) => {
    const found: RunRow[] = [];
    for await (const row of runGrpcLoads(context)) found.push(row);
    return found;
  });
  // It allows all, and the seed's requests are not all to be allowed: wrong verdicts are a fault.
  const [kept] = session.keep("allowed", [rows]);
  assert.ok((kept?.answered ?? 0) > 0 && (kept?.wrongVerdicts ?? 0) > 0);
  assert.match(
    session.faults.join(),
    /^allowed: FAILED: seed, grpc closed 8x16: \d+ wrong verdicts$/,
  );
  assert.deepEqual(session.all, [{ args: ["allowed"], measured: { runs: [kept], results: [] } }]);
  session.note("idle", { readyMb: 1 });
  session.fault("no Envoy");
  assert.deepEqual(session.notes, [{ name: "idle", numbers: { readyMb: 1 } }]);
  assert.equal(session.faults[1], "no Envoy");
});

async function runCommand(...args: readonly string[]): Promise<[number | null, string]> {
  const child = startChild(process.execPath, ["bench/performance.ts", ...args]);
  const code = await new Promise<number | null>((resolve) => {
    child.process.on("close", resolve);
  });
  return [code, child.output()];
}

suite("the command", () => {
  test("measures a table and writes it into a file", async () => {
    const path = join(folder, "page.md");
    writeFileSync(path, "# Page\n\n<!-- measured:disturbed -->\n<!-- measured:end -->\n");
    const [code, output] = await runCommand(
      "--only=disturbed",
      "--duration-s=0.2",
      "--warmup-s=0.1",
      "--bench-arg=--timeout-ms=10000",
      "--no-pin",
      `--write=${path}`,
      `--json=${join(folder, "numbers.json")}`,
    );
    assert.equal(code, 0, output);
    const page = readFileSync(path, "utf8");
    assert.match(
      page,
      /^# Page\n\n<!-- measured:disturbed -->\n\n\| scenario \| undisturbed \| disturbed \|\n/,
    );
    assert.match(page, /^\| reload, 1,000\/s \| \S.* \| \S.* \|$/m);
    assert.match(page, /^\| noisy-neighbour, 5,000\/s \| \S.* \| \S.* \|$/m);
  });

  test("refuses what it does not know", async () => {
    const refused = [
      await runCommand("--only=speed"),
      await runCommand("--peer=opa"),
      await runCommand("--fast"),
    ];
    assert.deepEqual(
      refused.map(([code]) => code),
      [2, 2, 2],
    );
    assert.match(refused[0]![1], /^performance: no table `speed`; there are dispatch, /);
    assert.match(refused[1]![1], /^performance: `--peer` is /);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { closedRun, latencyCell, openRun, ratioCell } from "../../bench/performance/cells.ts";
import { createMeasureSession } from "../../bench/performance/measure-session.ts";
import { replaceMeasured } from "../../bench/performance/replace-measured.ts";
import { performanceTables } from "../../bench/performance/tables.ts";
import { buildRunRow, type RunRow } from "../../bench/run-row.ts";
import { type RunSummary, summarizeRounds } from "../../bench/summarize-rounds.ts";
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
});

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

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { doorPort, startChild, startOstiary } from "../support/child-server.ts";
import { freePort } from "../support/start-envoy.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-bench-test-"));
after(() => rmSync(folder, { recursive: true }));

/** A load that is over in a moment; nothing here looks at how fast anything was. */
const brief = ["--warmup-s=0.2", "--duration-s=0.5", "--connections=2", "--in-flight=2"];
const lenient = ["--timeout-ms=10000", "--no-pin"];

interface Finished {
  readonly code: number | null;
  readonly output: string;
}

async function runBench(...args: readonly string[]): Promise<Finished> {
  const child = startChild(process.execPath, ["bench/bench.ts", ...brief, ...lenient, ...args]);
  const code = await new Promise<number | null>((resolve) => {
    child.process.on("close", resolve);
  });
  return { code, output: child.output() };
}

const jsonArgument = (name: string): string => `--json=${join(folder, name)}`;

suite("the benchmark", () => {
  test("measures both doors, and every verdict is right", async () => {
    const json = jsonArgument("numbers.json");
    const { code, output } = await runBench("--rate=100", "--http", json);
    assert.match(output, /^seed +grpc closed 2x2 +[\d,]+ .* 0 +0\b/m);
    assert.match(output, /^seed +grpc open 100\/s +[\d,]+ .* 0 +0\b/m);
    assert.match(output, /^seed +http closed 4x1 +[\d,]+ .* 0 +0\b/m);
    assert.match(output, /^seed: cold start \d+ ms/m);
    assert.equal(code, 0, output);
    const { runs, rounds, machine } = JSON.parse(
      readFileSync(join(folder, "numbers.json"), "utf8"),
    );
    assert.deepEqual([runs.length, rounds.length, machine.node], [3, 1, process.version]);
    assert.equal(runs[1].answered, 50);
  });

  test("compares two servers, and writes table and chart", async () => {
    const markdown = join(folder, "table.md");
    const svg = join(folder, "chart.svg");
    const { code, output } = await runBench(
      "--compare",
      "--dispatch=inline --workers=0",
      "--dispatch=pool --workers=1",
      "--rounds=2",
      "--no-closed",
      "--rate=100",
      `--markdown=${markdown}`,
      `--svg=${svg}`,
      jsonArgument("compared.json"),
    );
    assert.match(output, /^seed A +grpc open 100\/s +100 .* 0 +0\b/m);
    assert.match(output, /^seed B +grpc open 100\/s +100 .* 0 +0\b/m);
    assert.match(output, /^seed +grpc open 100\/s +1\.000 \(1\.000 to 1\.000\) /m);
    assert.equal(code, 0, output);
    const order = [...output.matchAll(/^round (\d) .*: ([AB]), open/gm)].map(([, ...by]) => by);
    assert.deepEqual(
      order.map((by) => by.join("")),
      ["1A", "1B", "2B", "2A"],
    );
    assert.match(readFileSync(markdown, "utf8"), /^\| seed A \| grpc open 100\/s \| 100 \| /m);
    assert.match(readFileSync(svg, "utf8"), /^<svg [^]*>seed B<[^]*<\/svg>\n$/);
  });

  test("goes on while policies are loaded anew", async () => {
    const { code, output } = await runBench(
      "--scenario=reload",
      "--no-closed",
      "--rate=100",
      jsonArgument("reload.json"),
    );
    assert.match(output, /^reload +grpc open 100\/s +100 .* 0 +0\b/m);
    assert.match(output, /^reload +grpc open 100\/s, reloading +100 .* 0 +0\b/m);
    assert.equal(code, 0, output);
  });

  test("searches the highest rate, and profiles the server", async () => {
    const profiles = join(folder, "profiles");
    const { code, output } = await runBench(
      "--find-rate",
      "--max-p99-ms=1",
      "--no-closed",
      "--rate=none",
      `--profile=${profiles}`,
      "--warmup-s=0",
      "--duration-s=0.1",
      jsonArgument("found.json"),
    );
    assert.match(output, /^round 1 of 1, seed: open 1,000\/s/m);
    assert.match(output, /^ +\d+\.\d % {2}\S/m);
    assert.equal(code, 0, output);
  });

  test("measures servers that have just become ready", async () => {
    const { code, output } = await runBench(
      "--just-ready",
      "--rate=100",
      jsonArgument("just-ready.json"),
    );
    assert.match(output, /^seed +grpc open 100\/s, just ready +100 .* 0 +0\b/m);
    assert.doesNotMatch(output, /closed/);
    assert.equal(code, 0, output);
  });

  test("fails when verdicts are not what the scenario expects", async () => {
    const text = readFileSync("policies/book.yaml", "utf8");
    const planted = text.replace(/GET(?=(?:(?!method).)*role\): guest)/s, "POST");
    assert.notEqual(planted, text);
    const path = join(folder, "planted.yaml");
    writeFileSync(path, planted);
    const { code, output } = await runBench(
      "--rate=100",
      `--policy=${path}`,
      "--http",
      "--allow-errors",
      jsonArgument("planted.json"),
    );
    assert.match(output, /^FAILED: seed, grpc closed 2x2: \d+ wrong verdicts$/m);
    assert.match(output, /^FAILED: seed, grpc open 100\/s: \d+ wrong verdicts$/m);
    assert.match(output, /^FAILED: seed, http closed 4x1: \d+ wrong verdicts$/m);
    assert.equal(code, 1);
  });

  test("takes a server that runs already, and fails on calls that do", async () => {
    const server = await startOstiary(["--policy=policies/book.yaml", "--max-message-bytes=1024"]);
    const args = [`--target=127.0.0.1:${doorPort(server, "grpc")}`, `--pid=${server.process.pid}`];
    const { code, output } = await runBench("--rate=none", ...args, jsonArgument("foreign.json"));
    await server.stop();
    assert.match(output, /^FAILED: seed, grpc closed 2x2: \d+ wrong verdicts$/m);
    assert.equal(code, 1);
  });

  test("fails where there is no server", async () => {
    const { code, output } = await runBench(`--target=127.0.0.1:${await freePort()}`);
    assert.match(output, /^bench: cannot connect to `127\.0\.0\.1:\d+`: ECONNREFUSED$/m);
    assert.equal(code, 1);
  });

  test("says what a server that does not start has said", async () => {
    const { code, output } = await runBench("--server-arg=--max-queue=none");
    assert.match(output, /max-queue/);
    assert.equal(code, 1);
  });

  test("refuses wrong use", async () => {
    const { code, output } = await runBench("--rates=1");
    assert.match(output, /^bench: Unknown option '--rates'/);
    assert.equal(code, 2);
  });
});

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { helpText } from "../../bench/load/option-table.ts";
import { parseBenchOptions } from "../../bench/load/options.ts";
import { scenarios } from "../../bench/load/scenario-list.ts";
import { startNodeArgs } from "../../bench/load/start-node-args.ts";

suite("wrong use is refused", () => {
  const cases: readonly { args: readonly string[]; want: RegExp }[] = [
    { args: ["--rats", "1"], want: /Unknown option '--rats'/ },
    { args: ["extra"], want: /Unexpected argument 'extra'/ },
    { args: ["--rate", "fast"], want: /^`--rate` is a number from 1 up, not `fast`$/ },
    { args: ["--rate", "0"], want: /^`--rate` is a number from 1 up, not `0`$/ },
    { args: ["--connections", "1.5"], want: /^`--connections` is a number from 1 up, not `1.5`$/ },
    { args: ["--duration-s="], want: /^`--duration-s` is a number from 0.1 up, not ``$/ },
    { args: ["--scenario", "sead"], want: /^no scenario `sead`; there are seed/ },
    { args: ["--pid", "1"], want: /^`--pid` goes with `--target`$/ },
    { args: ["--target", "x:1", "--workers=1"], want: /^`--workers` does not go with `--target`$/ },
    { args: ["--target", "x:1", "--http"], want: /^`--http` does not go with `--target`$/ },
    {
      args: ["--target", "9000"],
      want: /^`--target` is `host:port` or `unix:\/path`, not `9000`$/,
    },
    { args: ["--compare", "a.ts"], want: /^`--compare` takes two servers, A and B$/ },
    {
      args: ["--compare", "--dispatch=pool --rounds=2", "--dispatch=inline"],
      want: /^`--rounds` does not go into `--compare`$/,
    },
    { args: ["--target", "x:1", "--profile=p"], want: /^`--profile` does not go with `--target`$/ },
    {
      args: ["--target", "x:1", "--just-ready"],
      want: /^`--just-ready` does not go with `--target`$/,
    },
    { args: ["--just-ready", "--http"], want: /^`--just-ready` does not go with `--http`$/ },
    { args: ["--target", "x:1", "--pid=4194305"], want: /^`--pid`: no process `4194305` / },
  ];
  for (const { args, want } of cases) {
    test(args.join(" "), () => {
      assert.throws(() => parseBenchOptions(args), { name: "UsageError", message: want });
    });
  }
});

const started = {
  kind: "started",
  entryPath: "src/main.ts",
  policyPaths: undefined,
  args: [],
  nodeArgs: startNodeArgs(),
};

test("a server gets what `npm start` gives Node, unless something else is said", () => {
  assert.deepEqual(startNodeArgs(), [
    "--single-threaded-gc",
    "--max-semi-space-size=8",
    "--initial-old-space-size=64",
  ]);
});

suite("what is said holds", () => {
  test("nothing", () => {
    const {
      scenarios: wanted,
      rates,
      connections,
      inFlight,
      closedLoop,
      http,
      sides,
    } = parseBenchOptions([]);
    assert.deepEqual(
      [wanted.map(({ name }) => name), rates, connections, inFlight, closedLoop, http],
      [["seed"], undefined, 8, undefined, true, false],
    );
    assert.deepEqual(sides, [{ name: undefined, text: "", server: started }]);
  });

  test("rates as a list and repeated", () => {
    assert.deepEqual(parseBenchOptions(["--rate=1,20", "--rate", "300"]).rates, [1, 20, 300]);
    assert.deepEqual(parseBenchOptions(["--rate=none"]).rates, []);
  });

  test("seconds may have decimals", () => {
    const { warmupMs, durationMs } = parseBenchOptions(["--warmup-s=0", "--duration-s=0.5"]);
    assert.deepEqual([warmupMs, durationMs], [0, 500]);
  });

  test("arguments for the server", () => {
    const { sides } = parseBenchOptions([
      "--workers=0",
      "--transport=grpc-js",
      "--node-arg=--single-threaded-gc",
      "--dispatch=inline",
      "--server-arg=--max-queue=9",
      "--policy=a,b",
    ]);
    assert.deepEqual(sides[0].server, {
      kind: "started",
      entryPath: "src/main.ts",
      policyPaths: ["a", "b"],
      args: ["--workers=0", "--dispatch=inline", "--transport=grpc-js", "--max-queue=9"],
      nodeArgs: ["--single-threaded-gc"],
    });
  });

  test("a server that runs already", () => {
    const { sides } = parseBenchOptions(["--target", "unix:/tmp/a", `--pid=${process.pid}`]);
    assert.deepEqual(sides[0].server, { kind: "foreign", target: "unix:/tmp/a", pid: process.pid });
  });

  test("two servers to be compared", () => {
    const { sides, rounds } = parseBenchOptions([
      "--workers=1",
      "--compare",
      "--dispatch=pool --node-arg=--single-threaded-gc",
      "dist/main.js",
      "--no-closed",
    ]);
    assert.deepEqual(
      sides.map(({ name, server }) => [name, server]),
      [
        [
          "A",
          {
            ...started,
            args: ["--workers=1", "--dispatch=pool"],
            nodeArgs: ["--single-threaded-gc"],
          },
        ],
        ["B", { ...started, entryPath: "dist/main.js", args: ["--workers=1"] }],
      ],
    );
    assert.equal(rounds, 5);
  });

  test("two servers that run already", () => {
    const { sides } = parseBenchOptions(["--compare", "a:1", "unix:/b", "--rounds=2"]);
    assert.deepEqual(
      sides.map(({ server }) => server),
      [
        { kind: "foreign", target: "a:1", pid: undefined },
        { kind: "foreign", target: "unix:/b", pid: undefined },
      ],
    );
  });

  test("all scenarios", () => {
    assert.equal(parseBenchOptions(["--scenario=all"]).scenarios, scenarios);
  });
});

test("the help text has every scenario and no line that is too long", () => {
  const lines = helpText().split("\n");
  for (const { name } of scenarios) {
    assert.ok(
      lines.some((line) => line.trimStart().startsWith(`${name} `)),
      name,
    );
  }
  assert.deepEqual(
    lines.filter((line) => line.length > 120),
    [],
  );
});

suite("every scenario", () => {
  for (const scenario of scenarios) {
    test(`${scenario.name} has requests that are allowed and requests that are denied`, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), "ostiary-scenario-"));
      context.after(() => rmSync(folder, { recursive: true }));
      const { requests } = await scenario.prepare(folder);
      const allowed = requests.filter((request) => request.allowed).length;
      assert.ok(allowed > 0 && allowed < requests.length, `${allowed} of ${requests.length}`);
    });
  }
});

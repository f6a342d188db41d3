import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { startNodeArgs } from "../../bench/load/start-node-args.ts";
import { judgeMemory } from "../../bench/soak/judge-memory.ts";
import { prepareSoak } from "../../bench/soak/soak-input.ts";
import { parseSoakOptions, soakHelp } from "../../bench/soak/soak-options.ts";
import { startChild } from "../support/child-server.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-soak-test-"));
after(() => rmSync(folder, { recursive: true }));

function series(count: number, valueAt: (index: number) => number): readonly number[] {
  return Array.from({ length: count }, (_, index) => valueAt(index));
}

suite("memory is judged", () => {
  const cases: readonly { name: string; samples: readonly number[]; want: boolean | undefined }[] =
    [
      { name: "the same all the time", samples: series(100, () => 150), want: true },
      { name: "a little up and down", samples: series(100, (i) => 150 + 10 * (i % 2)), want: true },
      { name: "growth in the warm-up", samples: series(100, (i) => Math.min(i, 19)), want: true },
      { name: "steady growth", samples: series(100, (i) => 150 + i / 4), want: false },
      { name: "shrinking", samples: series(100, (i) => 150 - i), want: true },
      {
        name: "a single high sample",
        samples: series(100, (i) => (i === 99 ? 900 : 150)),
        want: true,
      },
      { name: "one sample", samples: [150], want: undefined },
      { name: "none", samples: [], want: undefined },
    ];
  for (const { name, samples, want } of cases) {
    test(name, () => assert.equal(judgeMemory(samples, 5)?.isFlat, want));
  }

  test("by how much it has grown", () => {
    const { first, last, growthPercent } = judgeMemory(
      series(10, (i) => (i < 5 ? 100 : 104)),
      5,
    )!;
    assert.deepEqual([first, last, growthPercent.toFixed(6)], [100, 104, "4.000000"]);
  });
});

test("every request of the soak has a path and a token of its own, and half are allowed", async () => {
  const { requests } = await prepareSoak(folder, 800);
  assert.equal(new Set(requests.map(({ path }) => path)).size, 800);
  assert.equal(new Set(requests.map(({ headers }) => headers["authorization"])).size, 800);
  assert.equal(requests.filter(({ allowed }) => allowed).length, 400);
});

suite("the soak's options", () => {
  test("are twenty minutes at half of capacity unless said otherwise", () => {
    const { durationMs, share, distinct, maxGrowthPercent, server } = parseSoakOptions([]);
    assert.deepEqual([durationMs, share, distinct, maxGrowthPercent], [1_200_000, 0.5, 60_000, 5]);
    assert.deepEqual(server.nodeArgs, startNodeArgs());
  });

  test("reach the server", () => {
    const { server } = parseSoakOptions([
      "--workers=2",
      "--server-arg=--max-queue=9",
      "--node-arg=-x",
    ]);
    assert.deepEqual([server.args, server.nodeArgs], [["--workers=2", "--max-queue=9"], ["-x"]]);
  });

  for (const [args, want] of [
    [["--minutes=long"], /^`--minutes` is a number from 0.01 up, not `long`$/],
    [["--share="], /^`--share` is a number from 0.01 up, not ``$/],
    [["--rate=0"], /^`--rate` is a number from 1 up, not `0`$/],
    [["--rates=1"], /Unknown option '--rates'/],
  ] as const) {
    test(`${args.join(" ")} is refused`, () => {
      assert.throws(() => parseSoakOptions(args), { name: "UsageError", message: want });
    });
  }

  test("are all in the help text", () => {
    const help = soakHelp();
    for (const name of ["minutes", "distinct", "share", "no-pin"]) {
      assert.match(help, new RegExp(`^  --${name} `, "m"));
    }
  });
});

suite("the soak", { skip: process.platform === "linux" ? false : "there is no /proc" }, () => {
  const brief = ["--minutes=0.02", "--sample-s=0.3", "--warmup-s=0.3", "--distinct=64", "--no-pin"];

  async function runSoak(...args: readonly string[]): Promise<[number | null, string]> {
    const child = startChild(process.execPath, ["bench/soak.ts", ...brief, ...args]);
    const code = await new Promise<number | null>((resolve) => {
      child.process.on("close", resolve);
    });
    return [code, child.output()];
  }

  test("reads memory and checks every verdict", async () => {
    const json = join(folder, "soak.json");
    const page = join(folder, "page.md");
    writeFileSync(page, "<!-- measured:soak -->\n<!-- measured:end -->\n");
    const [code, output] = await runSoak(
      "--rate=500",
      "--max-growth-percent=1000",
      `--json=${json}`,
      `--write=${page}`,
    );
    assert.match(output, /^\d+ s: resident \d+\.\d MB, [\d,]+ right, p50 .*, \d\.\d\d cores$/m);
    assert.match(output, /right answers, no other;\nresident .* MB \([+-]\d+\.\d %\)\.\npassed$/m);
    assert.match(readFileSync(page, "utf8"), /^<!-- measured:soak -->\n\n\d.* right answers/);
    assert.equal(code, 0, output);
    const { samples, passed, judgement } = JSON.parse(readFileSync(json, "utf8"));
    assert.equal(passed, true);
    assert.equal(judgement.isFlat, true);
    assert.ok(
      samples.length >= 2 && samples.every(({ answered }: { answered: number }) => answered > 0),
    );
  });

  test("asks for a share of what the server holds", async () => {
    const json = `--json=${join(folder, "share.json")}`;
    const [code, output] = await runSoak(
      "--capacity-s=0.1",
      "--share=0.01",
      "--max-growth-percent=1000",
      json,
    );
    // On a machine that is busy enough no rate is held, which has to be said.
    assert.match(
      output,
      /^capacity [\d,]+\/s with p99 <= 5 ms; [\d,]+\/s from now on$|^soak: there is no rate that the server holds$/m,
    );
    assert.ok(code === 0 || /no rate/.test(output), output);
  });

  test("fails when answers are not the expected ones", async () => {
    const json = `--json=${join(folder, "wrong.json")}`;
    const [code, output] = await runSoak(
      "--rate=500",
      "--max-growth-percent=1000",
      "--server-arg=--max-message-bytes=1024",
      json,
    );
    assert.match(output, /^\d+ s: .* \d+ WRONG$/m);
    assert.match(output, /right answers, and others;[^]*^FAILED$/m);
    assert.equal(code, 1);
  });
});

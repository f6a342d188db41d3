/** `npm run bench:soak`: half of what the server can take, for a long time, with its memory watched. Run by hand. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runClosedLoop } from "../src/loadgen/closed-loop.ts";
import type { LoadResult } from "../src/loadgen/load-tally.ts";
import { runOpenLoop } from "../src/loadgen/open-loop.ts";
import { createWorkload, type Workload } from "../src/loadgen/workload.ts";
import { print, runCommand, writeNumbers } from "./load/bench-command.ts";
import { describeMachine } from "./load/describe-machine.ts";
import { findRate } from "./load/find-rate.ts";
import { formatNumber } from "./load/format-table.ts";
import { openConnections } from "./load/grpc-runs.ts";
import { pinThisProcess } from "./load/pin-process.ts";
import { createCpuMeter, readResidentMb } from "./load/process-figures.ts";
import { buildRunRow } from "./load/run-row.ts";
import { type ServerUnderTest, startServerUnderTest } from "./load/server-under-test.ts";
import { replaceMeasured } from "./performance/replace-measured.ts";
import { judgeMemory, type MemoryJudgement } from "./soak/judge-memory.ts";
import { prepareSoak } from "./soak/soak-input.ts";
import { parseSoakOptions, type SoakOptions, soakHelp } from "./soak/soak-options.ts";

/** How the server is called. */
const load = { connections: 8, timeoutMs: 1_000 };
const IN_FLIGHT = 16;
/** A rate counts as held when 99 in 100 answers take no longer. */
const CAPACITY_P99_MS = 5;

/** The server at the end of a stretch of load. */
interface Sample extends Omit<LoadResult, "seconds"> {
  /** Since the load began. */
  readonly atSecond: number;
  readonly residentMb: number;
  readonly serverCores: number | undefined;
}

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await runCommand("soak", async () => {
  const options = parseSoakOptions(process.argv.slice(2));
  if (!options.help) return await runSoak(options);
  print(soakHelp());
  return 0;
});

async function runSoak(options: SoakOptions): Promise<number> {
  const machine = describeMachine();
  const { cpus } = options.start;
  const clientPinned = cpus !== undefined && pinThisProcess(cpus.client);
  const folder = await mkdtemp(join(tmpdir(), "ostiary-soak-"));
  try {
    const { policyPaths, workload } = await prepareLoad(folder, options.distinct);
    print(`${machine.cpu}; Node ${machine.node}; commit ${machine.commit ?? "unknown"}`);
    print(`${formatNumber(options.distinct)} paths and tokens`);
    // Two servers: the search asks for more than the first can take, and its memory shows that for long.
    const rate =
      options.ratePerSecond ??
      (await loadServer(policyPaths, options, async ({ target }) => {
        return await findShare(target, workload, options);
      }));
    const samples = await loadServer(policyPaths, options, async (server) => {
      return await takeSamples(server, workload, rate, options);
    });
    const judgement = judgeMemory(
      samples.map(({ residentMb }) => residentMb),
      options.maxGrowthPercent,
    );
    const isRight = samples.every(
      ({ wrongVerdicts, errors, answered }) =>
        answered > 0 && wrongVerdicts === 0 && Object.keys(errors).length === 0,
    );
    const passed = isRight && judgement?.isFlat === true;
    await writeNumbers(
      { options, machine, clientPinned, rate, samples, judgement, passed },
      { path: options.jsonPath, prefix: "soak-" },
    );
    const lines = describeResult({ rate, samples }, judgement, isRight);
    for (const line of [...lines, passed ? "passed" : "FAILED"]) print(line);
    if (options.writePath !== undefined) {
      const page = await readFile(options.writePath, "utf8");
      await writeFile(options.writePath, replaceMeasured(page, "soak", lines));
    }
    return passed ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The requests are kept as bytes only: V8's collector would stop the client for as many objects. */
async function prepareLoad(
  folder: string,
  distinct: number,
): Promise<{ readonly policyPaths: readonly string[]; readonly workload: Workload }> {
  const { policyPaths, requests } = await prepareSoak(folder, distinct);
  return { policyPaths, workload: createWorkload(requests) };
}

interface Load {
  readonly rate: number;
  readonly samples: readonly Sample[];
}

/** Resolves with what comes of a server that is started for it, and stopped afterwards. */
async function loadServer<T>(
  policyPaths: readonly string[],
  options: SoakOptions,
  use: (server: ServerUnderTest) => Promise<T>,
): Promise<T> {
  const input = { policyPaths, requests: [] };
  const server = await startServerUnderTest(options.server, options.start, input);
  try {
    return await use(server);
  } finally {
    await server.stop();
  }
}

async function takeSamples(
  { target, pid }: ServerUnderTest,
  workload: Workload,
  ratePerSecond: number,
  { warmupMs, durationMs, sampleMs }: SoakOptions,
): Promise<readonly Sample[]> {
  if (pid === undefined || readResidentMb(pid) === undefined) {
    throw new Error("memory can be read under /proc only");
  }
  const connections = await openConnections(target, load);
  const common = { connections, workload, ratePerSecond, warmupMs: 0 };
  await runOpenLoop({ ...common, durationMs: warmupMs });
  const samples: Sample[] = [];
  const begunMs = performance.now();
  while (performance.now() - begunMs < durationMs) {
    const meter = createCpuMeter(pid);
    const { seconds: _, ...result } = await runOpenLoop({
      ...common,
      durationMs: sampleMs,
      onBegin: meter.begin,
      onEnd: meter.end,
    });
    const { serverSeconds, wallSeconds } = meter.cost();
    const sample = {
      ...result,
      atSecond: Math.round((performance.now() - begunMs) / 1000),
      residentMb: readResidentMb(pid) ?? Number.NaN,
      serverCores: serverSeconds === undefined ? undefined : serverSeconds / wallSeconds,
    };
    samples.push(sample);
    print(describeSample(sample));
  }
  for (const connection of connections) connection.close();
  return samples;
}

/** Resolves with the share of the highest rate that is answered rightly and in time, in calls a second. */
async function findShare(
  target: string,
  workload: Workload,
  { warmupMs, capacityMs, share }: SoakOptions,
): Promise<number> {
  const connections = await openConnections(target, load);
  const common = { connections, workload, warmupMs: 0 };
  await runClosedLoop({ ...common, durationMs: warmupMs, inFlight: IN_FLIGHT });
  const names = { scenario: "soak", side: undefined, door: "grpc", load: "open" } as const;
  const best = await findRate(async (ratePerSecond) => {
    const { begin: onBegin, end: onEnd, cost } = createCpuMeter(undefined);
    const tried = { ...common, durationMs: capacityMs, onBegin, onEnd, ratePerSecond };
    return { ...buildRunRow(names, await runOpenLoop(tried), cost()), ratePerSecond };
  }, CAPACITY_P99_MS);
  for (const connection of connections) connection.close();
  const capacity = best?.ratePerSecond;
  if (capacity === undefined) throw new Error("there is no rate that the server holds");
  const rate = Math.max(1, Math.round(share * capacity));
  print(
    `capacity ${formatNumber(capacity)}/s with p99 <= ${CAPACITY_P99_MS} ms; ${formatNumber(rate)}/s from now on`,
  );
  return rate;
}

function describeSample(sample: Sample): string {
  const { atSecond, residentMb, answered, latencyMs, serverCores, wrongVerdicts, errors } = sample;
  const failed = Object.entries(errors).map(([status, count]) => `${count} x ${status}`);
  return [
    `${atSecond} s: resident ${residentMb.toFixed(1)} MB`,
    `${formatNumber(answered)} right`,
    `p50 ${latencyMs.p50.toFixed(2)} ms, p99 ${latencyMs.p99.toFixed(2)} ms`,
    ...(serverCores === undefined ? [] : [`${serverCores.toFixed(2)} cores`]),
    ...(wrongVerdicts === 0 ? [] : [`${wrongVerdicts} WRONG`]),
    ...failed,
  ].join(", ");
}

/** The result in two lines. */
function describeResult(
  { rate, samples }: Load,
  judgement: MemoryJudgement | undefined,
  isRight: boolean,
): readonly string[] {
  const { first = 0, last = 0, growthPercent = 0 } = judgement ?? {};
  const answered = samples.reduce((total, sample) => total + sample.answered, 0);
  const change = `${growthPercent < 0 ? "" : "+"}${growthPercent.toFixed(1)} %`;
  const minutes = ((samples.at(-1)?.atSecond ?? 0) / 60).toFixed(1);
  return [
    `${minutes} minutes at ${formatNumber(rate)} a second: ${formatNumber(answered)} right answers, ${isRight ? "no other" : "and others"};`,
    `resident after warm-up ${first.toFixed(1)} MB, at the end ${last.toFixed(1)} MB (${change}).`,
  ];
}

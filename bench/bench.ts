/** The benchmark: starts servers, loads them, checks verdicts, prints a table and writes the numbers down. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { UsageError } from "../src/config/usage-error.ts";
import { describeMachine, type Machine } from "./describe-machine.ts";
import { formatTable } from "./format-table.ts";
import { judgeRuns } from "./judge-runs.ts";
import { type BenchOptions, helpText, parseBenchOptions } from "./options.ts";
import { pinThisProcess } from "./pin-process.ts";
import { runScenario, type ScenarioResult } from "./run-scenario.ts";
import { spreadOf, summarizeRounds } from "./summarize-rounds.ts";

/** Others want the cores too if the load average is above this. */
const BUSY_LOAD = 0.5;

const repositoryFolder = fileURLToPath(new URL("..", import.meta.url));

// Policies and programs are named relative to the repository, wherever the benchmark is started.
process.chdir(repositoryFolder);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = parseBenchOptions(args);
    if (!options.help) return await runBenchmark(options);
    print(helpText());
    return 0;
  } catch (error) {
    printError(`bench: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function runBenchmark(options: BenchOptions): Promise<number> {
  const machine = describeMachine();
  const clientPinned = options.cpus !== undefined && pinThisProcess(options.cpus.client);
  const rounds: (readonly ScenarioResult[])[] = [];
  for (let round = 1; round <= options.rounds; round++) {
    const results: ScenarioResult[] = [];
    for (const scenario of options.scenarios) {
      const place = `round ${round} of ${options.rounds}, ${scenario.name}`;
      const seconds = `${options.warmupMs / 1000} + ${options.durationMs / 1000} s`;
      const progress = (line: string): void => printError(`${place}: ${line}, ${seconds}`);
      results.push(await runScenario(scenario, options, progress));
    }
    rounds.push(results);
  }
  const runs = summarizeRounds(rounds.map((results) => results.flatMap(({ rows }) => rows)));
  for (const line of machineLines(machine, rounds.flat(), clientPinned)) print(line);
  for (const line of formatTable(runs, options.rounds)) print(line);
  for (const line of startLines(rounds.flat())) print(line);
  const path = await writeNumbers(options, { machine, clientPinned, rounds, runs });
  print(`numbers: ${path}`);
  const judgement = judgeRuns(runs, options.allowErrors);
  for (const line of judgement.lines) printError(line);
  return judgement.passed ? 0 : 1;
}

function machineLines(
  machine: Machine,
  results: readonly ScenarioResult[],
  clientPinned: boolean,
): readonly string[] {
  const { node, commit, cpu, cores, loadBefore } = machine;
  const serverPinned = results.every((result) => result.serverPinned);
  const busy = loadBefore > BUSY_LOAD ? " (busy: trust no latency or throughput)" : "";
  return [
    `${cpu}, ${cores} cores; Node ${node}; commit ${commit ?? "unknown"}; ${machine.time}`,
    `server ${pinnedText(serverPinned)}, client ${pinnedText(clientPinned)}; load before: ${loadBefore.toFixed(2)}${busy}`,
    "",
  ];
}

function pinnedText(pinned: boolean): string {
  return pinned ? "pinned" : "not pinned";
}

/** A line a scenario about cold start and memory. */
function startLines(results: readonly ScenarioResult[]): readonly string[] {
  const names = [...new Set(results.map(({ scenario }) => scenario))];
  return names.flatMap((name) => {
    const own = results.filter(({ scenario }) => scenario === name);
    const coldStart = spreadOf(own.flatMap(({ coldStartMs }) => coldStartMs ?? []));
    const resident = spreadOf(own.flatMap(({ residentMb }) => residentMb ?? []));
    const parts = [
      ...(coldStart === undefined ? [] : [`cold start ${Math.round(coldStart.median)} ms`]),
      ...(resident === undefined
        ? []
        : [`resident ${Math.round(resident.median)} MB after the runs`]),
    ];
    return parts.length === 0 ? [] : [`${name}: ${parts.join(", ")}`];
  });
}

async function writeNumbers(options: BenchOptions, numbers: object): Promise<string> {
  const time = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const path = options.jsonPath ?? join("bench", "results", `${time}.json`);
  await mkdir(dirname(path), { recursive: true });
  const scenarios = options.scenarios.map(({ name }) => name);
  const text = JSON.stringify({ ...numbers, options: { ...options, scenarios } }, undefined, 2);
  await writeFile(path, `${text}\n`);
  return path;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** The benchmark: starts servers, loads them, checks verdicts, prints a table and writes the numbers down. */
import { fileURLToPath } from "node:url";
import { print, printError, runCommand, writeNumbers, writeReport } from "./load/bench-command.ts";
import { compareSides, tabulateComparisons } from "./load/compare-sides.ts";
import { describeMachine, type Machine } from "./load/describe-machine.ts";
import { drawChart } from "./load/draw-chart.ts";
import { formatMarkdown, formatTable, tabulateRuns } from "./load/format-table.ts";
import { judgeRuns } from "./load/judge-runs.ts";
import { helpText } from "./load/option-table.ts";
import { type BenchOptions, parseBenchOptions } from "./load/options.ts";
import { pinThisProcess } from "./load/pin-process.ts";
import { runRounds } from "./load/run-rounds.ts";
import type { ScenarioResult } from "./load/run-scenario.ts";
import { summarizeProfiles } from "./load/summarize-profile.ts";
import { type RunSummary, spreadOf, summarizeRounds } from "./load/summarize-rounds.ts";

/** Others want the cores too if the load average is above this. */
const BUSY_LOAD = 0.5;

const repositoryFolder = fileURLToPath(new URL("..", import.meta.url));

// Policies and programs are named relative to the repository, wherever the benchmark is started.
process.chdir(repositoryFolder);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await runCommand("bench", async () => {
  const options = parseBenchOptions(process.argv.slice(2));
  if (!options.help) return await runBenchmark(options);
  print(helpText());
  return 0;
});

async function runBenchmark(options: BenchOptions): Promise<number> {
  const machine = describeMachine();
  const startedMs = Date.now();
  const clientPinned = options.cpus !== undefined && pinThisProcess(options.cpus.client);
  const rounds = await runRounds(options, printError);
  const rows = rounds.map((results) => results.flatMap((result) => result.rows));
  const runs = summarizeRounds(rows);
  const comparisons = compareSides(rows);
  const heading = [
    ...machineLines(machine, rounds.flat(), clientPinned),
    ...options.sides.flatMap(({ name, text }) => (name === undefined ? [] : [`${name}: ${text}`])),
  ];
  const tables = [
    tabulateRuns(runs, options.rounds),
    ...(comparisons.length === 0 ? [] : [tabulateComparisons(comparisons)]),
  ];
  const starts = startLines(rounds.flat());
  for (const line of heading) print(line);
  for (const table of tables) for (const line of ["", ...formatTable(table)]) print(line);
  for (const line of ["", ...starts]) print(line);
  await writeFiles(options, { machine, clientPinned, rounds, runs, comparisons });
  if (options.markdownPath !== undefined) {
    const parts = [
      heading,
      ...tables.map((table) => formatMarkdown(table)),
      starts.map((line) => `- ${line}`),
    ];
    const text = parts.map((lines) => lines.join("\n")).join("\n\n");
    await writeReport("table", options.markdownPath, `${text}\n`);
  }
  if (options.profileFolder !== undefined) {
    for (const line of await summarizeProfiles(options.profileFolder, startedMs)) print(line);
  }
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
  ];
}

function pinnedText(pinned: boolean): string {
  return pinned ? "pinned" : "not pinned";
}

function nameOf({ scenario, side }: ScenarioResult): string {
  return side === undefined ? scenario : `${scenario} ${side}`;
}

/** A line a scenario, and a side of it, about cold start and memory. */
function startLines(results: readonly ScenarioResult[]): readonly string[] {
  return [...new Set(results.map(nameOf))].toSorted().flatMap((name) => {
    const own = results.filter((result) => nameOf(result) === name);
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

interface Numbers {
  readonly machine: Machine;
  readonly runs: readonly RunSummary[];
  readonly [name: string]: unknown;
}

/** Writes the numbers, and the chart if one is wanted. */
async function writeFiles(options: BenchOptions, numbers: Numbers): Promise<void> {
  const scenarios = options.scenarios.map(({ name }) => name);
  const all = { ...numbers, options: { ...options, scenarios } };
  await writeNumbers(all, { path: options.jsonPath });
  if (options.svgPath === undefined) return;
  const { cpu, node, commit } = numbers.machine;
  const chart = drawChart(numbers.runs, `${cpu}, Node ${node}, ${commit ?? "unknown"}`);
  if (chart === undefined) printError("no chart: no open loop has run");
  else await writeReport("chart", options.svgPath, chart);
}

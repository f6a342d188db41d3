import { type Cells, formatNumber } from "../load/format-table.ts";
import {
  bestRun,
  capacityCells,
  closedRun,
  countCell,
  cpuCell,
  latencyCell,
  medianCell,
  openRun,
  ratioCell,
  resultCell,
} from "./cells.ts";
import { measureEnvoy } from "./measure-envoy.ts";
import { measureIdle } from "./measure-idle.ts";
import { measureParts } from "./measure-parts.ts";
import type { MeasureSession } from "./measure-session.ts";
import { measureTransport } from "./measure-transport.ts";

/** One table of docs/performance.md. */
export interface PerformanceTable {
  /** Stands in the comments between which the table goes. */
  readonly name: string;
  readonly measure: (session: MeasureSession) => Promise<Cells>;
}

/** A server that runs already, for the last table. */
export interface Peer {
  readonly name: string;
  readonly target: string;
  readonly pid: string | undefined;
}

const inline = ["--dispatch=inline", "--workers=0"];

/** The ways to dispatch that are compared. */
const ways: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "inline", args: inline },
  { name: "pool of 1", args: ["--dispatch=pool", "--workers=1"] },
  { name: "pool of 2", args: ["--dispatch=pool", "--workers=2"] },
  { name: "auto, 1 worker", args: ["--dispatch=auto", "--workers=1"] },
];

/** Returns all tables, in the order in which they are measured. Peers are measured beside ours if there are any. */
export function performanceTables(peers: readonly Peer[]): readonly PerformanceTable[] {
  return [
    { name: "dispatch", measure: measureDispatch },
    { name: "transports", measure: measureTransports },
    { name: "scenarios", measure: measureScenarios },
    { name: "policies", measure: measurePolicies },
    { name: "disturbed", measure: measureDisturbed },
    { name: "memory", measure: measureMemory },
    { name: "idle", measure: measureIdle },
    { name: "start", measure: measureStart },
    { name: "just-ready", measure: measureJustReady },
    { name: "cores", measure: measureCores },
    { name: "peers", measure: async (session) => await measurePeers(session, peers) },
    { name: "envoy", measure: measureEnvoy },
    { name: "transport", measure: measureTransport },
    { name: "parts", measure: measureParts },
  ];
}

/** From next to nothing to more than a core can do. */
const rates = [100, 1_000, 5_000, 10_000, 20_000, 40_000];
const rateHeads = rates.map((rate) => `${formatNumber(rate)}/s`);
const allRates = `--rate=${rates.join(",")}`;

async function measureDispatch(session: MeasureSession): Promise<Cells> {
  const rows: (readonly string[])[] = [];
  for (const { name, args } of ways) {
    const { runs } = await session.measure(...args, allRates);
    // Many short runs: the search looks for an edge, not for a figure.
    const short = ["--no-closed", "--rate=none", "--warmup-s=1", "--duration-s=2"];
    const found = await session.measure(...args, ...short, "--find-rate");
    rows.push([
      name,
      ...capacityCells(closedRun(runs)),
      ...rates.map((rate) => latencyCell(openRun(runs, rate))),
      countCell(bestRun(found.runs), "perSecond", false),
    ]);
  }
  const heads = ["answers/s", "answers/CPU-s", ...rateHeads, "highest rate, p99 ≤ 5 ms"];
  return [["dispatch", ...heads], ...rows];
}

async function measureTransports(session: MeasureSession): Promise<Cells> {
  const transports = [
    // The default: what the dispatch table has is not measured again.
    { transport: "lean", args: [] },
    { transport: "grpc-js", args: ["--transport=grpc-js"] },
  ];
  const rows: (readonly string[])[] = [];
  for (const { transport, args: own } of transports) {
    for (const { name, args } of ways.slice(0, 2)) {
      const { runs } = await session.measure(...args, ...own, allRates);
      rows.push([
        `${transport}, ${name}`,
        ...capacityCells(closedRun(runs)),
        ...rates.map((rate) => latencyCell(openRun(runs, rate))),
      ]);
    }
  }
  const { runs } = await session.measure(...inline, "--http", "--no-closed", "--rate=none");
  rows.push(["HTTP door, inline", ...capacityCells(runs[0]), ...rates.map(() => "")]);
  return [["transport", "answers/s", "answers/CPU-s", ...rateHeads], ...rows];
}

async function measureScenarios(session: MeasureSession): Promise<Cells> {
  const usual = ["seed", "paths", "fresh-hs256", "fresh-hs512", "deny-details", "rules"];
  const scenarios = [
    ...usual.map((name) => ({ name, asked: [1_000, 5_000] })),
    { name: "bodies-1", asked: [1_000, 5_000] },
    { name: "bodies-16", asked: [500, 1_000] },
    { name: "bodies-256", asked: [10, 50] },
  ];
  const rows: (readonly string[])[] = [];
  for (const { name, asked } of scenarios) {
    const args = [`--scenario=${name}`, `--rate=${asked.join(",")}`];
    const { runs } = await session.measure(...inline, ...args);
    rows.push([
      name,
      ...capacityCells(closedRun(runs)),
      cpuCell(closedRun(runs)),
      ...asked.map((rate) => `${formatNumber(rate)}/s: ${latencyCell(openRun(runs, rate))}`),
    ]);
  }
  const heads = ["answers/s", "answers/CPU-s", "CPU µs each", "lower rate", "higher rate"];
  return [["scenario", ...heads], ...rows];
}

async function measurePolicies(session: MeasureSession): Promise<Cells> {
  const counts = [1, 10, 100, 1_000];
  const names = counts.map((count) => `--scenario=policies-${count}`);
  const asked = [...names, "--rate=none", "--rounds=3"];
  const { runs, results } = await session.measure(...inline, ...asked);
  const own = counts.map((count) => runs.filter((run) => run.scenario === `policies-${count}`));
  const base = closedRun(own[0] ?? []);
  const rows = own.map((ours, index) => {
    const scenario = `policies-${counts[index]}`;
    const started = results.filter((result) => result.scenario === scenario);
    return [
      formatNumber(counts[index] ?? 0),
      capacityCells(closedRun(ours))[1],
      ratioCell(base, closedRun(ours), "serverCpuMicrosEach"),
      resultCell(started, "coldStartMs"),
      resultCell(started, "residentMb"),
    ];
  });
  const heads = ["answers/CPU-s", "CPU against one", "ready after ms", "resident MB"];
  return [["policies", ...heads], ...rows];
}

async function measureDisturbed(session: MeasureSession): Promise<Cells> {
  const cases = [
    { scenario: "reload", disturbance: "reloading" },
    { scenario: "noisy-neighbour", disturbance: "flooded" },
  ];
  const rows: (readonly string[])[] = [];
  for (const { scenario, disturbance } of cases) {
    const { runs } = await session.measure(`--scenario=${scenario}`, "--workers=1", "--no-closed");
    for (const rate of [1_000, 5_000]) {
      rows.push([
        `${scenario}, ${formatNumber(rate)}/s`,
        latencyCell(openRun(runs, rate)),
        latencyCell(openRun(runs, rate, disturbance)),
      ]);
    }
  }
  return [["scenario", "undisturbed", "disturbed"], ...rows];
}

/** After the same load for all: as much as the closed loop and 5,000 a second come to. */
async function measureMemory(session: MeasureSession): Promise<Cells> {
  const scenarios = ["seed", "policies-1000"];
  const rows: (readonly string[])[] = [];
  for (const { name, args } of ways) {
    const asked = scenarios.map((scenario) => `--scenario=${scenario}`);
    const { results } = await session.measure(...args, ...asked, "--rate=5000", "--allow-errors");
    rows.push([
      name,
      ...scenarios.map((scenario) =>
        resultCell(
          results.filter((result) => result.scenario === scenario),
          "residentMb",
        ),
      ),
    ]);
  }
  return [["dispatch", ...scenarios.map((name) => `${name}, MB`)], ...rows];
}

async function measureStart(session: MeasureSession): Promise<Cells> {
  const cases = [
    { name: "the seed's policy", args: ["--policy=policies/book.yaml"] },
    { name: "all sample policies", args: ["--policy=policies"] },
  ];
  const rows: (readonly string[])[] = [];
  for (const { name, args } of cases) {
    const cells: string[] = [];
    for (const way of ways) cells.push(medianCell(await session.start(5, ...way.args, ...args)));
    rows.push([name, ...cells]);
  }
  return [["ready after, in ms", ...ways.map(({ name }) => name)], ...rows];
}

async function measureJustReady(session: MeasureSession): Promise<Cells> {
  const asked = [1_000, 5_000];
  const rows: (readonly string[])[] = [];
  for (const { name, args } of ways) {
    const common = ["--just-ready", `--rate=${asked.join(",")}`, "--warmup-s=3", "--rounds=3"];
    const { runs } = await session.measure(...args, ...common);
    rows.push([name, ...asked.map((rate) => latencyCell(openRun(runs, rate, "just ready")))]);
  }
  return [["the first 4 s", ...asked.map((rate) => `${formatNumber(rate)}/s`)], ...rows];
}

/** The client has core 1 in both; where the server has it too, they share it. */
async function measureCores(session: MeasureSession): Promise<Cells> {
  const rows: (readonly string[])[] = [];
  for (const scenario of ["seed", "bodies-16"]) {
    for (const { name, args } of ways) {
      const asked = [`--scenario=${scenario}`, "--rate=none", ...args];
      const one = closedRun((await session.measure(...asked, "--server-cpus=0")).runs);
      const two = closedRun((await session.measure(...asked, "--server-cpus=0,1")).runs);
      rows.push([
        `${scenario}, ${name}`,
        countCell(one, "perSecond", true),
        countCell(two, "perSecond", true),
        ratioCell(one, two, "perSecond"),
        two?.figures.serverCores?.median.toFixed(2) ?? "",
        two?.figures.clientBusy?.median.toFixed(2) ?? "",
      ]);
    }
  }
  const heads = ["one core", "two cores", "ratio", "cores the server had", "client's share of one"];
  return [["answers/s", ...heads], ...rows];
}

async function measurePeers(session: MeasureSession, peers: readonly Peer[]): Promise<Cells> {
  const asked = ["--scenario=seed,fresh-hs256", "--rate=1000,5000,10000", "--allow-errors"];
  const servers = [
    { name: "Ostiary, inline", args: inline },
    { name: "Ostiary, auto, 1 worker", args: ["--workers=1"] },
    ...peers.map(({ name, target, pid }) => ({
      name,
      args: [`--target=${target}`, ...(pid === undefined ? [] : [`--pid=${pid}`])],
    })),
  ];
  const rows: (readonly string[])[] = [];
  for (const { name, args } of servers) {
    const { runs, results } = await session.measure(...args, ...asked);
    const seed = runs.filter(({ scenario }) => scenario === "seed");
    const fresh = runs.filter(({ scenario }) => scenario === "fresh-hs256");
    rows.push([
      name,
      capacityCells(closedRun(seed))[1],
      capacityCells(closedRun(fresh))[1],
      ...[1_000, 5_000, 10_000].map((rate) => latencyCell(openRun(seed, rate))),
      resultCell(results, "residentMb"),
    ]);
  }
  const heads = ["seed at 1,000/s", "at 5,000/s", "at 10,000/s", "resident MB"];
  return [["server", "seed, answers/CPU-s", "fresh-hs256", ...heads], ...rows];
}

import { fileURLToPath } from "node:url";
import type { Cells } from "../load/format-table.ts";
import { runGrpcLoads } from "../load/grpc-runs.ts";
import type { RunRow } from "../load/run-row.ts";
import { capacityCells, cpuCell } from "./cells.ts";
import type { MeasureSession } from "./measure-session.ts";

const entryPath = fileURLToPath(new URL("./answer-at-once.ts", import.meta.url));
const ROUNDS = 3;

/** What is done for a call before it is let pass, and what the server that does just that is told. */
const depths = [
  { name: "transport alone", answer: "without-reading" },
  {
    name: "transport and decode, what the seed's policy reads",
    answer: "after-what-the-seed-reads",
  },
  { name: "transport and decode, all there is", answer: "after-everything" },
];

/** Resolves with what a call costs in which no policy is evaluated: medians of rounds that take turns. */
export async function measureTransport(session: MeasureSession): Promise<Cells> {
  const rounds: (readonly RunRow[])[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const rows: RunRow[] = [];
    for (const depth of depths) rows.push(...(await measureDepth(session, depth, round)));
    rounds.push(rows);
  }
  const runs = session.keep("transport", rounds);
  const rows = depths.map(({ name }) => {
    const run = runs.find(({ scenario }) => scenario === name);
    return [name, ...capacityCells(run), cpuCell(run)];
  });
  return [["what is done", "answers/s", "answers/CPU-s", "CPU µs a call"], ...rows];
}

async function measureDepth(
  session: MeasureSession,
  { name, answer }: (typeof depths)[number],
  round: number,
): Promise<readonly RunRow[]> {
  const args = [`--entry=${entryPath}`, `--server-arg=--answer=${answer}`, "--rate=none"];
  return await session.serve(args, async (context) => {
    // Nobody judges them, so all are let pass.
    const requests = context.input.requests.map((request) => ({ ...request, allowed: true }));
    const rows: RunRow[] = [];
    for await (const row of runGrpcLoads({
      ...context,
      scenario: { ...context.scenario, name },
      input: { ...context.input, requests },
      progress: (line) => context.progress(`round ${round} of ${ROUNDS}, ${name}: ${line}`),
    })) {
      rows.push(row);
    }
    return rows;
  });
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Cells } from "../load/format-table.ts";
import { startNodeArgs } from "../load/start-node-args.ts";
import type { DispatchFigures } from "../micro/measure-dispatch.ts";
import type { MicroFigures } from "../micro/report.ts";

/** What `npm run bench:micro -- --json` prints. */
interface MicroNumbers {
  readonly cases: readonly MicroFigures[];
  readonly dispatch: readonly DispatchFigures[];
}

/** The parts of a decision; expressions and loading are not on its way. */
const shown = "^(decode|encode|jwt|seed policy|dispatch)";

/** Resolves with what the parts of a decision cost, in microseconds, each measured alone in a process of its own. */
export async function measureParts(): Promise<Cells> {
  const args = [...startNodeArgs(), "bench/micro.ts", "--json", shown];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const { cases, dispatch }: MicroNumbers = JSON.parse(stdout);
  return [
    ["part", "µs"],
    ...cases.map(({ name, medianNs }) => [name, (medianNs / 1_000).toFixed(2)]),
    ...dispatch.map(({ name, cpuNs }) => [
      `${name}, CPU of all threads`,
      (cpuNs / 1_000).toFixed(2),
    ]),
  ];
}

/** `npm run bench:performance`: the tables of docs/performance.md, measured one after the other. Run by hand. */
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { UsageError } from "../src/config/usage-error.ts";
import { print, printError, runCommand, writeNumbers } from "./load/bench-command.ts";
import { describeMachine } from "./load/describe-machine.ts";
import { formatMarkdown } from "./load/format-table.ts";
import { pinThisProcess } from "./load/pin-process.ts";
import { createMeasureSession } from "./performance/measure-session.ts";
import { replaceMeasured } from "./performance/replace-measured.ts";
import { type Peer, performanceTables } from "./performance/tables.ts";

const usage = `Usage: npm run bench:performance [-- OPTION...]

Measures what docs/performance.md has tables of, on a machine where nothing else runs: 25 minutes, and one more for
each peer. Prints each table in Markdown.

  --only NAME               only the table of that name; repeatable
  --peer NAME=HOST:PORT[,PID]  a server that runs already, for the last table; repeatable
  --duration-s N            how long each measurement takes [4]
  --warmup-s N              load before each, left out [1.5]
  --rounds N                do each N times: medians [1]
  --bench-arg ARG           any other argument of \`npm run bench\`, for all measurements; repeatable
  --no-pin                  let the system choose the cores
  --write FILE              put the tables between the file's comments \`<!-- measured:NAME -->\` too
  --json FILE               where the numbers go [bench/results/performance-TIME.json]
  --help                    this text

Exit codes: 0 done, 1 a verdict was wrong or a call failed, 2 usage error.`;

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await runCommand("performance", async () => {
  const options = parseOptions(process.argv.slice(2));
  if (!options.help) return await measureAll(options);
  print(usage);
  return 0;
});

interface PerformanceOptions {
  readonly help: boolean;
  readonly only: readonly string[];
  readonly peers: readonly Peer[];
  /** Arguments of the benchmark that all measurements share. */
  readonly common: readonly string[];
  readonly isPinned: boolean;
  readonly writePath: string | undefined;
  readonly jsonPath: string | undefined;
}

function parseOptions(args: readonly string[]): PerformanceOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: "boolean", default: false },
        only: { type: "string", multiple: true, default: [] },
        peer: { type: "string", multiple: true, default: [] },
        "duration-s": { type: "string", default: "4" },
        "warmup-s": { type: "string", default: "1.5" },
        rounds: { type: "string", default: "1" },
        "bench-arg": { type: "string", multiple: true, default: [] },
        "no-pin": { type: "boolean", default: false },
        write: { type: "string" },
        json: { type: "string" },
      },
    });
    const shared = ["duration-s", "warmup-s", "rounds"] as const;
    return {
      help: values.help,
      only: values.only,
      peers: values.peer.map(parsePeer),
      common: [
        ...shared.map((name) => `--${name}=${values[name]}`),
        ...(values["no-pin"] ? ["--no-pin"] : []),
        ...values["bench-arg"],
      ],
      isPinned: !values["no-pin"],
      writePath: values.write,
      jsonPath: values.json,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function parsePeer(text: string): Peer {
  const [, name, target, pid] = /^([^=]+)=([^,]+)(?:,(\d+))?$/.exec(text) ?? [];
  if (name !== undefined && target !== undefined) return { name, target, pid };
  throw new UsageError(
    `\`--peer\` is \`NAME=HOST:PORT\` or \`NAME=HOST:PORT,PID\`, not \`${text}\``,
  );
}

async function measureAll(options: PerformanceOptions): Promise<number> {
  const tables = performanceTables(options.peers);
  const unknown = options.only.find((name) => !tables.some((table) => table.name === name));
  if (unknown !== undefined) {
    const names = tables.map(({ name }) => name).join(", ");
    throw new UsageError(`no table \`${unknown}\`; there are ${names}`);
  }
  const machine = describeMachine();
  const clientPinned = options.isPinned && pinThisProcess("1");
  const begunMs = performance.now();
  const session = createMeasureSession(options.common, (line) => {
    printError(`${Math.round((performance.now() - begunMs) / 1000)} s: ${line}`);
  });
  const heading = [
    `${machine.cpu}, ${machine.cores} cores, kernel ${machine.kernel}; Node ${machine.node}; commit ${machine.commit ?? "unknown"};`,
    `${machine.time}; load before: ${machine.loadBefore.toFixed(2)}; ${clientPinned ? "" : "not "}pinned.`,
  ];
  print(heading.join(" "));
  let text = options.writePath === undefined ? "" : await readFile(options.writePath, "utf8");
  text = replaceMeasured(text, "machine", heading);
  for (const { name, measure } of tables) {
    if (options.only.length > 0 && !options.only.includes(name)) continue;
    const lines = formatMarkdown(await measure(session), (column) => column === 0);
    text = replaceMeasured(text, name, lines);
    for (const line of ["", `${name}:`, "", ...lines]) print(line);
    // After each table: whoever breaks off keeps what there is.
    if (options.writePath !== undefined) await writeFile(options.writePath, text);
  }
  print("");
  await writeNumbers(
    {
      machine,
      clientPinned,
      all: session.all,
      notes: session.notes,
      faults: session.faults,
    },
    { path: options.jsonPath, prefix: "performance-" },
  );
  for (const fault of session.faults) printError(fault);
  return session.faults.length === 0 ? 0 : 1;
}

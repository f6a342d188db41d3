import { readdirSync, readFileSync } from "node:fs";
import {
  type CheckConnection,
  openCheckConnection,
} from "../../src/grpc-client/check-connection.ts";
import { readVerdict } from "../../src/loadgen/check-verdict.ts";
import { createWorkload } from "../../src/loadgen/workload.ts";
import { type Cells, formatNumber } from "../load/format-table.ts";
import { readResidentMb } from "../load/process-figures.ts";
import type { RunContext } from "../load/run-context.ts";
import { megabyteCell } from "./cells.ts";
import type { MeasureSession } from "./measure-session.ts";

const CONNECTIONS = 1_000;
/** Opened at once: fewer than a listening socket lets wait. */
const AT_ONCE = 50;
/** Files that client and server have open besides the connections: less than this. */
const OTHER_FILES = 100;
const IDLE_MS = 1_000;

const ways = [
  { name: "pool of 1", args: ["--dispatch=pool", "--workers=1"] },
  { name: "auto, 1 worker", args: ["--dispatch=auto", "--workers=1"] },
];

/** Resident memory of one server, in MB (10 ** 6 bytes); undefined when nobody can tell. */
interface IdleFigures {
  readonly readyMb: number | undefined;
  readonly idleMb: number | undefined;
}

/** Resolves with the resident memory of servers that are ready, and of the same with connections that do nothing. */
export async function measureIdle(session: MeasureSession): Promise<Cells> {
  const heads = ["when ready, MB", `with ${formatNumber(CONNECTIONS)} idle connections, MB`];
  const fault = lackOfFiles(readFileSync("/proc/self/limits", "utf8"), CONNECTIONS + OTHER_FILES);
  if (fault !== undefined) session.fault(`idle: ${fault}`);
  const rows: (readonly string[])[] = [];
  for (const { name, args } of fault === undefined ? ways : []) {
    const figures = await session.serve(args, async (context) => await fillUp(session, context));
    session.note(`idle: ${name}`, figures);
    rows.push([name, megabyteCell(figures.readyMb), megabyteCell(figures.idleMb)]);
  }
  return [["dispatch", ...heads], ...rows];
}

/** Returns what `limits`, the text of /proc/PID/limits, lacks for so many open files; undefined when there is room. */
export function lackOfFiles(limits: string, files: number): string | undefined {
  const limit = /^Max open files\s+(\w+)/m.exec(limits)?.[1];
  if (limit === undefined || limit === "unlimited" || Number(limit) >= files) return undefined;
  return `${files} open files are needed and ${limit} allowed: \`ulimit -n ${files}\` first`;
}

async function fillUp(session: MeasureSession, context: RunContext): Promise<IdleFigures> {
  const { server, input, options, progress } = context;
  const { pid, target } = server;
  const readyMb = pid === undefined ? undefined : readResidentMb(pid);
  progress(`${CONNECTIONS} connections`);
  const workload = createWorkload(input.requests);
  const connections: CheckConnection[] = [];
  let answered = 0;
  try {
    while (connections.length < CONNECTIONS) {
      const opened = await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          return await openCheckConnection({ target, timeoutMs: options.timeoutMs });
        }),
      );
      connections.push(...opened);
      const answers = await Promise.all(opened.map(async (one) => await askOnce(one, workload)));
      answered += answers.filter(Boolean).length;
    }
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const openFiles = pid === undefined ? CONNECTIONS : readdirSync(`/proc/${pid}/fd`).length;
    if (answered < CONNECTIONS || openFiles < CONNECTIONS) {
      session.fault(
        `idle: of ${CONNECTIONS} checks ${answered} had the right answer; then ${openFiles} files were open`,
      );
    }
    return { readyMb, idleMb: pid === undefined ? undefined : readResidentMb(pid) };
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Resolves with whether a check has the verdict that it should have. */
async function askOnce(
  connection: CheckConnection,
  workload: ReturnType<typeof createWorkload>,
): Promise<boolean> {
  const check = workload.next();
  return await new Promise((resolve) => {
    connection.call(check, (_status, message) => {
      resolve(message !== undefined && readVerdict(message) === check.allowed);
    });
  });
}

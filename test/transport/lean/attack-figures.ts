/**
 * By hand: `npm run test:attacks -- [PATTERN]` tells how a well-behaved client fares beside each attack (whose name matches
 * the pattern): its latency at a steady rate, alone, beside the attack on another server, and beside the attack on its own,
 * in turns, and the server's memory. The servers have one core, the clients have another; the attacker is a process of its
 * own that begins anew whenever it is cut off. The other server, which runs only while its core is idle, tells apart what
 * comes of the attack itself: that the kernel carries its bytes, on the core of the well-behaved client. It exits 1 when
 * the p99 beside an attack is more than twice that beside another server's, or memory is above its bound.
 */
import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { spreadOf } from "../../../bench/load/summarize-rounds.ts";
import type { GrpcChild } from "../../support/grpc-child.ts";
import { connectPeer, type Peer } from "../../support/h2-peer.ts";
import {
  clientPreface,
  flag,
  grpcRequest,
  settings,
  settingsAck,
  windowUpdate,
} from "../../support/h2-wire.ts";
import { startAttackServer } from "./attack-server.ts";
import { attacks } from "./attacks.ts";

const callsPerSecond = 500;
const measuredMs = 1_000;
const rounds = 5;
const pauseMs = 20;
const mostTimes = 2;
const mostResidentBytes = 350e6;

const [first = "", name = "", port = ""] = process.argv.slice(2);
if (first === "attack") {
  await attackForever(name, Number(port));
} else {
  const child = await startAttackServer();
  const other = await startAttackServer();
  try {
    await measureAll(child, other, first);
  } finally {
    await Promise.all([child.server.stop(), other.server.stop()]);
  }
}

async function attackForever(attackName: string, serverPort: number): Promise<void> {
  const attack = attacks.find((each) => each.name === attackName);
  if (attack === undefined) throw new Error(`no attack \`${attackName}\``);
  for (;;) {
    await attack.run({ host: "127.0.0.1", port: serverPort }).catch(() => {});
    await sleep(pauseMs);
  }
}

async function measureAll(child: GrpcChild, other: GrpcChild, text: string): Promise<void> {
  pin(process.pid, 1);
  pin(child.server.process.pid ?? 0, 0);
  pin(other.server.process.pid ?? 0, 0);
  idle(other.server.process.pid ?? 0);
  const peer = await connectPeer(child.where);
  const window = windowUpdate(0, 2 ** 30);
  peer.write(Buffer.concat([clientPreface, settings(), settingsAck, window]));
  const caller = createCaller(peer);
  await caller.measure(measuredMs);
  process.stdout.write(
    "| attack | p50 alone / beside another server's / beside | p99 | largest RSS |\n",
  );
  process.stdout.write("|---|---|---|---|\n");
  const pattern = new RegExp(text);
  for (const attack of attacks.filter((each) => pattern.test(each.name))) {
    const alone: Latency[] = [];
    const besideOther: Latency[] = [];
    const beside: Latency[] = [];
    const memory = watchMemory(child);
    const measureBeside = async (attackedPort: number): Promise<Latency> => {
      const attacker = startAttacker(attack.name, attackedPort);
      await sleep(500);
      const latency = await caller.measure(measuredMs).finally(() => attacker.kill("SIGKILL"));
      await sleep(200);
      return latency;
    };
    for (let round = 0; round < rounds; round++) {
      alone.push(await caller.measure(measuredMs));
      besideOther.push(await measureBeside(other.port));
      beside.push(await measureBeside(child.port));
    }
    const residentBytes = memory.stop();
    const medians = (which: keyof Latency): string =>
      [alone, besideOther, beside].map((each) => median(each, which).toFixed(2)).join(" / ");
    const figures = [
      `${medians("p50")} ms`,
      `${medians("p99")} ms`,
      `${Math.round(residentBytes / 1e6)} MB`,
    ];
    const isBounded =
      median(beside, "p99") <= mostTimes * median(besideOther, "p99") &&
      residentBytes <= mostResidentBytes;
    if (!isBounded) process.exitCode = 1;
    process.stdout.write(
      `| ${attack.name} | ${figures.join(" | ")} |${isBounded ? "" : " over"}\n`,
    );
  }
  peer.destroy();
}

function pin(pid: number, core: number): void {
  spawn("taskset", ["--all-tasks", "--cpu-list", "--pid", String(core), String(pid)], {
    stdio: "ignore",
  });
}

/** Lets the process run only while its core has nothing else to do. */
function idle(pid: number): void {
  spawn("chrt", ["--all-tasks", "--idle", "--pid", "0", String(pid)], { stdio: "ignore" });
}

function startAttacker(attackName: string, serverPort: number): ReturnType<typeof spawn> {
  const script = [fileURLToPath(import.meta.url), "attack", attackName, String(serverPort)];
  // It runs only while the other client sleeps, so that their sharing of a core does not show.
  return spawn("chrt", ["--idle", "0", process.execPath, ...script], { stdio: "inherit" });
}

function watchMemory(child: GrpcChild): { stop(): number } {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, child.residentBytes());
  }, 50);
  return {
    stop() {
      clearInterval(timer);
      return most;
    },
  };
}

/** In milliseconds. */
interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** The median over the rounds, since one round that something else disturbed says nothing. */
function median(latencies: readonly Latency[], which: keyof Latency): number {
  return spreadOf(latencies.map((latency) => latency[which]))?.median ?? Number.NaN;
}

/** Calls at a steady rate over one connection; latency counts from when a call was due. */
function createCaller(peer: Peer): { measure(ms: number): Promise<Latency> } {
  let next = 1;
  const call = async (dueMs: number): Promise<number> => {
    const stream = next;
    next += 2;
    peer.write(grpcRequest(stream, "/test.Service/Echo", Buffer.from("well behaved")));
    const end = await peer.until(
      (frame) => frame.stream === stream && (frame.flags & flag.END_STREAM) !== 0,
      10_000,
      peer.frames.length,
    );
    if (end === undefined) throw new Error("the well-behaved client was not answered");
    return performance.now() - dueMs;
  };
  return {
    async measure(ms) {
      const calls: Promise<number>[] = [];
      const began = performance.now();
      for (let i = 0; i < (ms * callsPerSecond) / 1_000; i++) {
        const dueMs = began + (i * 1_000) / callsPerSecond;
        // Timers may fire early by a part of a millisecond, and no call may be sent before it is due.
        while (performance.now() < dueMs) await sleep(Math.max(0, dueMs - performance.now()));
        calls.push(call(dueMs));
      }
      const latencies = (await Promise.all(calls)).toSorted((a, b) => a - b);
      peer.forget();
      const at = (share: number): number =>
        latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
      return { p50: at(0.5), p99: at(0.99) };
    },
  };
}

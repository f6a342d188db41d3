/** By hand: `npm run test:fuzz -- [STREAMS [SEED]]` sends so many damaged streams (1,000,000), and says what came of it. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCounters, startGrpcChild } from "../../support/grpc-child.ts";
import { createRawGrpcClient } from "../../support/raw-grpc-client.ts";
import { runFuzz } from "./run-fuzz.ts";

const [maxStreams = 1_000_000, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
if (!Number.isInteger(maxStreams) || !Number.isInteger(seed)) {
  process.stderr.write("Usage: npm run test:fuzz -- [STREAMS [SEED]], both whole numbers\n");
  process.exit(2);
}
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const path = join(tmpdir(), `ostiary-fuzz-${process.pid}.sock`);
const child = await startGrpcChild("lean", {}, `unix://${path}`);
const megabytes = (): number => Math.round(child.residentBytes() / 1e6);
print(`seed ${seed}, ${maxStreams} streams; the server holds ${megabytes()} MB`);
const began = performance.now();
const result = await runFuzz({
  where: child.where,
  seed,
  maxStreams,
  maxMs: Infinity,
  onProgress: (streams) => {
    if (streams % 50_000 === 0) print(`${streams} streams, ${megabytes()} MB`);
  },
});
const seconds = Math.round((performance.now() - began) / 1_000);
print(`${result.streams} streams, ${result.bytes} bytes in ${seconds} s`);
print(`hanging: ${result.hanging.join(" ") || "none"}`);
print(`alive: ${child.alive()}, ${megabytes()} MB, output:\n${child.server.output()}`);
const client = createRawGrpcClient(`unix:${path}`);
const answer = await client.call("/test.Service/Echo", Buffer.from("after all that"));
print(`a request after it: ${answer.message?.toString() ?? `${answer.code} ${answer.details}`}`);
const counters = await readCounters(child);
print(`counters: ${JSON.stringify(counters)}`);
client.close();
await child.server.stop();
process.exitCode =
  result.hanging.length === 0 && answer.code === 0 && counters.internalFaults === 0 ? 0 : 1;

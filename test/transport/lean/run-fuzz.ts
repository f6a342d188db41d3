import { connect, type NetConnectOpts } from "node:net";
import { createRandom } from "../../support/random.ts";
import { writeDamagedStream } from "./mutate-stream.ts";

/** The options of fuzzing: how much to send, and where. */
export interface FuzzOptions {
  readonly where: NetConnectOpts;
  /** The first stream's; the next have the numbers after it, so each can be sent again alone. */
  readonly seed: number;
  readonly maxStreams: number;
  readonly maxMs: number;
  /** Called after every thousand streams. */
  readonly onProgress?: (streams: number) => void;
}

/** The result of fuzzing. */
export interface FuzzResult {
  readonly streams: number;
  readonly bytes: number;
  /** The seeds of the streams after which the server did not close, though the client had nothing more to say. */
  readonly hanging: readonly number[];
}

const parallel = 16;
const patienceMs = 5_000;

/** Sends damaged streams over several connections at once, until one of the bounds is reached or a stream hangs. */
export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const { seed, maxStreams, maxMs } = options;
  const end = performance.now() + maxMs;
  const hanging: number[] = [];
  let next = 0;
  let bytes = 0;
  const work = async (): Promise<void> => {
    while (next < maxStreams && performance.now() < end && hanging.length === 0) {
      const streamSeed = seed + next;
      next += 1;
      if (next % 1_000 === 0) options.onProgress?.(next);
      const random = createRandom(streamSeed);
      const stream = writeDamagedStream(random);
      bytes += stream.length;
      const cuts = random.chance(0.5) ? [] : [random.below(stream.length + 1)];
      const closed = await sendStream(options.where, stream, cuts);
      if (!closed) hanging.push(streamSeed);
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  return { streams: next, bytes, hanging };
}

/** Whether the server closed the connection in time after it was sent these bytes, cut in two at most, and no more. */
async function sendStream(
  where: NetConnectOpts,
  bytes: Buffer,
  [cut = bytes.length]: readonly number[],
): Promise<boolean> {
  return await new Promise((resolve, reject) => {
    const socket = connect(where);
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(false);
    }, patienceMs);
    socket.on("connect", () => {
      socket.write(bytes.subarray(0, cut), () => {
        if (!socket.writable) return;
        if (cut < bytes.length) socket.end(bytes.subarray(cut));
        else socket.end();
      });
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      // A server that has gone is not there to connect to; one that hangs up is within its rights.
      if (error.syscall === "connect" && error.code !== "EAGAIN") reject(error);
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve(true);
    });
    socket.resume();
  });
}

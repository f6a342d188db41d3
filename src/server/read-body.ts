import type { IncomingMessage } from "node:http";

const firstBytes = 4_096;

/**
 * Calls `done` once with the request's body; with more than `maxBytes` bytes as soon as it is clear that there are more,
 * and not at all when the caller goes away before the end.
 *
 * What comes is copied at once: a piece may be a single byte, and would keep hundreds alive until the end.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Uint8Array) => void,
): void {
  let buffer: Buffer = Buffer.allocUnsafe(firstBytes);
  let length = 0;
  const finish = (): void => {
    request.removeAllListeners("data");
    request.removeAllListeners("end");
    done(buffer.subarray(0, length));
  };
  request.on("data", (chunk: Buffer) => {
    buffer = makeRoom(buffer, length, chunk.length);
    length += chunk.copy(buffer, length);
    if (length > maxBytes) {
      request.pause();
      finish();
    }
  });
  request.on("end", finish);
  request.on("error", () => {
    // The caller has gone: nobody is left to be answered.
    buffer = Buffer.alloc(0);
  });
}

/** The buffer, or one at least twice as large with the same first bytes. */
function makeRoom(buffer: Buffer, used: number, more: number): Buffer {
  if (used + more <= buffer.length) return buffer;
  const larger = Buffer.allocUnsafe(Math.max(used + more, 2 * buffer.length));
  buffer.copy(larger, 0, 0, used);
  return larger;
}

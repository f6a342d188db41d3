import type { IncomingMessage } from "node:http";

/**
 * Calls `done` once with the request's body; with more than `maxBytes` bytes as soon as it is clear that there are more,
 * and not at all when the caller goes away before the end.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Uint8Array) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (): void => {
    request.removeAllListeners("data");
    request.removeAllListeners("end");
    done(Buffer.concat(chunks, length));
  };
  request.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) {
      request.pause();
      finish();
    }
  });
  request.on("end", finish);
  request.on("error", () => {
    // The caller has gone: nobody is left to be answered.
    chunks.length = 0;
  });
}

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import type { HttpLimits } from "../../model/http-limits.ts";

/** The bounds of what is read and dropped of a request that needs no reading any more. */
export type LingerLimits = Pick<HttpLimits, "lingerMs" | "lingerBytes">;

/** How long a peer that sent more than that has, from the end of our side, to read the answer. */
const lastReadMs = 1_000;

/**
 * Ends a response that is written but for its end, once the rest of its request has come in. To close a connection on
 * which bytes come in resets it, and the peer may lose the answer: to a proxy that is an error, where it was a denial.
 */
export function endAfterRequest(
  request: IncomingMessage,
  response: ServerResponse,
  limits: LingerLimits,
): void {
  const { socket } = request;
  dropRest(request, limits, (isWhole) => {
    if (isWhole) response.end();
    else endUnread(socket);
  });
}

/** Sends the bytes as the last ones of a connection, and closes it once its peer has, or has been given the time to. */
export function endConnection(socket: Socket, bytes: string, limits: LingerLimits): void {
  socket.end(bytes);
  dropRest(socket, limits, () => {
    socket.destroy();
  });
}

/** Calls `done` once: when the stream has ended, or when it was read for as long or as far as the limits allow. */
function dropRest(
  stream: Readable,
  { lingerMs, lingerBytes }: LingerLimits,
  done: (isWhole: boolean) => void,
): void {
  let bytes = 0;
  const finish = (isWhole: boolean): void => {
    clearTimeout(timer);
    stream.off("data", count);
    stream.off("end", onEnd);
    if (!isWhole) stream.pause();
    done(isWhole);
  };
  const onEnd = (): void => finish(true);
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > lingerBytes) finish(false);
  };
  const timer = setTimeout(finish, lingerMs, false);
  timer.unref();
  stream.once("close", () => clearTimeout(timer));
  stream.on("data", count);
  stream.on("end", onEnd);
  stream.resume();
}

function endUnread(socket: Socket): void {
  socket.end();
  const timer = setTimeout(() => socket.destroy(), lastReadMs);
  timer.unref();
  socket.once("close", () => clearTimeout(timer));
}

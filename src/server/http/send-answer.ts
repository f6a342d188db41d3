import type { IncomingMessage, ServerResponse } from "node:http";
import { endAfterRequest, type LingerLimits } from "./linger.ts";

/** The answer to a plain HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

/** How long a peer may take to read an answer that the system does not take at once. */
const stallMs = 30_000;

/** Sends an answer, whether or not the request has come in as a whole. */
export function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, contentType }: HttpAnswer,
  limits: LingerLimits,
): void {
  if (response.headersSent) {
    // A second attempt after a fault: what has been sent cannot be taken back, but it can be left unfinished.
    response.destroy();
    return;
  }
  const bytes = Buffer.from(body, "utf8");
  response.statusCode = status;
  response.setHeader("content-length", bytes.length);
  response.setHeader("cache-control", "no-store");
  if (bytes.length > 0 && !response.hasHeader("content-type")) {
    response.setHeader("content-type", contentType);
  }
  if (!hasBody(request) || request.complete) {
    response.end(bytes);
  } else {
    response.setHeader("connection", "close");
    response.flushHeaders();
    if (bytes.length > 0) response.write(bytes);
    endAfterRequest(request, response, limits);
  }
  if (request.socket.writableLength > 0) {
    response.setTimeout(stallMs, () => request.socket.destroy());
  }
}

/** Returns whether the request says that a body follows its head. */
export function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

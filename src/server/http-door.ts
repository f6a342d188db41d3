import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpFormOptions } from "../envoy/http-form.ts";
import type { HttpRequestHead } from "../envoy/http-request-head.ts";
import { normalizeHttpRequest } from "../envoy/normalize-http-request.ts";
import type { NormalizeOptions } from "../envoy/normalize-options.ts";
import type { Answer } from "./grpc-status.ts";
import { createHttpListener, type HttpListener } from "./http-listener.ts";
import { type JudgeOptions, judge } from "./judge.ts";
import { readBody } from "./read-body.ts";

/** What the HTTP door takes. */
export interface HttpDoorOptions extends JudgeOptions {
  readonly form: HttpFormOptions;
  readonly normalize: NormalizeOptions;
}

/** Returns the door for proxies that ask by plain HTTP, not listening yet. */
export function createHttpDoor(options: HttpDoorOptions): HttpListener {
  return createHttpListener((request, response) => {
    const receivedMs = Date.now();
    // The other forms are about a request whose body the proxy keeps.
    if (options.form.form !== "direct" || !hasBody(request)) {
      answerRequest(request, response, { receivedMs, body: undefined }, options);
      return;
    }
    readBody(request, options.normalize.maxBodyBytes, (body) => {
      answerRequest(request, response, { receivedMs, body }, options);
    });
  });
}

function answerRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { receivedMs, body }: { readonly receivedMs: number; readonly body: Uint8Array | undefined },
  options: HttpDoorOptions,
): void {
  judge(
    {
      door: "http",
      deadlineMs: undefined,
      normalize: (reads) =>
        normalizeHttpRequest(
          readHead(request, receivedMs),
          body,
          options.form,
          options.normalize,
          reads,
        ),
      isGone: () => response.destroyed,
      send: (answer) => {
        writeAnswer(request, response, answer);
      },
    },
    options,
  );
}

function readHead(request: IncomingMessage, receivedMs: number): HttpRequestHead {
  return {
    method: request.method ?? "",
    target: request.url ?? "",
    rawHeaders: request.rawHeaders,
    httpVersion: request.httpVersion,
    remoteAddress: request.socket.remoteAddress,
    remotePort: request.socket.remotePort,
    receivedMs,
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

function writeAnswer(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (response.headersSent) {
    // A second attempt after a fault: what has been sent cannot be taken back, but it can be left unfinished.
    response.destroy();
    return;
  }
  const text =
    answer.kind === "allow" ? "" : answer.kind === "error" ? answer.details : answer.body;
  const body = Buffer.from(text, "utf8");
  response.statusCode = httpStatusOf(answer);
  response.setHeader("content-length", body.length);
  response.setHeader("cache-control", "no-store");
  if (body.length > 0) {
    response.setHeader("content-type", "text/plain; charset=utf-8");
  }
  if (hasBody(request) && !request.complete) {
    // What is left of the body is not waited for.
    response.setHeader("connection", "close");
  }
  response.end(body);
}

function httpStatusOf(answer: Answer): number {
  switch (answer.kind) {
    case "allow":
      return 200;
    case "bad-request":
      return 400;
    case "forbidden":
    case "unavailable":
      // A 5xx would be an error to proxies, which some let in.
      return 403;
    case "error":
      return answer.http;
  }
}

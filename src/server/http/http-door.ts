import type { IncomingMessage, ServerResponse } from "node:http";
import { denialStatus, type HttpFormOptions, keepsBody } from "../../forward-auth/http-form.ts";
import type { HttpRequestHead } from "../../forward-auth/http-request-head.ts";
import { normalizeHttpRequest } from "../../forward-auth/normalize-http-request.ts";
import { Deadline } from "../../model/deadline.ts";
import type { HeaderChange } from "../../model/decision-response.ts";
import type { HttpDoorLimits, OnHttpLimit } from "../../model/http-limits.ts";
import type { NormalizeOptions } from "../../payload/normalize-options.ts";
import { RequestError } from "../../payload/request-error.ts";
import { PoolError } from "../../pool/dispatcher.ts";
import { ByteBudget } from "../../transport/http2/byte-budget.ts";
import type { Answer } from "../check/answer.ts";
import { answerDeadline, type JudgeOptions, judge } from "../check/answer-check.ts";
import { createHttpListener, type HttpListener } from "./http-listener.ts";
import { type BodyRefusal, type HeldBody, readBody } from "./read-body.ts";
import { hasBody, sendAnswer } from "./send-answer.ts";

/** The options of the HTTP door. */
export interface HttpDoorOptions extends JudgeOptions {
  readonly form: HttpFormOptions;
  readonly normalize: NormalizeOptions;
  readonly limits: HttpDoorLimits;
  readonly onLimit: OnHttpLimit;
}

/** A request, and all that is known of it before its body has come. */
interface Received {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly head: HttpRequestHead;
  /** The time when the caller stops waiting, if it said so. */
  readonly deadline: Deadline | undefined;
}

/** A body, that there is none, or why it is not judged. */
type Body = Uint8Array | undefined | RequestError | PoolError;

/** Returns the door for proxies that ask by plain HTTP, not listening yet. */
export function createHttpDoor(options: HttpDoorOptions): HttpListener {
  const { form, limits, normalize, onLimit } = options;
  const budget = new ByteBudget(limits.maxUnfinishedBytes);
  return createHttpListener({
    limits,
    onLimit,
    refusalStatus: denialStatus(form, 400) === 400 ? 400 : 403,
    handle: (request, response, isOver) => {
      const received = receive(request, response, options);
      const answer = (body: Body): void => {
        answerRequest(received, body, options);
      };
      if (isOver) {
        answer(new PoolError("POOL_QUEUE_FULL"));
      } else if (keepsBody(form) || !hasBody(request)) {
        answer(undefined);
      } else {
        const refusal = refuseBody(received, options);
        if (refusal !== undefined) {
          answer(refusal);
        } else {
          if (expectsContinue(request)) response.writeContinue();
          const waitMs = bodyWaitMs(received, options);
          readBody(request, { maxBytes: normalize.maxBodyBytes, budget, waitMs }, (body) => {
            if (body === "no-room") onLimit("maxUnfinishedBytes", request.socket.remoteAddress);
            answerRead(body, response, answer);
          });
        }
      }
    },
  });
}

function receive(
  request: IncomingMessage,
  response: ServerResponse,
  { form }: HttpDoorOptions,
): Received {
  const { method = "", url = "", rawHeaders, httpVersion, socket } = request;
  const { remoteAddress, remotePort } = socket;
  const receivedMs = Date.now();
  return {
    request,
    response,
    head: {
      method,
      target: url,
      rawHeaders,
      httpVersion,
      remoteAddress,
      remotePort,
      receivedMs,
    },
    deadline: form.form === "direct" ? readDeadline(request) : undefined,
  };
}

/** Returns when Envoy gives up; behind other proxies the header would be the client's word. */
function readDeadline({ headers }: IncomingMessage): Deadline | undefined {
  const timeout = headers["x-envoy-expected-rq-timeout-ms"];
  // Envoy writes 0 for no timeout.
  return typeof timeout === "string" && /^[1-9]\d{0,8}$/.test(timeout)
    ? new Deadline(performance.now() + Number(timeout))
    : undefined;
}

/**
 * How long to wait for the body: as long as for an answer where the caller says when it gives up, or has the whole body
 * before it asks, as a proxy of form `forwarded` has; it may only announce the body and not send it.
 */
function bodyWaitMs({ deadline }: Received, options: HttpDoorOptions): number {
  if (deadline === undefined && options.form.form === "direct") return Infinity;
  const nowMs = performance.now();
  return answerDeadline(deadline, nowMs, options).leftMs(nowMs);
}

/** Why the body that is announced is not even read, if so. */
function refuseBody(
  { request, head }: Received,
  { normalize, form }: HttpDoorOptions,
): RequestError | undefined {
  if (Number(request.headers["content-length"] ?? 0) > normalize.maxBodyBytes) {
    return new RequestError("REQUEST_TOO_LARGE");
  }
  // A client that waits for a word before it sends the body is told no at once.
  if (!expectsContinue(request)) return undefined;
  const input = normalizeHttpRequest(head, undefined, form, normalize, []);
  return input instanceof RequestError ? input : undefined;
}

function expectsContinue({ headers, httpVersion }: IncomingMessage): boolean {
  return httpVersion !== "1.0" && headers.expect?.toLowerCase() === "100-continue";
}

/** Answers with a body that was read, and holds it until the answer is sent. */
function answerRead(
  body: HeldBody | BodyRefusal,
  response: ServerResponse,
  answer: (body: Body) => void,
): void {
  switch (body) {
    case "too-large":
      answer(new RequestError("REQUEST_TOO_LARGE"));
      break;
    case "no-room":
      answer(new PoolError("POOL_QUEUE_FULL"));
      break;
    case "late":
      answer(new PoolError("POOL_DEADLINE"));
      break;
    default:
      response.once("close", () => {
        body.release();
      });
      answer(body.bytes);
  }
}

function answerRequest(
  { request, response, head, deadline }: Received,
  body: Body,
  options: HttpDoorOptions,
): void {
  judge(
    {
      door: "http",
      deadline,
      normalize: (reads) =>
        body instanceof RequestError || body instanceof PoolError
          ? body
          : normalizeHttpRequest(head, body, options.form, options.normalize, reads),
      isGone: () => response.destroyed,
      send: (answer) => {
        const text =
          answer.kind === "allow" ? "" : answer.kind === "error" ? answer.details : answer.body;
        const status = httpStatusOf(answer, options.form);
        const contentType = "text/plain; charset=utf-8";
        addHeaders(response, headersOf(answer));
        sendAnswer(request, response, { status, body: text, contentType }, options.limits);
      },
    },
    options,
  );
}

/** Headers that say how the answer is sent, or what Envoy itself says: no policy's business. */
const reservedHeaders =
  /^(?:connection|content-length|keep-alive|te|trailer|transfer-encoding|upgrade|x-envoy-.*)$/i;

/** A denial's go to the client, an allowed request's to the proxy, which puts them where its own settings say. */
function headersOf(answer: Answer): readonly HeaderChange[] {
  if (answer.kind === "allow") return answer.response?.requestHeaders ?? [];
  return answer.kind === "forbidden" ? (answer.response?.headers ?? []) : [];
}

function addHeaders(response: ServerResponse, changes: readonly HeaderChange[]): void {
  for (const { name, value, action } of changes) {
    if (reservedHeaders.test(name)) continue;
    if (action === "append") response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
}

/** From `allowed` alone comes a 200: whatever a policy has the client answered, a denial is one here too. */
function httpStatusOf(answer: Answer, form: HttpFormOptions): number {
  switch (answer.kind) {
    case "allow":
      return 200;
    case "bad-request":
      return denialStatus(form, 400);
    case "forbidden": {
      // Below 300 lets in, a 5xx would be an error to proxies, which some let in.
      const status = answer.response?.status ?? 403;
      return denialStatus(form, status >= 300 && status < 500 ? status : 403);
    }
    case "unavailable":
      return 403;
    case "error":
      return answer.http;
  }
}

import type { IncomingMessage, ServerResponse } from "node:http";
import { subrequestHeaders } from "../../forward-auth/http-form.ts";
import type { HttpLimits, OnHttpLimit } from "../../model/http-limits.ts";
import type { JsonValue } from "../../model/json.ts";
import { createHttpListener, type HttpListener } from "./http-listener.ts";
import { type HttpAnswer, sendAnswer } from "./send-answer.ts";

/** A line of `/readyz?verbose`. */
export interface ReadinessCheck {
  readonly name: string;
  readonly good: boolean;
  readonly text: string;
  /** Whether it has to be good for the server to be ready; the others are told only. */
  readonly counts: boolean;
}

/** The sources of the admin door's answers. */
export interface AdminDoorOptions {
  /** Returns whether checks can be answered: true from the first complete load on. A failed reload or a drain does not change it. */
  isHealthy(): boolean;
  /** Returns whether requests should be sent here: false before the first load, without policies and while draining. */
  isReady(): boolean;
  /** What `/readyz?verbose` lists. */
  checks(): readonly ReadinessCheck[];
  /** Returns whether the end has begun: connections are then not kept, so that none is cut in the middle of a request. */
  isDraining(): boolean;
  /** Resolves with all metrics in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** The value of `Content-Type` that goes with them. */
  readonly metricsContentType: string;
  /** Names, revisions and faults of what is loaded; never the text of a policy. */
  policies(): JsonValue;
  /** Told of a page that cannot be shown. */
  onFault(error: unknown): void;
  readonly limits: HttpLimits;
  readonly onLimit: OnHttpLimit;
}

type Page = HttpAnswer;

/** Returns the door for probes, metrics and people, not listening yet. */
export function createAdminDoor(options: AdminDoorOptions): HttpListener {
  const pages = new Map<string, (query: URLSearchParams) => Page | Promise<Page>>([
    ["/health", () => probePage(options.isHealthy())],
    // That it is answered at all shows that the event loop turns.
    ["/livez", () => probePage(true)],
    [
      "/readyz",
      (query) => (query.has("verbose") ? checksPage(options) : probePage(options.isReady())),
    ],
    ["/metrics", async () => await metricsPage(options)],
    ["/policies", () => policiesPage(options)],
  ]);
  const find = async (request: IncomingMessage): Promise<Page> => {
    const [path = "", query] = (request.url ?? "").split("?", 2);
    // A proxy that asks here whether a request may pass would be told yes.
    if (subrequestHeaders.some((name) => request.headers[name] !== undefined)) {
      return textPage(403, "this is not the door for checks");
    }
    const page = pages.get(path);
    if (page === undefined) return textPage(404, "not found");
    if (request.method !== "GET" && request.method !== "HEAD") {
      return textPage(405, "method not allowed");
    }
    try {
      return await page(new URLSearchParams(query));
    } catch (error) {
      options.onFault(error);
      return textPage(500, "internal error");
    }
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const page = await find(request);
    if (response.destroyed) return;
    if (page.status === 405) response.setHeader("allow", "GET, HEAD");
    response.setHeader("x-content-type-options", "nosniff");
    sendAnswer(request, response, page, options.limits);
  };
  return createHttpListener({
    limits: options.limits,
    onLimit: options.onLimit,
    refusalStatus: 400,
    handle: (request, response, isOver) => {
      if (options.isDraining()) response.setHeader("connection", "close");
      if (isOver) {
        sendAnswer(request, response, textPage(503, "too many connections"), options.limits);
        return;
      }
      void answer(request, response);
    },
  });
}

function probePage(good: boolean): Page {
  return good ? textPage(200, "ok") : textPage(503, "unavailable");
}

/** `[+]` is good, `[-]` keeps the server from being ready, `[!]` asks for somebody's attention. */
function checksPage(options: AdminDoorOptions): Page {
  const { status, body } = probePage(options.isReady());
  const lines = options.checks().map(({ name, good, text, counts }) => {
    const sign = good ? "+" : counts ? "-" : "!";
    return `[${sign}]${name}: ${text}`;
  });
  return textPage(status, [...lines, body.trimEnd()].join("\n"));
}

async function metricsPage(options: AdminDoorOptions): Promise<Page> {
  const body = await options.metricsText();
  return { status: 200, contentType: options.metricsContentType, body };
}

function policiesPage(options: AdminDoorOptions): Page {
  const body = `${JSON.stringify(options.policies(), undefined, 2)}\n`;
  return { status: 200, contentType: "application/json", body };
}

function textPage(status: number, text: string): Page {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}

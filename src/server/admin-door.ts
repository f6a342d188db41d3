import type { ServerResponse } from "node:http";
import type { JsonValue } from "../model/json.ts";
import { createHttpListener, type HttpListener } from "./http-listener.ts";

/** A line of `/readyz?verbose`. */
export interface ReadinessCheck {
  readonly name: string;
  readonly good: boolean;
  readonly text: string;
  /** Whether it has to be good for the server to be ready; the others are told only. */
  readonly counts: boolean;
}

/** Where the admin door gets its answers from. */
export interface AdminDoorOptions {
  /** Whether checks can be answered: true from the first complete load on. A failed reload or a drain does not change it. */
  isHealthy(): boolean;
  /** Whether requests should be sent here: false before the first load, without policies and while draining. */
  isReady(): boolean;
  /** What `/readyz?verbose` lists. */
  checks(): readonly ReadinessCheck[];
  /** Resolves with all metrics in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** The value of `Content-Type` that goes with them. */
  readonly metricsContentType: string;
  /** Names, revisions and faults of what is loaded; never the text of a policy. */
  policies(): JsonValue;
}

interface Page {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

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
  return createHttpListener((request, response) => {
    const [path = "", query] = (request.url ?? "").split("?", 2);
    const page = pages.get(path);
    if (page === undefined) {
      writePage(response, textPage(404, "not found"));
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      writePage(response, textPage(405, "method not allowed"));
      return;
    }
    void answerPage(response, () => page(new URLSearchParams(query)));
  });
}

async function answerPage(
  response: ServerResponse,
  page: () => Page | Promise<Page>,
): Promise<void> {
  let rendered: Page;
  try {
    rendered = await page();
  } catch {
    rendered = textPage(500, "internal error");
  }
  writePage(response, rendered);
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

function writePage(response: ServerResponse, { status, contentType, body }: Page): void {
  if (response.destroyed) {
    return;
  }
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(body);
}

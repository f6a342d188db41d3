import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { HttpLimits, OnHttpLimit } from "../../model/http-limits.ts";
import { listen } from "../../transport/net/listen.ts";
import { HttpConnections } from "./http-connections.ts";
import { endConnection } from "./linger.ts";

/** An HTTP server that can be drained. */
export interface HttpListener {
  /** Resolves with the address it listens on, port filled in; rejects when it cannot. */
  listen(address: string): Promise<string>;
  /** Takes no more connections, answers what comes on open ones up to the grace period, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** The parts of an HTTP server. */
export interface HttpListenerOptions {
  readonly limits: HttpLimits;
  /** The status for what is no HTTP request, or none that can be answered. */
  readonly refusalStatus: 400 | 403;
  readonly onLimit: OnHttpLimit;
  /** Answers a request; one that comes on a connection too many (`isOver`) is to be refused. */
  handle(request: IncomingMessage, response: ServerResponse, isOver: boolean): void;
}

/** As large as Envoy's own default, so that what passes there is read here. */
const maxHeaderSize = 65_536;
/** Longer than proxies keep an idle connection, so that it is they who close it. */
const keepAliveTimeout = 75_000;
const maxCheckIntervalMs = 1_000;

/** Returns a server for the handler, not listening yet. */
export function createHttpListener(options: HttpListenerOptions): HttpListener {
  const { limits, refusalStatus } = options;
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const isOver = connections.begin(request, response);
    if (isOver) options.onLimit("maxConnections", request.socket.remoteAddress);
    options.handle(request, response, isOver);
  };
  const server = createServer(
    {
      maxHeaderSize,
      // Node would answer 400 itself, of which nginx makes an error.
      requireHostHeader: false,
      keepAliveTimeout,
      headersTimeout: limits.headerTimeoutMs,
      requestTimeout: Math.max(limits.requestTimeoutMs, limits.headerTimeoutMs),
      connectionsCheckingInterval: Math.min(limits.headerTimeoutMs, maxCheckIntervalMs),
    },
    onRequest,
  );
  const connections = new HttpConnections(server, limits.maxConnections);
  // Whoever answers says whether the body shall come: Node would ask for one that is not there, or refused.
  server.on("checkContinue", onRequest);
  // Node would answer 417 itself; an expectation that is not known may be passed over (RFC 9110 section 10.1.1).
  server.on("checkExpectation", onRequest);
  // Headers beyond a count would be dropped without a word; their size is bounded already.
  server.maxHeadersCount = 0;

  // Node would cut the connection or answer 431: a client can cause these through a proxy, and what a client can cause
  // has to be a denial, not an error.
  const refuse = (socket: Duplex): void => {
    const started = socket instanceof Socket ? connections.of(socket) : undefined;
    const isAnswered = [...(started?.responses ?? [])].some(({ headersSent }) => headersSent);
    // Nothing came from a connection that was opened and not used: nobody waits for an answer.
    if (!(socket instanceof Socket) || !socket.writable || isAnswered || socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    // Node's parser would report every further piece as a fault of its own.
    socket.removeAllListeners("data");
    const reason = refusalStatus === 400 ? "Bad Request" : "Forbidden";
    const head = `HTTP/1.1 ${refusalStatus} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
    endConnection(socket, head, limits);
  };
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" && socket instanceof Socket) {
      // Once its head has come in there is a response to be given.
      const hasHead = (connections.of(socket)?.responses.size ?? 0) > 0;
      const limit = hasHead ? "requestTimeoutMs" : "headerTimeoutMs";
      if (socket.bytesRead > 0) options.onLimit(limit, socket.remoteAddress);
    }
    refuse(socket);
  });
  server.on("drop", (dropped) => {
    options.onLimit("maxConnections", dropped?.remoteAddress);
  });
  server.on("connect", (_request, socket) => {
    socket.on("error", () => {
      socket.destroy();
    });
    refuse(socket);
  });
  return {
    async listen(address) {
      return await listen(server, address);
    },
    async close(graceMs) {
      await connections.drain(graceMs);
    },
  };
}

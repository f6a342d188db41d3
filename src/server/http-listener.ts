import { createServer, type RequestListener, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { listen } from "../transport/listen.ts";
import { trackSockets } from "../transport/open-sockets.ts";

/** An HTTP server that can be drained. */
export interface HttpListener {
  /** Resolves with the address it listens on, port filled in; rejects when it cannot. */
  listen(address: string): Promise<string>;
  /** Takes no more connections, waits for open requests up to the grace period, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** How slow and how large a request may be before its connection is cut. */
const limits = {
  /** As large as Envoy's own default, so that what passes there is read here. */
  maxHeaderSize: 65_536,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 5_000,
  /** Longer than proxies keep an idle connection, so that it is they who close it. */
  keepAliveTimeout: 75_000,
};

/** Returns a server for the handler, not listening yet. */
export function createHttpListener(handler: RequestListener): HttpListener {
  let draining = false;
  const onRequest: RequestListener = (request, response) => {
    if (draining) {
      response.setHeader("connection", "close");
    }
    response.once("close", () => {
      // Its connection may have been promised to be kept before the drain began.
      if (draining) {
        server.closeIdleConnections();
      }
    });
    handler(request, response);
  };
  const server = createServer(limits, onRequest);
  // Node would answer 417 itself; an expectation that is not known may be passed over (RFC 9110 section 10.1.1).
  server.on("checkExpectation", onRequest);
  // Headers beyond a count would be dropped without a word; their size is bounded already.
  server.maxHeadersCount = 0;
  refuseOddRequests(server);
  const sockets = trackSockets(server);
  return {
    async listen(address) {
      return await listen(server, address);
    },
    async close(graceMs) {
      draining = true;
      server.close();
      server.closeIdleConnections();
      // Node counts as idle what has had a request only.
      await sockets.drain(graceMs, (socket) => socket.bytesRead === 0);
    },
  };
}

/**
 * Answers 400 where Node would cut the connection or answer 431: a client can cause these through a proxy, and what
 * a client can cause has to be a denial, not an error.
 */
function refuseOddRequests(server: Server): void {
  server.on("clientError", (_error, socket) => {
    refuse(socket);
  });
  server.on("connect", (_request, socket) => {
    socket.on("error", () => {
      socket.destroy();
    });
    refuse(socket);
  });
}

function refuse(socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
}

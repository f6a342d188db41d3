import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Socket, Server as TcpServer } from "node:net";

/** An open connection to an HTTP server. */
export interface HttpConnection {
  /** Whether there were too many when it came: its requests are to be refused. */
  readonly isOver: boolean;
  /** Requests that are not answered yet, in the order in which they came. */
  readonly responses: Set<ServerResponse>;
}

/** How long a connection without a request is kept in a drain, since its client may be sending one. */
const maxIdleDrainMs = 2_000;

/** The open connections of an HTTP server. */
export class HttpConnections {
  readonly #server: Server;
  readonly #open = new Map<Socket, HttpConnection>();
  #draining = false;
  #closingIdle = false;
  #onEmpty: (() => void) | undefined;

  /** Keeps count of the server's connections: at most `max`, and an eighth more whose requests are to be refused. */
  constructor(server: Server, max: number) {
    this.#server = server;
    server.maxConnections = max + Math.max(16, max >> 3);
    server.on("connection", (socket: Socket) => {
      this.#open.set(socket, { isOver: this.#open.size >= max, responses: new Set() });
      socket.once("close", () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#onEmpty?.();
      });
    });
  }

  /** The connection of a socket, as long as it is open. */
  of(socket: Socket): HttpConnection | undefined {
    return this.#open.get(socket);
  }

  /** Notes that a request has begun; true if its connection was one too many. */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#open.get(request.socket);
    if (connection === undefined) return true;
    connection.responses.add(response);
    if (this.#draining || connection.isOver) response.setHeader("connection", "close");
    response.once("close", () => {
      connection.responses.delete(response);
      // Its client may have been promised that it is kept before the drain began.
      if (this.#closingIdle) this.#server.closeIdleConnections();
    });
    return connection.isOver;
  }

  /**
   * Takes no more connections, and resolves when all have ended. What is open is answered, with the word that the
   * connection closes; one without a request is closed after a while, and whatever is left after the grace period is cut.
   */
  async drain(graceMs: number): Promise<void> {
    this.#draining = true;
    // What has connected already is taken, rather than reset with the listening socket.
    await new Promise(setImmediate);
    // The HTTP server's own would close idle connections at once: a request that is on its way would be lost.
    TcpServer.prototype.close.call(this.#server);
    if (this.#open.size === 0) return;
    for (const { responses } of this.#open.values()) {
      for (const response of responses) {
        if (!response.headersSent) response.setHeader("connection", "close");
      }
    }
    await new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      setTimeout(() => this.#closeIdle(), Math.min(graceMs / 2, maxIdleDrainMs)).unref();
      setTimeout(() => {
        for (const socket of this.#open.keys()) socket.destroy();
      }, graceMs).unref();
    });
  }

  #closeIdle(): void {
    this.#closingIdle = true;
    this.#server.closeIdleConnections();
    for (const socket of this.#open.keys()) {
      // Node counts as idle what has had a request only.
      if (socket.bytesRead === 0) socket.destroy();
    }
  }
}

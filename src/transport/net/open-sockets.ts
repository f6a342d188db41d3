import type { Server, Socket } from "node:net";

/** The open connections of a server, to be waited for or cut. */
export interface OpenSockets {
  /**
   * Resolves when all connections have ended; those left after the grace period are cut.
   *
   * @param isIdle says which need no waiting for
   */
  drain(graceMs: number, isIdle?: (socket: Socket) => boolean): Promise<void>;
}

/** Starts to keep count of the server's connections. */
export function trackSockets(server: Server): OpenSockets {
  const sockets = new Set<Socket>();
  let onEmpty: (() => void) | undefined;
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => {
      sockets.delete(socket);
      if (sockets.size === 0) onEmpty?.();
    });
  });
  return {
    async drain(graceMs, isIdle = () => false) {
      if (sockets.size === 0) return;
      await new Promise<void>((resolve) => {
        onEmpty = resolve;
        const timer = setTimeout(() => {
          for (const socket of sockets) socket.destroy();
        }, graceMs);
        timer.unref();
        for (const socket of sockets) {
          if (isIdle(socket)) socket.destroy();
        }
      });
    },
  };
}

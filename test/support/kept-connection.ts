import { connect, type Socket } from "node:net";

/** An HTTP/1.1 client of one connection that is kept. */
export interface KeptConnection {
  /** Resolves with the head of the answer to a request without a body; rejects when there is none. */
  get(path: string): Promise<string>;
  readonly socket: Socket;
}

/** Connects to the port. */
export function keptConnection(port: number): KeptConnection {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  let settle: { resolve(head: string): void; reject(error: Error): void } | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/^content-length: (\d+)\r$/im.exec(text)?.[1] ?? Infinity);
    if (end < 0 || text.length < end + 4 + length) return;
    const head = text.slice(0, end);
    text = text.slice(end + 4 + length);
    settle?.resolve(head);
    settle = undefined;
  });
  const fail = (error: Error): void => {
    settle?.reject(error);
    settle = undefined;
  };
  socket.on("error", fail);
  socket.on("close", () => {
    fail(new Error("closed without an answer"));
  });
  return {
    socket,
    get: async (path) =>
      await new Promise((resolve, reject) => {
        settle = { resolve, reject };
        if (socket.destroyed || socket.readableEnded) fail(new Error("closed before the request"));
        else socket.write(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
      }),
  };
}

import { connect, type NetConnectOpts, type Socket } from "node:net";
import { errorNames, type Frame, frameType, parseFrames } from "./h2-wire.ts";

/** A connection that sends any bytes and keeps the frames that come back. */
export interface Peer {
  readonly socket: Socket;
  /** Every frame so far. */
  readonly frames: readonly Frame[];
  readonly closed: boolean;
  /** Whatever the other side makes of it; nothing happens once it has gone. */
  write(bytes: Uint8Array): void;
  /** Writes and resolves once there is room for more, or the connection is gone. */
  push(bytes: Uint8Array): Promise<void>;
  /**
   * Resolves with the first frame, past or to come, for which this is true; undefined when the connection or the time
   * ended first.
   *
   * @param from how many of the past frames to leave out
   */
  until(
    wanted: (frame: Frame) => boolean,
    timeoutMs?: number,
    from?: number,
  ): Promise<Frame | undefined>;
  /** Resolves with true when the connection is closed within the time. */
  end(timeoutMs: number): Promise<boolean>;
  /** Drops the frames that came so far; not while somebody waits. */
  forget(): void;
  /** The name of the code in GOAWAY, if one came; the last where there are several. */
  goaway(): string | undefined;
  destroy(): void;
}

/** Connects, and resolves once connected. */
export async function connectPeer(where: NetConnectOpts): Promise<Peer> {
  const socket = connect(where);
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return createPeer(socket);
}

function createPeer(socket: Socket): Peer {
  const frames: Frame[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let closed = false;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    const parsed = parseFrames(rest.length === 0 ? chunk : Buffer.concat([rest, chunk]));
    frames.push(...parsed.frames);
    rest = parsed.rest;
    tell();
  });
  socket.on("close", () => {
    closed = true;
    tell();
  });
  /** Resolves when `done` is true, or with false when the time is over. */
  const wait = async (done: () => boolean, timeoutMs: number): Promise<boolean> => {
    if (done()) return true;
    return await new Promise((resolve) => {
      const settle = (value: boolean): void => {
        clearTimeout(timer);
        listeners.delete(look);
        resolve(value);
      };
      const look = (): void => {
        if (done()) settle(true);
      };
      const timer = setTimeout(settle, timeoutMs, false);
      listeners.add(look);
    });
  };
  return {
    socket,
    frames,
    get closed() {
      return closed;
    },
    write(bytes) {
      if (socket.writable) socket.write(bytes);
    },
    async push(bytes) {
      if (closed || !socket.writable || socket.write(bytes)) {
        // Even when nothing can be written any more: whoever goes on until the close has to let it come.
        await new Promise(setImmediate);
        return;
      }
      await new Promise<void>((resolve) => {
        const settle = (): void => {
          socket.off("drain", settle);
          socket.off("close", settle);
          resolve();
        };
        socket.on("drain", settle);
        socket.on("close", settle);
      });
    },
    async until(wanted, timeoutMs = 5_000, from = 0) {
      let seen = from;
      let found: Frame | undefined;
      await wait(() => {
        for (; seen < frames.length && found === undefined; seen++) {
          const next = frames[seen];
          if (next !== undefined && wanted(next)) found = next;
        }
        return found !== undefined || closed;
      }, timeoutMs);
      return found;
    },
    async end(timeoutMs) {
      return await wait(() => closed, timeoutMs);
    },
    forget() {
      frames.length = 0;
    },
    goaway() {
      const last = frames.findLast(({ type }) => type === frameType.GOAWAY);
      return last === undefined ? undefined : errorNames[last.payload.readUInt32BE(4)];
    },
    destroy() {
      socket.destroy();
    },
  };
}

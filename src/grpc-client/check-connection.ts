import { connect, type Socket } from "node:net";
import { type CallEnd, CallSession, type WaitingCall } from "./call-session.ts";
import type { PreparedCheck } from "./check-template.ts";
import { buildRequestBlocks, type RequestBlocks } from "./request-block.ts";

/** One HTTP/2 connection that carries Check calls, as an Envoy worker thread keeps one. */
export interface CheckConnection {
  /** Starts a call. Connects again if the connection has ended. */
  call(check: PreparedCheck, end: CallEnd): void;
  /** Breaks off what is open. */
  close(): void;
}

/** The place to connect to, and what every call says. */
export interface ConnectionOptions {
  /** `host:port` or `unix:/path`. */
  readonly target: string;
  /** Sent as `grpc-timeout`: how long the server may take. */
  readonly timeoutMs: number;
}

const CHECK_PATH = "/envoy.service.auth.v3.Authorization/Check";
const READ_BYTES = 65_536;
const OPENING_MS = 5_000;

/**
 * Resolves with a connection that has seen the server's settings.
 *
 * @throws Error when nobody listens, or what does speaks no HTTP/2 within 5 s
 */
export async function openCheckConnection(options: ConnectionOptions): Promise<CheckConnection> {
  const connection = new Connection(options);
  await connection.opened();
  return connection;
}

class Connection implements CheckConnection {
  readonly #target: string;
  readonly #blocks: RequestBlocks;
  /** The one for new calls, and those that are being finished. */
  readonly #sessions = new Set<CallSession>();
  #session: CallSession;
  #onReady = (): void => {};
  #onClosed: (fault: string) => void = () => {};

  constructor({ target, timeoutMs }: ConnectionOptions) {
    this.#target = target;
    const authority = target.startsWith("unix:") ? "localhost" : target;
    this.#blocks = buildRequestBlocks({ authority, path: CHECK_PATH, timeoutMs });
    this.#session = this.#connect();
  }

  async opened(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string): void => {
        clearTimeout(timer);
        reject(new Error(`cannot connect to \`${this.#target}\`: ${reason}`));
        this.close();
      };
      const timer = setTimeout(fail, OPENING_MS, `no HTTP/2 settings within ${OPENING_MS} ms`);
      this.#onClosed = fail;
      this.#onReady = () => {
        clearTimeout(timer);
        this.#onClosed = () => {};
        resolve();
      };
    });
  }

  call(check: PreparedCheck, end: CallEnd): void {
    this.#call({ check, end });
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }

  #call(call: WaitingCall): void {
    if (!this.#session.isUsable) this.#session = this.#connect();
    this.#session.call(call);
  }

  #connect(): CallSession {
    const socket = connectSocket(this.#target, (chunk) => {
      session.read(chunk);
    });
    const session: CallSession = new CallSession(socket, this.#blocks, {
      ready: () => {
        this.#onReady();
      },
      draining: (calls) => {
        for (const call of calls) this.#call(call);
      },
      closed: (fault) => {
        this.#sessions.delete(session);
        this.#onClosed(fault);
      },
    });
    this.#sessions.add(session);
    return session;
  }
}

/** Reads into one buffer, again and again, which spares a stream's events and the garbage they make. */
function connectSocket(target: string, onChunk: (chunk: Buffer) => void): Socket {
  const onread = {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback: (bytes: number, buffer: Uint8Array): boolean => {
      onChunk(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
      return true;
    },
  };
  if (target.startsWith("unix:")) return connect({ path: target.slice("unix:".length), onread });
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return connect({ host, port: Number(target.slice(colon + 1)), noDelay: true, onread });
}

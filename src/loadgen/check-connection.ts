import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectSocket, type Socket } from "node:net";
import type { PreparedCheck } from "./check-template.ts";
import { grpcStatusName } from "./grpc-status-name.ts";

/**
 * Told once how a call ended.
 *
 * @param status a gRPC status name, `http NNN`, or what broke (`ECONNRESET`, `reset by code 7`)
 * @param message the `CheckResponse`, with `OK` only
 */
type CallEnd = (status: string, message: Uint8Array | undefined) => void;

/** One HTTP/2 connection that carries Check calls, as an Envoy worker thread keeps one. */
export interface CheckConnection {
  /** Starts a call, and gives the frame back when it is over. Connects again if the connection has ended. */
  call(check: PreparedCheck, end: CallEnd): void;
  /** Breaks off what is open. */
  close(): void;
}

/** Where to connect, and what every call says. */
export interface ConnectionOptions {
  /** `host:port` or `unix:/path`. */
  readonly target: string;
  /** Sent as `grpc-timeout`: how long the server may take. */
  readonly timeoutMs: number;
}

/** An open call; its state hangs on the stream so that all calls share their handlers. */
interface OpenCall {
  readonly check: PreparedCheck;
  end: CallEnd | undefined;
  message: Buffer | undefined;
}

type CallStream = ClientHttp2Stream & { call: OpenCall };

const CHECK_PATH = "/envoy.service.auth.v3.Authorization/Check";
const FRAME_PREFIX_BYTES = 5;
const SESSION_MEMORY_MB = 256;
const RECEIVE_WINDOW_BYTES = 16 * 1024 * 1024;

/**
 * Resolves with a connection that has seen the server's settings.
 *
 * @throws Error when nobody listens, or what does speaks no HTTP/2 within 5 s
 */
export async function openCheckConnection(options: ConnectionOptions): Promise<CheckConnection> {
  const headers = callHeaders(options);
  let session = createSession(options.target);
  await settingsOf(session, options.target);
  return {
    call(check, end) {
      if (session.closed || session.destroyed) session = createSession(options.target);
      startCall(session, headers, { check, end, message: undefined });
    },
    close() {
      session.destroy();
    },
  };
}

function createSession(target: string): ClientHttp2Session {
  const session = connect("http://ostiary.test", {
    createConnection: () => createSocket(target),
    maxSessionMemory: SESSION_MEMORY_MB,
    settings: { enablePush: false },
  });
  session.on("connect", () => {
    session.setLocalWindowSize(RECEIVE_WINDOW_BYTES);
  });
  // Every open call hears of it too, and counts it.
  session.on("error", () => {});
  return session;
}

function createSocket(target: string): Socket {
  if (target.startsWith("unix:")) return connectSocket(target.slice("unix:".length));
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return connectSocket(Number(target.slice(colon + 1)), host);
}

async function settingsOf(session: ClientHttp2Session, target: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      session.destroy();
      reject(new Error(`cannot connect to \`${target}\`: ${reason}`));
    };
    const timer = setTimeout(fail, 5_000, "no HTTP/2 settings within 5 s");
    session.once("error", (error: Error) => {
      fail(faultName(error));
    });
    session.once("close", () => {
      fail("the server closed the connection");
    });
    session.once("remoteSettings", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What Envoy sends with a Check call. */
function callHeaders({ target, timeoutMs }: ConnectionOptions): OutgoingHttpHeaders {
  return {
    ":method": "POST",
    ":scheme": "http",
    ":authority": target.startsWith("unix:") ? "localhost" : target,
    ":path": CHECK_PATH,
    te: "trailers",
    "grpc-timeout": `${timeoutMs}m`,
    "content-type": "application/grpc",
    "x-envoy-internal": "true",
    "x-forwarded-for": "10.42.3.12",
  };
}

function startCall(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  call: OpenCall,
): void {
  const stream: CallStream = Object.assign(session.request(headers), { call });
  stream.on("response", onHeaders);
  stream.on("trailers", onHeaders);
  stream.on("data", onData);
  stream.on("error", onError);
  stream.on("close", onClose);
  stream.end(call.check.frame);
}

/** Headers and trailers alike: whichever bears `grpc-status` ends the call. */
function onHeaders(this: CallStream, headers: IncomingHttpHeaders): void {
  const status = headers["grpc-status"];
  if (typeof status === "string") {
    endCall(this.call, grpcStatusName(status));
    return;
  }
  const httpStatus = headers[constants.HTTP2_HEADER_STATUS];
  if (httpStatus !== undefined && String(httpStatus) !== "200") {
    endCall(this.call, `http ${String(httpStatus)}`);
  }
}

function onData(this: CallStream, chunk: Buffer): void {
  const { call } = this;
  call.message = call.message === undefined ? chunk : Buffer.concat([call.message, chunk]);
}

function onError(this: CallStream, error: Error): void {
  // Node has one error code for all resets; the number tells a refused stream from a cancelled one.
  endCall(this.call, (this.rstCode ?? 0) === 0 ? faultName(error) : resetName(this));
}

function onClose(this: CallStream): void {
  endCall(this.call, resetName(this));
  this.call.check.release();
}

/** Tells the caller, the first time only. */
function endCall(call: OpenCall, status: string): void {
  const { end } = call;
  if (end === undefined) return;
  call.end = undefined;
  end(status, status === "OK" ? call.message?.subarray(FRAME_PREFIX_BYTES) : undefined);
}

function resetName({ rstCode }: CallStream): string {
  return `reset by code ${rstCode ?? "unknown"}`;
}

function faultName(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}

import { connect } from "node:net";
import { buildAllowResponse, buildDenyResponse } from "../../src/envoy/build-check-response.ts";
import type { WaitingCall } from "../../src/grpc-client/call-session.ts";
import type { CheckConnection } from "../../src/grpc-client/check-connection.ts";
import { type CheckSpec, clientHeaders, pathOf } from "../../src/grpc-client/check-spec.ts";
import type { PreparedCheck } from "../../src/grpc-client/check-template.ts";
import type { Workload } from "../../src/loadgen/workload.ts";

/** What Envoy answers for those verdicts, as the load generator reads them. */
const verdicts: Readonly<Record<number, Uint8Array>> = {
  200: buildAllowResponse(),
  403: buildDenyResponse({ kind: "forbidden", body: "", contentType: false }),
};

/** An answer's status, and where the next one begins. */
interface HttpAnswer {
  readonly status: number;
  readonly end: number;
}

/**
 * Resolves with a connection that sends what its calls bring, HTTP/1.1 requests, one after the other; 200 counts as a
 * check that was allowed and 403 as one that was denied, so that any load can go over it. It is not opened again.
 *
 * @throws Error when nobody listens there
 */
export async function openHttpConnection(host: string, port: number): Promise<CheckConnection> {
  const socket = connect({ host, port, noDelay: true });
  /** The one that is under way first. Behind it they wait here: Envoy ends connections on which answers pile up. */
  const calls: WaitingCall[] = [];
  let rest: Buffer = Buffer.alloc(0);
  let fault: string | undefined;

  const send = ({ check }: WaitingCall): void => {
    const request = Buffer.allocUnsafe(check.frameBytes);
    check.writeFrame(request, 0);
    socket.write(request);
  };
  const fail = (reason: string): void => {
    fault ??= reason;
    socket.destroy();
    for (const { end } of calls.splice(0)) end(fault, undefined);
  };
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  socket.on("error", (error) => fail(error.message));
  socket.on("close", () => fail("connection closed"));
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const answer = readHttpAnswer(rest);
    if (answer === undefined) return;
    const call = calls.shift();
    if (answer === "unreadable" || call === undefined) {
      call?.end("unreadable answer", undefined);
      return fail("unreadable answer");
    }
    rest = rest.subarray(answer.end);
    const [next] = calls;
    if (next !== undefined) send(next);
    const message = verdicts[answer.status];
    call.end(message === undefined ? `http ${answer.status}` : "OK", message);
  });
  return {
    call: (check, end) => {
      if (fault !== undefined) return end(fault, undefined);
      calls.push({ check, end });
      if (calls.length === 1) send({ check, end });
    },
    close: () => {
      fail("connection closed");
    },
  };
}

/** Returns the first answer in the bytes; undefined when it is not whole. Its length has to be declared. */
export function readHttpAnswer(bytes: Buffer): HttpAnswer | "unreadable" | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd === -1) return undefined;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  const length = /^content-length: *(\d+) *$/im.exec(head)?.[1];
  if (status === undefined || length === undefined) return "unreadable";
  const end = headEnd + "\r\n\r\n".length + Number(length);
  return bytes.length < end ? undefined : { status: Number(status), end };
}

/**
 * Returns requests to that host in turn, again and again: those of the client, to which Envoy adds what is its own.
 *
 * @param specs at least one, none of them with a body
 */
export function createHttpWorkload(specs: readonly CheckSpec[], host: string): Workload {
  const checks = specs.map((spec): PreparedCheck => {
    const request = Buffer.from(writeHttpRequest(spec, host), "latin1");
    return {
      allowed: spec.allowed,
      frameBytes: request.length,
      writeFrame: (out, at) => {
        out.set(request, at);
      },
    };
  });
  let position = 0;
  return {
    next() {
      const check = checks[position];
      position = (position + 1) % checks.length;
      if (check === undefined) throw new RangeError("a workload needs at least one request");
      return check;
    },
  };
}

function writeHttpRequest(spec: CheckSpec, host: string): string {
  const headers = Object.entries({ host, ...clientHeaders(spec) });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${spec.method} ${pathOf(spec, "0000000000")} HTTP/1.1\r\n${lines}\r\n`;
}

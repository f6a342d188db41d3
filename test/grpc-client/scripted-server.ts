import {
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  type Settings,
} from "node:http2";
import { listeningPort } from "../support/listening-port.ts";

/** A gRPC server that answers as it is told. */
export interface ScriptedServer {
  /** `127.0.0.1:PORT`. */
  readonly target: string;
  close(): void;
}

/** The fate of a call when its request has arrived. */
export type Script = (
  stream: ServerHttp2Stream,
  request: { readonly headers: IncomingHttpHeaders; readonly body: Buffer },
) => void;

/** Resolves with a listening server. */
export async function startScriptedServer(
  script: Script,
  settings: Settings = {},
): Promise<ScriptedServer> {
  const server: Http2Server = createServer({ settings });
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("error", () => {});
  });
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      if (!stream.destroyed) script(stream, { headers, body: Buffer.concat(chunks) });
    });
  });
  const port = await listeningPort(server);
  return {
    target: `127.0.0.1:${port}`,
    close: () => {
      for (const session of sessions) session.destroy();
      server.close();
    },
  };
}

/** Answers with a message and a status in the trailers. */
export function answer(stream: ServerHttp2Stream, message: Uint8Array, grpcStatus = "0"): void {
  stream.respond({ "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": grpcStatus }));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
}

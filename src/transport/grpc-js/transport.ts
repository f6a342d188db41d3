import { createServer } from "node:net";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerOptions,
} from "@grpc/grpc-js";
import type { Transport, TransportOptions } from "../grpc-transport.ts";
import type { LifetimeOptions } from "../http2/connection-lifetime.ts";
import { defaultLimits } from "../limit-table.ts";
import { listen } from "../net/listen.ts";
import { trackSockets } from "../net/open-sockets.ts";
import { GrpcJsCall } from "./call.ts";

/** The options of this adapter beyond those of the port. */
export interface GrpcJsOptions extends TransportOptions {
  /** How many calls one connection may have open; with the message limit this bounds the memory of a connection. */
  readonly maxConcurrentStreams?: number;
  /** Only the age of connections and its grace period are heeded. */
  readonly lifetime?: Pick<LifetimeOptions, "maxConnectionAgeMs" | "maxConnectionAgeGraceMs">;
}

/**
 * Returns a gRPC transport on `@grpc/grpc-js`, not listening yet.
 *
 * Connections are taken by a listener of our own and handed to grpc-js: that gives abstract Unix sockets, plain errors
 * from listening, and an end of the drain that can be waited for.
 */
export function createGrpcJsTransport(options: GrpcJsOptions): Transport {
  const { maxConcurrentStreams = defaultLimits.connections.maxConcurrentStreams } = options;
  const server = new Server({
    "grpc.max_receive_message_length": options.maxMessageBytes,
    "grpc.max_concurrent_streams": maxConcurrentStreams,
    "grpc.enable_channelz": 0,
    ...ageOptions(options),
    interceptors: [createInterceptor(options)],
  });
  server.addService(defineMethods(options.handlers.keys()), {});
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    socket.setNoDelay(true);
    injector.injectConnection(socket);
  });
  const sockets = trackSockets(listener);
  return {
    async listen(address) {
      return await listen(listener, address);
    },
    async close(graceMs) {
      listener.close();
      injector.drain(graceMs);
      await sockets.drain(graceMs);
      server.forceShutdown();
    },
  };
}

function ageOptions({ lifetime }: GrpcJsOptions): ServerOptions {
  return lifetime === undefined || lifetime.maxConnectionAgeMs === Infinity
    ? {}
    : {
        "grpc.max_connection_age_ms": lifetime.maxConnectionAgeMs,
        "grpc.max_connection_age_grace_ms": lifetime.maxConnectionAgeGraceMs,
      };
}

function createInterceptor({ handlers, onFault = () => {} }: TransportOptions): ServerInterceptor {
  return (method, call) => {
    const handler = handlers.get(method.path);
    if (handler !== undefined) GrpcJsCall.takeOver(method.path, handler, call, onFault);
    return new ServerInterceptingCall(call);
  };
}

/** The methods grpc-js has to know by path; it answers UNIMPLEMENTED to any other. */
function defineMethods(paths: Iterable<string>): Record<string, MethodDefinition<Buffer, Buffer>> {
  const methods: Record<string, MethodDefinition<Buffer, Buffer>> = {};
  for (const path of paths) {
    methods[path] = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    };
  }
  return methods;
}

function identity(bytes: Buffer): Buffer {
  return bytes;
}

import { constants } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import {
  createServer as createTlsServer,
  type SecureContextOptions,
  type TLSSocket,
} from "node:tls";
import { Inflater } from "./grpc/inflater.ts";
import { createGrpcService } from "./grpc/service.ts";
import type { Transport, TransportOptions } from "./grpc-transport.ts";
import type { AttackLimits } from "./http2/attack-limits.ts";
import { ByteBudget } from "./http2/byte-budget.ts";
import { Http2Connection } from "./http2/connection.ts";
import type { LifetimeOptions } from "./http2/connection-lifetime.ts";
import type { ConnectionCut, ConnectionOptions } from "./http2/connection-options.ts";
import { createTransportCounters, type TransportCounters } from "./http2/counters.ts";
import { floodLimitsOf } from "./http2/flood-count.ts";
import { SlabPool } from "./http2/output-buffer.ts";
import { type LoopTime, TurnClock } from "./http2/turn-clock.ts";
import { type ConnectionLimits, defaultLimits } from "./limit-table.ts";
import { listen } from "./net/listen.ts";
import { trackSockets } from "./net/open-sockets.ts";

/** Options of this adapter beyond the port's; limits that are not given are those of {@link defaultLimits}. */
export interface LeanTransportOptions extends TransportOptions, Partial<ConnectionLimits> {
  /** How long connections live and how they are watched. */
  readonly lifetime?: Partial<LifetimeOptions>;
  /** What one peer may do. */
  readonly limits?: Partial<AttackLimits>;
  /** Told when a connection is refused, ended or slowed down because of what its peer does. */
  readonly onCut?: (cut: ConnectionCut) => void;
  /** The time of the loop that calls are read in; the thread's own unless given. */
  readonly loopTime?: LoopTime;
  /** Certificate and key, and whatever else TLS takes; plain text without it. */
  readonly tls?: SecureContextOptions & {
    readonly requestCert?: boolean;
    readonly rejectUnauthorized?: boolean;
  };
}

/** A transport that can be looked into. */
export interface LeanTransport extends Transport {
  /** What it has counted; it goes on counting. */
  readonly counters: Readonly<TransportCounters>;
}

/** Returns a gRPC transport over an HTTP/2 of our own, not listening yet: plain, TLS with ALPN, TCP or Unix sockets. */
export function createLeanTransport(options: LeanTransportOptions): LeanTransport {
  const limits = { ...defaultLimits.attacks, ...options.limits };
  const counters = createTransportCounters();
  const inflater = new Inflater(limits.maxInflatingMessages, () => {
    counters.attacks["inflating-messages"]++;
  });
  const shared: ConnectionOptions = {
    service: createGrpcService(options, inflater),
    limits,
    floodLimits: floodLimitsOf(limits),
    lifetime: { ...defaultLimits.lifetime, ...options.lifetime },
    counters,
    slabs: new SlabPool(),
    turns: new TurnClock(options.loopTime),
    unfinished: new ByteBudget(limits.maxUnfinishedBytesInAll),
    unsent: new ByteBudget(limits.maxUnsentBytesInAll),
    maxConcurrentStreams:
      options.maxConcurrentStreams ?? defaultLimits.connections.maxConcurrentStreams,
    onCut: options.onCut ?? (() => {}),
    onFault: options.onFault ?? (() => {}),
  };
  const connections = new Set<Http2Connection>();
  const serve = (socket: Socket): void => {
    const connection = new Http2Connection(socket, shared);
    connections.add(connection);
    counters.connections++;
    counters.openConnections++;
    socket.once("close", () => {
      connections.delete(connection);
      counters.openConnections--;
    });
    connection.start();
  };
  const server = createListener(options, shared, serve);
  const sockets = trackSockets(server);
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const connection of connections) connection.check(nowMs);
  }, checkIntervalMs(shared));
  timer.unref();
  return {
    counters,
    async listen(address) {
      return await listen(server, address);
    },
    async close(graceMs) {
      server.close();
      for (const connection of connections) connection.drain();
      await sockets.drain(graceMs);
      clearInterval(timer);
    },
  };
}

function createListener(
  { tls, maxConnections = defaultLimits.connections.maxConnections }: LeanTransportOptions,
  { limits, counters, onCut }: ConnectionOptions,
  serve: (socket: Socket) => void,
): Server {
  const server =
    tls === undefined
      ? createServer({ noDelay: true }, serve)
      : createTlsServer({
          minVersion: "TLSv1.2",
          ...tls,
          secureOptions: (tls.secureOptions ?? 0) | constants.SSL_OP_NO_RENEGOTIATION,
          noDelay: true,
          ALPNProtocols: ["h2"],
          handshakeTimeout: limits.prefaceTimeoutMs,
        });
  server.maxConnections = maxConnections;
  server.on("drop", (dropped) => {
    counters.attacks["too-many-connections"]++;
    const peer = dropped && `${dropped.remoteAddress}:${dropped.remotePort}`;
    onCut({ became: "refused", why: { limit: "maxConnections" }, peer });
  });
  if (tls !== undefined) {
    server.on("secureConnection", (socket: TLSSocket) => {
      // OpenSSL refuses it by a warning only, after which a client may try again, and Node does not end the connection.
      socket.disableRenegotiation();
      socket.on("error", (error: NodeJS.ErrnoException) => {
        if (error.code === "ERR_TLS_RENEGOTIATION_DISABLED") {
          counters.connectionErrors++;
          const peer = `${socket.remoteAddress}:${socket.remotePort}`;
          onCut({ became: "ended", why: { error: "TLS renegotiation" }, peer });
        }
        socket.destroy();
      });
      if (socket.alpnProtocol === "h2") serve(socket);
      else socket.destroy();
    });
    server.on("tlsClientError", (error: NodeJS.ErrnoException, socket: TLSSocket) => {
      // Nobody else does after a timeout.
      socket.destroy();
      if (error.code === "ERR_TLS_HANDSHAKE_TIMEOUT") {
        counters.attacks["slow-preface"]++;
        onCut({ became: "ended", why: { limit: "prefaceTimeoutMs" }, peer: undefined });
      } else {
        counters.connectionErrors++;
      }
    });
  }
  return server;
}

/** How often to look for what has taken too long: a quarter of the shortest time, but neither all the time nor hardly ever. */
function checkIntervalMs({ limits, lifetime }: ConnectionOptions): number {
  const shortestMs = Math.min(
    limits.prefaceTimeoutMs,
    limits.settingsTimeoutMs,
    limits.requestTimeoutMs,
    limits.stallTimeoutMs,
    lifetime.keepaliveMs,
    lifetime.keepaliveTimeoutMs,
    lifetime.idleTimeoutMs,
    lifetime.maxConnectionAgeMs,
  );
  return Math.min(500, Math.max(10, shortestMs / 4));
}

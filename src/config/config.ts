import type { HttpDoorLimits, HttpLimits } from "../model/http-limits.ts";
import type { PolicyOptions } from "../model/limits.ts";
import type { PathPolicy } from "../model/request-path.ts";
import type { AttackLimits } from "../transport/http2/attack-limits.ts";
import type { LifetimeOptions } from "../transport/http2/connection-lifetime.ts";
import type { ConnectionLimits } from "../transport/limit-table.ts";

/** Everything the server was told, validated and frozen. */
export interface Config {
  /** Files and folders, in the order given. */
  readonly policyPaths: readonly string[];
  readonly reloadIntervalMs: number;
  /** Whether a reload may take serving policies away without a confirmation. */
  readonly allowRemoval: boolean;
  readonly policyOptions: PolicyOptions;
  /** `host:port`, `:port`, `unix:///path` or `unix://@abstract`. */
  readonly address: string;
  /** Undefined when the HTTP door is off. */
  readonly http: HttpConfig | undefined;
  readonly adminAddress: string;
  readonly adminLimits: HttpLimits;
  /** Permissions of Unix sockets; undefined for what the umask leaves of them. */
  readonly unixSocketMode: number | undefined;
  readonly transport: "grpc-js" | "lean";
  /** How the transport treats connections; `grpc-js` heeds the streams and the connection age only. */
  readonly connections: ConnectionConfig;
  /** What becomes of ambiguous paths at the gRPC door. */
  readonly grpcPathPolicy: PathPolicy;
  /** Whether requests without HTTP attributes are judged. */
  readonly acceptTcp: boolean;
  readonly drainMs: number;
  /** 0 = evaluate on the main thread. */
  readonly workers: number;
  readonly dispatch: "auto" | "pool" | "inline";
  readonly deadlineMs: number;
  /** How long before the caller's deadline there is an answer. */
  readonly deadlineMarginMs: number;
  /** How requests are answered that there is no time or room to judge. */
  readonly shed: "deny" | "error";
  readonly workerTimeoutMs: number;
  readonly maxQueue: number;
  readonly maxMessageBytes: number;
  readonly maxBodyBytes: number;
  readonly maxHeaders: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "text" | "json";
  /** Lines for the log about what was given and is not heeded. */
  readonly notices: readonly string[];
}

/** The HTTP door. */
export interface HttpConfig {
  /** The same forms as the gRPC door's. */
  readonly address: string;
  readonly form: "direct" | "forwarded" | "original" | "ingress-nginx";
  readonly pathPrefix: string;
  /** Behind a proxy the peer is that proxy, whoever asks: hence nothing by default. */
  readonly clientAddress: "none" | "peer" | "forwarded-for";
  /** What becomes of ambiguous paths. */
  readonly pathPolicy: PathPolicy;
  readonly limits: HttpDoorLimits;
}

/** The treatment of connections to the gRPC door. */
export interface ConnectionConfig extends ConnectionLimits {
  readonly lifetime: LifetimeOptions;
  readonly limits: AttackLimits;
  /** Plain text without it. */
  readonly tls?: TlsFiles;
}

/** The contents of the TLS files, PEM. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Whose certificates clients need; anybody may come without it. */
  readonly ca?: Buffer;
  /** True where `ca` is there; a client without one of its certificates is then refused. */
  readonly requestCert?: boolean;
}

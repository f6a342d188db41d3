import type { PolicyOptions } from "../model/limits.ts";

/** Everything the server was told, validated and frozen. */
export interface Config {
  /** Files and folders, in the order given. */
  readonly policyPaths: readonly string[];
  readonly reloadIntervalMs: number;
  readonly policyOptions: PolicyOptions;
  /** `host:port`, `:port`, `unix:///path` or `unix://@abstract`. */
  readonly address: string;
  /** The same forms; undefined when the HTTP door is off. */
  readonly httpAddress: string | undefined;
  readonly adminAddress: string;
  readonly transport: "grpc-js" | "lean";
  readonly httpForm: "direct" | "forwarded" | "original";
  readonly httpPathPrefix: string;
  /** Behind a proxy the peer is that proxy, whoever asks: hence nothing by default. */
  readonly httpClientAddress: "none" | "peer" | "forwarded-for";
  readonly drainMs: number;
  /** 0 = evaluate on the main thread. */
  readonly workers: number;
  readonly dispatch: "auto" | "pool" | "inline";
  readonly deadlineMs: number;
  readonly workerTimeoutMs: number;
  readonly maxQueue: number;
  readonly maxMessageBytes: number;
  readonly maxBodyBytes: number;
  readonly maxHeaders: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly logFormat: "text" | "json";
}

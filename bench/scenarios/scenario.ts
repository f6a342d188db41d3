import type { CheckSpec } from "../../src/grpc-client/check-spec.ts";

/** One row of the benchmark: policies, and requests whose verdicts are known. */
export interface Scenario {
  readonly name: string;
  /** Half a line for the help text. */
  readonly summary: string;
  /** Open loops unless `--rate` says otherwise, in calls a second; undefined for the usual ones. */
  readonly rates?: readonly number[];
  /** Open calls a connection in a closed loop unless `--in-flight` says otherwise; undefined for the usual number. */
  readonly inFlight?: number;
  /**
   * The policies and requests.
   *
   * @param folder empty, and gone after the run: for policies that are generated
   */
  prepare(folder: string): Promise<ScenarioInput>;
}

/** The policies and requests that a scenario needs to run. */
export interface ScenarioInput {
  /** Files or folders, relative to the repository or absolute. */
  readonly policyPaths: readonly string[];
  /** Sent in turn, in a shuffled order that is the same in every run. */
  readonly requests: readonly CheckSpec[];
  /** Beside those of the command line. */
  readonly serverArgs?: readonly string[];
  /** Each open loop runs twice then: undisturbed, and with this going on. */
  readonly disturbance?: Disturbance;
}

/** An activity beside a load. */
export interface Disturbance {
  /** How the disturbed run is called: `open 1,000/s, NAME`. */
  readonly name: string;
  /** Whether it makes work of its own, so that the server's CPU time says nothing about the requests that are measured. */
  readonly takesServerTime: boolean;
  /** Begins, and resolves with what ends it. */
  start(load: DisturbedLoad): Promise<() => Promise<void>>;
}

/** The load beside which a disturbance takes place. */
interface DisturbedLoad {
  /** `host:port` or `unix:/path` of the gRPC door. */
  readonly target: string;
  readonly timeoutMs: number;
  readonly requests: readonly CheckSpec[];
}

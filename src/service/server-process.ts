import {
  createLineWriter,
  type LineWriter,
  type StandardStream,
} from "../telemetry/line-writer.ts";
import { catchSignals, type ProcessSignals } from "./process-signals.ts";
import { holdWarnings, type ProcessWarnings } from "./process-warnings.ts";

/** The time as a server tells it. */
export interface ServerClock {
  /** Returns milliseconds since the epoch. */
  readonly dateMs: () => number;
  /** Returns milliseconds since the process began, which only grow. */
  readonly uptimeMs: () => number;
}

/** The parts of Node's process that a server uses; tests give it streams, signals and a clock of their own. */
export interface HostProcess {
  readonly stdout: StandardStream;
  readonly stderr: StandardStream;
  /** Emits signals by their names, and Node's warnings. */
  readonly events: NodeJS.EventEmitter;
  readonly clock: ServerClock;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

/** A process taken over: its signals are caught, its warnings held, and what is written to it may fail. */
export interface ServerProcess {
  readonly signals: ProcessSignals;
  readonly warnings: ProcessWarnings;
  readonly output: LineWriter;
  readonly errorOutput: LineWriter;
  readonly clock: ServerClock;
  readonly exit: HostProcess["exit"];
}

/** The process that this code runs in. */
export const ownProcess: HostProcess = {
  stdout: process.stdout,
  stderr: process.stderr,
  events: process,
  clock: { dateMs: () => Date.now(), uptimeMs: () => performance.now() },
  exit: (code) => process.exit(code),
};

/** Takes the process over; to be called before anything that takes time, so that no signal is lost. */
export function takeProcess(host: HostProcess): ServerProcess {
  const exit = (code: number): void => host.exit(code);
  return {
    signals: catchSignals(host.events, exit),
    warnings: holdWarnings(host.events),
    output: createLineWriter(host.stdout),
    errorOutput: createLineWriter(host.stderr),
    clock: host.clock,
    exit,
  };
}

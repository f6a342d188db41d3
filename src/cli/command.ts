import type { Config } from "../config/config.ts";

/** The surroundings of a command besides its arguments: replaced in tests, the process's own otherwise. */
export interface CommandContext {
  readonly env: { readonly [name: string]: string | undefined };
  /** Writes a line to standard output. */
  readonly print: (line: string) => void;
  /** Writes a line to standard error. */
  readonly printError: (line: string) => void;
  /** Starts the server and resolves with its exit code once it has ended. */
  readonly serve: (
    config: Config,
    whenReady?: (print: (line: string) => void) => Promise<void>,
  ) => Promise<number>;
}

/** One command of `ostiary`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The whole help text. */
  readonly help: () => string;
  /** Runs it and resolves with the exit code: 0 done, 1 failed, 2 usage error (by throwing a UsageError). */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<number>;
}

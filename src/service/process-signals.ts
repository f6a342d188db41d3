import { constants } from "node:os";

/** A signal that asks the process to end. */
export type EndSignal = "SIGTERM" | "SIGINT";

/** The signals of this process, as a server wants to hear of them. */
export interface ProcessSignals {
  /** Calls the listener once, at the first signal to end; until somebody listens, that ends the process at once. */
  onEnd(listener: (signal: EndSignal) => void): void;
  /** Calls the listener at each SIGHUP, and now if one came before. */
  onReload(listener: () => void): void;
  /** Calls the listener at each SIGUSR2. */
  onConfirm(listener: () => void): void;
  /** Calls the listener at each SIGUSR1, which in Node would open the debugger's port. */
  onMistaken(listener: () => void): void;
}

const ignore = (): void => {};

/**
 * Takes over the signals of a process. To be called before anything that takes time: the first process of a container
 * never sees a signal for which it has no handler, and any other is killed by it.
 *
 * @param exit ends the process at once
 */
export function catchSignals(
  target: NodeJS.EventEmitter,
  exit: (code: number) => void,
): ProcessSignals {
  let end = (signal: EndSignal): void => exit(exitCodeOf(signal));
  let asked = false;
  const onEnd = (signal: EndSignal): void => {
    if (asked) {
      // Whoever asks twice does not want to wait.
      exit(1);
      return;
    }
    asked = true;
    end(signal);
  };
  target.on("SIGTERM", onEnd);
  target.on("SIGINT", onEnd);
  let hungUp = false;
  let reload = (): void => {
    hungUp = true;
  };
  let confirm = ignore;
  let mistaken = ignore;
  target.on("SIGHUP", () => reload());
  target.on("SIGUSR2", () => confirm());
  target.on("SIGUSR1", () => mistaken());
  return {
    onEnd(listener) {
      end = listener;
    },
    onReload(listener) {
      reload = listener;
      if (hungUp) listener();
    },
    onConfirm(listener) {
      confirm = listener;
    },
    onMistaken(listener) {
      mistaken = listener;
    },
  };
}

/** Returns the exit code of a process that a signal ended, as shells and container engines count: 143 for SIGTERM. */
export function exitCodeOf(signal: EndSignal): number {
  return 128 + constants.signals[signal];
}

/** Node's own warnings, for whoever writes them. */
export interface ProcessWarnings {
  /** Hands over what came so far and whatever comes. */
  onWarning(listener: (warning: Error) => void): void;
}

/** Keeps Node from writing its warnings itself, in a form of its own; they wait until somebody listens. */
export function holdWarnings(target: NodeJS.EventEmitter): ProcessWarnings {
  const waiting: Error[] = [];
  let take = (warning: Error): void => void waiting.push(warning);
  target.removeAllListeners("warning");
  target.on("warning", (warning: Error) => take(warning));
  return {
    onWarning(listener) {
      take = listener;
      for (const warning of waiting.splice(0)) listener(warning);
    },
  };
}

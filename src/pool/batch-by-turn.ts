import type { PendingRequest } from "./pending-request.ts";

/** Collects what arrives in one turn of the event loop. */
export interface Turn {
  add(request: PendingRequest): void;
  /** Hands over at once what has been collected. */
  end(): void;
}

/**
 * Returns a collector that hands over, all together, what arrived since the last time, once the loop has read what
 * there was to read.
 */
export function createTurn(take: (requests: readonly PendingRequest[]) => void): Turn {
  let requests: PendingRequest[] = [];
  const end = (): void => {
    if (requests.length === 0) return;
    const collected = requests;
    requests = [];
    take(collected);
  };
  return {
    add(request) {
      // Immediates run right after the loop has polled its sockets, so this sees all of them.
      if (requests.push(request) === 1) setImmediate(end);
    },
    end,
  };
}

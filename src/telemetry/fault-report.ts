import { LineLimit } from "./line-limit.ts";
import type { Log } from "./log.ts";

/**
 * The places where faults of our own may be found: while policies are loaded, while a request is read, judged, evaluated
 * or answered, in the transport, at the admin door, or in what only counts and logs.
 */
export const faultPlaces = [
  "load",
  "read",
  "judge",
  "evaluation",
  "answer",
  "transport",
  "admin",
  "telemetry",
] as const;

/** One of {@link faultPlaces}. */
export type FaultPlace = (typeof faultPlaces)[number];

/** Told what went wrong that never should. */
export type OnFault = (where: FaultPlace, error: unknown) => void;

/**
 * Returns a way to report faults of our own: each is counted, and logged with its stack. They can come with every request,
 * so at most one a second of each place is written, with how many were left out.
 */
export function reportFaults(log: Log, count: (where: FaultPlace) => void): OnFault {
  const limits = new Map(faultPlaces.map((where) => [where, new LineLimit()]));
  return (where, error) => {
    count(where);
    const leftOut = limits.get(where)?.admit();
    if (leftOut === undefined) return;
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    log.error("a fault of our own", { where, detail, leftOut });
  };
}

import { httpLimitOption } from "../config/http-options.ts";
import type { OnHttpLimit } from "../model/http-limits.ts";
import { LineLimit } from "../telemetry/line-limit.ts";
import type { Log } from "../telemetry/log.ts";

/** Returns what logs that a limit of an HTTP server was reached, with its option: at most one line a second for each. */
export function logHttpLimits(log: Log, door: "http" | "admin"): OnHttpLimit {
  const lines = new Map<string, LineLimit>();
  return (name, peer) => {
    const line = lines.get(name) ?? new LineLimit();
    lines.set(name, line);
    const leftOut = line.admit();
    if (leftOut === undefined) return;
    const option = httpLimitOption(name);
    const limit = `--${door === "http" ? option : option.replace("http-", "admin-")}`;
    log.warn(`a limit of the ${door} door was reached`, { peer, limit, leftOut });
  };
}

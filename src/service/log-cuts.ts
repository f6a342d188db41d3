import { limitOption } from "../config/transport-options.ts";
import { LineLimit } from "../telemetry/line-limit.ts";
import type { Log } from "../telemetry/log.ts";
import type { LeanTransportOptions } from "../transport/lean-transport.ts";

/**
 * Returns what logs connections that are refused, ended or slowed down, with the option that says when. An attack makes
 * many of them: at most one line a second is written for each reason, with how many were left out.
 */
export function logCuts(log: Log): NonNullable<LeanTransportOptions["onCut"]> {
  const limits = new Map<string, LineLimit>();
  return ({ became, why, peer }) => {
    const reason = "limit" in why ? `--${limitOption(why.limit)}` : why.error;
    const key = `${became} ${reason}`;
    const limit = limits.get(key) ?? new LineLimit();
    limits.set(key, limit);
    const leftOut = limit.admit();
    if (leftOut === undefined) return;
    const field = "limit" in why ? { limit: reason } : { error: reason };
    log.warn(`gRPC connection ${became}`, { peer, ...field, leftOut });
  };
}

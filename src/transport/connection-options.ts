import type { AttackLimits } from "./attack-limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { FloodLimits } from "./flood-count.ts";
import type { Service } from "./http2-stream.ts";
import type { LifetimeOptions } from "./lifetime.ts";
import type { SlabPool } from "./output-buffer.ts";
import type { TransportCounters } from "./transport-counters.ts";
import type { TurnClock } from "./turn-clock.ts";

/** What every connection of a transport shares. */
export interface ConnectionOptions {
  readonly service: Service;
  readonly limits: AttackLimits;
  readonly floodLimits: FloodLimits;
  readonly lifetime: LifetimeOptions;
  readonly counters: TransportCounters;
  readonly slabs: SlabPool;
  readonly turns: TurnClock;
  /** What unfinished requests of all connections may take. */
  readonly unfinished: ByteBudget;
  /** What responses that wait for windows may take on all connections. */
  readonly unsent: ByteBudget;
  readonly maxConcurrentStreams: number;
  /** Told of what goes wrong that never should. */
  readonly onFault: (error: unknown) => void;
}

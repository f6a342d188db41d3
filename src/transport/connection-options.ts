import type { AttackLimits } from "./attack-limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { FloodLimits } from "./flood-count.ts";
import type { Service } from "./http2-stream.ts";
import type { SlabPool } from "./output-buffer.ts";
import type { TransportCounters } from "./transport-counters.ts";

/** How long connections live and how they are watched; all in milliseconds, `Infinity` for never. */
export interface LifetimeOptions {
  /** After this long without a byte from the peer it is sent a PING; 60,000 unless given. */
  readonly keepaliveMs: number;
  /** How long it may take to acknowledge that; 20,000 unless given. */
  readonly keepaliveTimeoutMs: number;
  /** After this long without a stream a connection is ended; 900,000 unless given. */
  readonly idleTimeoutMs: number;
  /** After about this long (±10 %) a connection is asked to be opened anew; never unless given. */
  readonly maxConnectionAgeMs: number;
  /** How long open calls may then take; 10,000 unless given. */
  readonly maxConnectionAgeGraceMs: number;
}

/** What every connection of a transport shares. */
export interface ConnectionOptions {
  readonly service: Service;
  readonly limits: AttackLimits;
  readonly floodLimits: FloodLimits;
  readonly lifetime: LifetimeOptions;
  readonly counters: TransportCounters;
  readonly slabs: SlabPool;
  /** What unfinished requests of all connections may take. */
  readonly unfinished: ByteBudget;
  readonly maxConcurrentStreams: number;
}

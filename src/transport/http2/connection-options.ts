import type { AttackKind, AttackLimits, limitOfAttack } from "./attack-limits.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { LifetimeOptions } from "./connection-lifetime.ts";
import type { TransportCounters } from "./counters.ts";
import type { FloodLimits } from "./flood-count.ts";
import type { SlabPool } from "./output-buffer.ts";
import type { Service } from "./stream.ts";
import type { TurnClock } from "./turn-clock.ts";

/** The fate of a connection because of its peer, and the reason. */
export interface ConnectionCut {
  readonly became: "refused" | "ended" | "slowed down";
  /** The limit that was reached, by its name among the options; or the code of an error of the protocol. */
  readonly why:
    | { readonly limit: (typeof limitOfAttack)[AttackKind] | keyof LifetimeOptions }
    | { readonly error: string };
  /** The peer's address, as far as known. */
  readonly peer: string | undefined;
}

/** The options that every connection of a transport shares. */
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
  /** Told when a connection is ended because of what its peer does, or slowed down. */
  readonly onCut: (cut: ConnectionCut) => void;
  /** Told of what goes wrong that never should. */
  readonly onFault: (error: unknown) => void;
}

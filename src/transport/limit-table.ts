import type { AttackLimits } from "./http2/attack-limits.ts";
import type { LifetimeOptions } from "./http2/connection-lifetime.ts";

/** Limits on all peers together, and on the calls of one connection. */
export interface ConnectionLimits {
  /** Connections; one more is closed at once. */
  readonly maxConnections: number;
  /** Calls that one connection may have open. */
  readonly maxConcurrentStreams: number;
}

/** Every limit of the transport. */
export interface TransportLimits {
  readonly connections: ConnectionLimits;
  readonly lifetime: LifetimeOptions;
  /** What one peer may do. */
  readonly attacks: AttackLimits;
}

/** A limit: what holds unless another is asked for, what may be asked for, and what its option says of it. */
export interface LimitRow {
  readonly standard: number;
  /** The smallest and the largest value that may be asked for. */
  readonly min: number;
  readonly max: number;
  /** Whether 0 stands for no limit. */
  readonly zeroIsNever?: boolean;
  readonly help: string;
}

const longestMs = 86_400_000;

/** A group of limits, a row for each. */
type Rows<Limits> = Readonly<Record<keyof Limits, LimitRow>>;

/**
 * The limits of the transport: their options, their defaults wherever a transport is made, and the tables of
 * docs/running.md and docs/transport.md come from here.
 */
export const limitTable: {
  readonly [Group in keyof TransportLimits]: Rows<TransportLimits[Group]>;
} = {
  connections: {
    maxConnections: count(10_000, "gRPC connections; one more is closed at once"),
    maxConcurrentStreams: count(1_024, "calls that one connection may have open"),
  },
  lifetime: {
    keepaliveMs: age(60_000, "a peer that sends nothing for so long is sent a PING"),
    keepaliveTimeoutMs: span(
      20_000,
      1,
      "a peer that does not acknowledge that PING for so long is cut off",
    ),
    idleTimeoutMs: age(900_000, "a connection without a call for so long is ended"),
    maxConnectionAgeMs: age(
      600_000,
      "a connection is drained after about this long (±10 %), so that the peer reconnects",
    ),
    maxConnectionAgeGraceMs: span(10_000, 1, "how long open calls may then take"),
  },
  attacks: {
    floodWindowMs: time(
      10_000,
      "how long frames of a connection are counted before counting starts anew",
    ),
    maxResets: count(
      1_000,
      "streams reset before their answer, in that time; over it a served peer is slowed down",
    ),
    maxPings: count(1_000, "PING frames, in that time; a served peer may send more"),
    maxSettings: count(100, "SETTINGS frames, in that time"),
    maxEmptyFrames: count(100, "frames that carry nothing and end nothing, in that time"),
    maxPriorityFrames: count(1_000, "PRIORITY frames, in that time; a served peer may send more"),
    maxUnknownFrames: count(1_000, "frames of unknown types, in that time"),
    maxWindowUpdates: count(
      5_000,
      "WINDOW_UPDATE frames, in that time; over it a served peer is slowed down",
    ),
    maxTinyFrames: count(
      1_000,
      "frames that a small window keeps under 256 bytes, in that time; a served peer may need more",
    ),
    maxTableSizeUpdates: count(100, "changes of the header table's size, in that time"),
    maxContinuationFrames: count(64, "CONTINUATION frames of one header block"),
    maxHeaderBlockBytes: size(1_048_576, 1_024, "one call's header block, as compressed"),
    maxHeaderListBytes: size(
      262_144,
      1_024,
      "one call's header list, as RFC 7541 counts; over it a check is denied",
    ),
    maxHeaders: {
      standard: 128,
      min: 16,
      max: 100_000,
      help: "entries of one call's header list; over it a check is denied",
    },
    prefaceTimeoutMs: time(10_000, "for TLS, the preface and the first SETTINGS of a connection"),
    settingsTimeoutMs: time(20_000, "for the acknowledgement of our SETTINGS"),
    requestTimeoutMs: time(20_000, "for a header block, a frame or a whole request to come in"),
    stallTimeoutMs: time(
      30_000,
      "for any progress of an answer that waits for a window or to be read",
    ),
    maxOutputBytes: size(
      1_048_576,
      262_144,
      "output that waits for a peer to read; over it the peer is cut off",
    ),
    maxUnsentBytes: size(
      33_554_432,
      65_536,
      "answers that wait for one connection's windows; over it the call is reset",
    ),
    maxUnsentBytesInAll: size(
      268_435_456,
      65_536,
      "answers that wait for windows, of all connections",
    ),
    maxUnfinishedBytes: size(67_108_864, 65_536, "unfinished requests of one connection"),
    maxUnfinishedBytesInAll: size(268_435_456, 65_536, "unfinished requests of all connections"),
    maxInflatingMessages: count(
      64,
      "messages of one connection that wait to be inflated over 64 KiB",
    ),
  },
};

/** The limits unless others are asked for. */
export const defaultLimits: TransportLimits = createLimits(({ standard }) => standard);

/** Returns limits of which each is what `valueOf` gives for its row. */
export function createLimits(valueOf: (row: LimitRow, name: string) => number): TransportLimits {
  return {
    connections: mapRows(limitTable.connections, valueOf),
    lifetime: mapRows(limitTable.lifetime, valueOf),
    attacks: mapRows(limitTable.attacks, valueOf),
  };
}

function mapRows<Name extends string>(
  rows: Readonly<Record<Name, LimitRow>>,
  valueOf: (row: LimitRow, name: string) => number,
): Readonly<Record<Name, number>> {
  const values: Partial<Record<Name, number>> = {};
  for (const name of namesOf(rows)) values[name] = valueOf(rows[name], name);
  if (!hasAll(values, rows)) throw new Error("unreachable: a limit is missing");
  return values;
}

function namesOf<Name extends string>(rows: Readonly<Record<Name, LimitRow>>): Name[] {
  return Object.keys(rows).filter((name): name is Name => Object.hasOwn(rows, name));
}

function hasAll<Name extends string>(
  values: Partial<Record<Name, number>>,
  rows: Readonly<Record<Name, LimitRow>>,
): values is Record<Name, number> {
  return namesOf(rows).every((name) => values[name] !== undefined);
}

function age(standard: number, help: string): LimitRow {
  return { standard, min: 0, max: longestMs, zeroIsNever: true, help: `${help}; 0 = never` };
}

function span(standard: number, min: number, help: string): LimitRow {
  return { standard, min, max: longestMs, help };
}

function time(standard: number, help: string): LimitRow {
  return span(standard, 10, help);
}

function count(standard: number, help: string): LimitRow {
  return { standard, min: 1, max: 1_000_000, help };
}

function size(standard: number, min: number, help: string): LimitRow {
  return { standard, min, max: 1_073_741_824, help };
}

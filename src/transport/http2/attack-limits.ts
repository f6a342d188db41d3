/** What a connection was cut off, or a stream or call refused, for. */
export const attackKinds = [
  "rapid-reset",
  "continuation-flood",
  "settings-flood",
  "ping-flood",
  "empty-frame-flood",
  "priority-flood",
  "unknown-frame-flood",
  "window-update-flood",
  "tiny-window",
  "table-size-churn",
  "header-list",
  "slow-preface",
  "slow-settings",
  "slow-frame",
  "slow-request",
  "stalled-window",
  "stalled-output",
  "unread-output",
  "unsent-responses",
  "unfinished-requests",
  "inflating-messages",
  "too-many-streams",
  "too-many-connections",
] as const;

/** One of {@link attackKinds}. */
export type AttackKind = (typeof attackKinds)[number];

/**
 * What one peer may do. Counts of frames are for each connection and each `floodWindowMs`. *With credit* means that
 * every frame of a response allows one more: an honest peer that is busy sends more of these.
 */
export interface AttackLimits {
  /** How long frames are counted before counting starts anew, in milliseconds. */
  readonly floodWindowMs: number;
  /** Streams that the peer resets before their answer, or makes us reset; with credit (CVE-2023-44487, CVE-2025-8671). */
  readonly maxResets: number;
  /** PING frames; with credit (CVE-2019-9512). */
  readonly maxPings: number;
  /** SETTINGS frames (CVE-2019-9515). */
  readonly maxSettings: number;
  /** DATA, HEADERS and CONTINUATION frames that carry nothing and end nothing (CVE-2019-9518). */
  readonly maxEmptyFrames: number;
  /** PRIORITY frames; with credit (CVE-2019-9513). */
  readonly maxPriorityFrames: number;
  /** Frames of unknown types. */
  readonly maxUnknownFrames: number;
  /** WINDOW_UPDATE frames; with credit. */
  readonly maxWindowUpdates: number;
  /** DATA frames that a small window forces to be shorter than 256 bytes (CVE-2019-9511). */
  readonly maxTinyFrames: number;
  /** Header blocks that change the size of the dynamic table. */
  readonly maxTableSizeUpdates: number;
  /** CONTINUATION frames of one header block (CVE-2024-27316). */
  readonly maxContinuationFrames: number;
  /** The bytes of one header block, as compressed. */
  readonly maxHeaderBlockBytes: number;
  /** The size of a header list as RFC 7541 section 4.1 counts it; told to the peer. Over it a call is refused. */
  readonly maxHeaderListBytes: number;
  /** How many entries a header list may have. */
  readonly maxHeaders: number;
  /** How long the peer may take for TLS, the preface and its SETTINGS, in milliseconds. */
  readonly prefaceTimeoutMs: number;
  /** How long the peer may take to acknowledge our SETTINGS, in milliseconds. */
  readonly settingsTimeoutMs: number;
  /** How long a header block, a frame or a whole unary request may take to come in, in milliseconds. */
  readonly requestTimeoutMs: number;
  /** How long a response may wait for the peer's window, and output for the peer to read, without any progress (CVE-2019-9517). */
  readonly stallTimeoutMs: number;
  /** How much may wait for the peer to read before the connection is cut, in bytes; bodies stop at 256 KiB. */
  readonly maxOutputBytes: number;
  /** How much of responses may wait for one connection's windows, in bytes; the call that goes over is reset. */
  readonly maxUnsentBytes: number;
  /** The same for all connections together, in bytes. */
  readonly maxUnsentBytesInAll: number;
  /** How much of unfinished requests one connection may have us keep, in bytes; what goes over is as a message too large. */
  readonly maxUnfinishedBytes: number;
  /** The same for all connections together, in bytes. */
  readonly maxUnfinishedBytesInAll: number;
  /** How many messages of one connection may wait to be inflated to more than 64 KiB; what goes over is as a message too large. */
  readonly maxInflatingMessages: number;
}

/** A limit of what one peer may do, and what its option says of it. */
export interface LimitRow {
  /** What holds unless another is asked for. */
  readonly standard: number;
  /** The smallest and the largest value that may be asked for. */
  readonly min: number;
  readonly max: number;
  readonly help: string;
}

/** The limits on one peer: options, defaults and the documents' table come from here. */
export const attackLimitTable: Readonly<Record<keyof AttackLimits, LimitRow>> = {
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
};

type LimitName = keyof AttackLimits;

/** The names of all limits, in the order of the table. */
export const limitNames: readonly LimitName[] = Object.keys(attackLimitTable).filter(isLimitName);

/** Returns limits of which each is what `valueOf` gives for its name. */
export function createLimits(valueOf: (name: LimitName) => number): AttackLimits {
  const limits: Partial<Record<LimitName, number>> = {};
  for (const name of limitNames) limits[name] = valueOf(name);
  if (!areComplete(limits)) throw new Error("a limit is missing");
  return limits;
}

/** The limits unless others are asked for. */
export const defaultAttackLimits: AttackLimits = createLimits(
  (name) => attackLimitTable[name].standard,
);

/** Which limit stops what. */
export const limitOfAttack: Readonly<
  Record<AttackKind, keyof AttackLimits | "maxConcurrentStreams" | "maxConnections">
> = {
  "rapid-reset": "maxResets",
  "continuation-flood": "maxContinuationFrames",
  "settings-flood": "maxSettings",
  "ping-flood": "maxPings",
  "empty-frame-flood": "maxEmptyFrames",
  "priority-flood": "maxPriorityFrames",
  "unknown-frame-flood": "maxUnknownFrames",
  "window-update-flood": "maxWindowUpdates",
  "tiny-window": "maxTinyFrames",
  "table-size-churn": "maxTableSizeUpdates",
  "header-list": "maxHeaderListBytes",
  "slow-preface": "prefaceTimeoutMs",
  "slow-settings": "settingsTimeoutMs",
  "slow-frame": "requestTimeoutMs",
  "slow-request": "requestTimeoutMs",
  "stalled-window": "stallTimeoutMs",
  "stalled-output": "stallTimeoutMs",
  "unread-output": "maxOutputBytes",
  "unsent-responses": "maxUnsentBytes",
  "unfinished-requests": "maxUnfinishedBytes",
  "inflating-messages": "maxInflatingMessages",
  "too-many-streams": "maxConcurrentStreams",
  "too-many-connections": "maxConnections",
};

function time(standard: number, help: string): LimitRow {
  return { standard, min: 10, max: 86_400_000, help };
}

function count(standard: number, help: string): LimitRow {
  return { standard, min: 1, max: 1_000_000, help };
}

function size(standard: number, min: number, help: string): LimitRow {
  return { standard, min, max: 1_073_741_824, help };
}

function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(attackLimitTable, name);
}

function areComplete(limits: Partial<AttackLimits>): limits is AttackLimits {
  return limitNames.every((name) => limits[name] !== undefined);
}

/** The attacks for which a connection is cut off, or a stream or call refused. */
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
 * The limits of one peer. Counts of frames are for each connection and each `floodWindowMs`. *With credit* means that
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

/** The limit that stops each attack. */
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

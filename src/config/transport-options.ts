import { type AttackLimits, defaultAttackLimits } from "../transport/http2/attack-limits.ts";
import { defaultLifetime, type LifetimeOptions } from "../transport/http2/connection-lifetime.ts";
import { integer, type OptionKind, type OptionRow, text } from "./option-row.ts";

const maxBytes = 1_073_741_824;
const maxMs = 86_400_000;

const doorRows: readonly OptionRow[] = [
  {
    name: "tls-cert",
    type: text,
    placeholder: "FILE",
    help: "gRPC door: certificate and its chain, PEM; with --tls-key, and only with --transport lean",
    group: "Transport",
  },
  {
    name: "tls-key",
    type: text,
    placeholder: "FILE",
    help: "gRPC door: the certificate's private key, PEM",
    group: "Transport",
  },
  {
    name: "tls-client-ca",
    type: text,
    placeholder: "FILE",
    help: "gRPC door: only clients with a certificate by one of these authorities, PEM",
    group: "Transport",
  },
  {
    name: "max-connections",
    type: integer(1, 1_000_000),
    fallback: "10000",
    placeholder: "N",
    help: "gRPC connections; one more is closed at once",
    group: "Transport",
  },
  {
    name: "max-concurrent-streams",
    type: integer(1, 1_000_000),
    fallback: "1024",
    placeholder: "N",
    help: "calls that one connection may have open",
    group: "Transport",
  },
  lifetime("keepaliveMs", 0, "a peer that sends nothing for so long is sent a PING; 0 = never"),
  lifetime(
    "keepaliveTimeoutMs",
    1,
    "a peer that does not acknowledge that PING for so long is cut off",
  ),
  lifetime("idleTimeoutMs", 0, "a connection without a call for so long is ended; 0 = never"),
  lifetime(
    "maxConnectionAgeMs",
    0,
    "a connection is drained after about this long (±10 %), so that the peer reconnects; 0 = never",
  ),
  lifetime("maxConnectionAgeGraceMs", 1, "how long open calls may then take"),
];

const limitRows: readonly OptionRow[] = [
  time("floodWindowMs", "how long frames of a connection are counted before counting starts anew"),
  count(
    "maxResets",
    "streams reset before their answer, in that time; over it a served peer is slowed down",
  ),
  count("maxPings", "PING frames, in that time; a served peer may send more"),
  count("maxSettings", "SETTINGS frames, in that time"),
  count("maxEmptyFrames", "frames that carry nothing and end nothing, in that time"),
  count("maxPriorityFrames", "PRIORITY frames, in that time; a served peer may send more"),
  count("maxUnknownFrames", "frames of unknown types, in that time"),
  count(
    "maxWindowUpdates",
    "WINDOW_UPDATE frames, in that time; over it a served peer is slowed down",
  ),
  count(
    "maxTinyFrames",
    "frames that a small window keeps under 256 bytes, in that time; a served peer may need more",
  ),
  count("maxTableSizeUpdates", "changes of the header table's size, in that time"),
  count("maxContinuationFrames", "CONTINUATION frames of one header block"),
  size("maxHeaderBlockBytes", 1_024, "one call's header block, as compressed"),
  size(
    "maxHeaderListBytes",
    1_024,
    "one call's header list, as RFC 7541 counts; over it a check is denied",
  ),
  limit(
    "maxHeaders",
    integer(16, 100_000),
    "entries of one call's header list; over it a check is denied",
  ),
  time("prefaceTimeoutMs", "for TLS, the preface and the first SETTINGS of a connection"),
  time("settingsTimeoutMs", "for the acknowledgement of our SETTINGS"),
  time("requestTimeoutMs", "for a header block, a frame or a whole request to come in"),
  time("stallTimeoutMs", "for any progress of an answer that waits for a window or to be read"),
  size(
    "maxOutputBytes",
    262_144,
    "output that waits for a peer to read; over it the peer is cut off",
  ),
  size(
    "maxUnsentBytes",
    65_536,
    "answers that wait for one connection's windows; over it the call is reset",
  ),
  size("maxUnsentBytesInAll", 65_536, "answers that wait for windows, of all connections"),
  size("maxUnfinishedBytes", 65_536, "unfinished requests of one connection"),
  size("maxUnfinishedBytesInAll", 65_536, "unfinished requests of all connections"),
  count("maxInflatingMessages", "messages of one connection that wait to be inflated over 64 KiB"),
];

/** The options of what carries gRPC. */
export const transportRows: readonly OptionRow[] = [...doorRows, ...limitRows];

/** The option that sets a limit of the transport's: `http2-max-resets` for `maxResets`. */
export function limitOption(name: keyof AttackLimits): string {
  return `http2-${kebab(name)}`;
}

/** The option that sets a lifetime of connections: `keepalive-ms` for `keepaliveMs`. */
export function lifetimeOption(name: keyof LifetimeOptions): string {
  return kebab(name);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function lifetime(name: keyof LifetimeOptions, minMs: number, help: string): OptionRow {
  const fallbackMs = defaultLifetime[name];
  return {
    name: lifetimeOption(name),
    type: integer(minMs, maxMs),
    fallback: String(fallbackMs === Infinity ? 0 : fallbackMs),
    placeholder: "N",
    help,
    group: "Transport",
  };
}

function limit(name: keyof AttackLimits, type: OptionKind, help: string): OptionRow {
  return {
    name: limitOption(name),
    type,
    fallback: String(defaultAttackLimits[name]),
    placeholder: "N",
    help,
    group: "Transport",
  };
}

function time(name: keyof AttackLimits, help: string): OptionRow {
  return limit(name, integer(10, maxMs), help);
}

function count(name: keyof AttackLimits, help: string): OptionRow {
  return limit(name, integer(1, 1_000_000), help);
}

function size(name: keyof AttackLimits, min: number, help: string): OptionRow {
  return limit(name, integer(min, maxBytes), help);
}

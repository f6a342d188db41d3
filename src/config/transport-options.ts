import {
  type AttackLimits,
  attackLimitTable,
  limitNames,
} from "../transport/http2/attack-limits.ts";
import { defaultLifetime, type LifetimeOptions } from "../transport/http2/connection-lifetime.ts";
import { integer, type OptionRow, text } from "./option-row.ts";

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

const limitRows: readonly OptionRow[] = limitNames.map((name) => {
  const { standard, min, max, help } = attackLimitTable[name];
  return {
    name: limitOption(name),
    type: integer(min, max),
    fallback: String(standard),
    placeholder: "N",
    help,
    group: "Transport",
  };
});

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

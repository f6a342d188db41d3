import { type LimitRow, limitTable } from "../transport/limit-table.ts";
import { integer, type OptionRow, text } from "./option-row.ts";

const tlsRows: readonly OptionRow[] = [
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
];

/** The options of what carries gRPC. */
export const transportRows: readonly OptionRow[] = [...tlsRows, ...listLimitRows()];

/** Returns the option that sets a limit of the transport: `http2-max-resets` for `maxResets`, the bare name for the others. */
export function limitOption(name: string): string {
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return Object.hasOwn(limitTable.attacks, name) ? `http2-${option}` : option;
}

function listLimitRows(): OptionRow[] {
  const groups = [limitTable.connections, limitTable.lifetime, limitTable.attacks];
  return groups.flatMap((rows) =>
    Object.entries<LimitRow>(rows).map(([name, { standard, min, max, help }]) => ({
      name: limitOption(name),
      type: integer(min, max),
      fallback: String(standard),
      placeholder: "N",
      help,
      group: "Transport" as const,
    })),
  );
}

import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { createLimits } from "../transport/limit-table.ts";
import type { ConnectionConfig, TlsFiles } from "./config.ts";
import type { RawOptions } from "./parse-arguments.ts";
import { limitOption, transportRows } from "./transport-options.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Returns how connections are to be treated, from validated options; reads the TLS files.
 *
 * @throws UsageError when the TLS options do not go together, or a file cannot be read or is not what it has to be
 */
export function readConnectionConfig(
  given: RawOptions,
  text: (name: string) => string,
  integer: (name: string) => number,
): ConnectionConfig {
  refuseUnheeded(given, text("transport"));
  const tls = readTlsFiles(given);
  const { connections, lifetime, attacks } = createLimits(({ zeroIsNever }, name) => {
    const value = integer(limitOption(name));
    return value === 0 && zeroIsNever === true ? Infinity : value;
  });
  return { ...connections, lifetime, limits: attacks, ...(tls !== undefined && { tls }) };
}

/** Of what connections are treated by, all that grpc-js can be told. */
const grpcJsOptions: ReadonlySet<string> = new Set(
  ["maxConcurrentStreams", "maxConnectionAgeMs", "maxConnectionAgeGraceMs"].map(limitOption),
);

/** A limit that somebody sets and nobody keeps would be no limit. */
function refuseUnheeded(given: RawOptions, transport: string): void {
  if (transport === "lean") return;
  for (const { name } of transportRows) {
    if (given.has(name) && !grpcJsOptions.has(name)) {
      throw new UsageError(`option \`--${name}\` needs \`--transport lean\``);
    }
  }
}

function readTlsFiles(given: RawOptions): TlsFiles | undefined {
  const path = (name: string): string | undefined => given.get(name)?.[0];
  const [certPath, keyPath, caPath] = [path("tls-cert"), path("tls-key"), path("tls-client-ca")];
  if (certPath === undefined && keyPath === undefined && caPath === undefined) return undefined;
  if (certPath === undefined || keyPath === undefined) {
    throw new UsageError("TLS needs both `--tls-cert` and `--tls-key`");
  }
  const cert = readTlsFile("tls-cert", certPath);
  const key = readTlsFile("tls-key", keyPath);
  const ca = caPath === undefined ? undefined : readTlsFile("tls-client-ca", caPath);
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw new UsageError(`\`--tls-cert\` and \`--tls-key\` are invalid: ${describe(error)}`);
  }
  if (ca === undefined) return { cert, key };
  // OpenSSL takes any text here, and then trusts nobody.
  if (!isCertificate(ca)) throw new UsageError("`--tls-client-ca` holds no certificate");
  return { cert, key, ca, requestCert: true };
}

function isCertificate(pem: Buffer): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function readTlsFile(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    throw new UsageError(`cannot read \`${path}\` for option \`--${option}\` (${code})`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

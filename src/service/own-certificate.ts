import { X509Certificate } from "node:crypto";
import type { Log } from "../telemetry/log.ts";

const dayMs = 86_400_000;
/** Time enough to have a new one made by hand. */
const soonMs = 30 * dayMs;

/** The time in which all certificates of a chain are valid, in milliseconds since the epoch. */
export interface CertificateTimes {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns the times of a chain in PEM that has been found to be one. */
export function readCertificateTimes(pem: Buffer): CertificateTimes {
  const [, ...others] = pem.toString("latin1").match(pemCertificate) ?? [];
  const chain = [pem, ...others].map((block) => new X509Certificate(block));
  return {
    fromMs: Math.max(...chain.map(({ validFrom }) => Date.parse(validFrom))),
    toMs: Math.min(...chain.map(({ validTo }) => Date.parse(validTo))),
  };
}

const pemCertificate =
  /-----BEGIN (?:X509 )?CERTIFICATE-----[^-]+-----END (?:X509 )?CERTIFICATE-----/g;

/** Logs that a certificate is not valid yet, has expired or soon will: clients then refuse it, and every check is an error. */
export function logCertificateTimes(log: Log, { fromMs, toMs }: CertificateTimes): void {
  const nowMs = Date.now();
  const fields = { validFrom: timeOf(fromMs), validTo: timeOf(toMs) };
  if (nowMs >= toMs) {
    log.error("the TLS certificate has expired", fields);
  } else if (nowMs < fromMs) {
    log.error("the TLS certificate is not valid yet", fields);
  } else if (toMs - nowMs < soonMs) {
    log.warn("the TLS certificate expires soon", {
      ...fields,
      days: Math.floor((toMs - nowMs) / dayMs),
    });
  }
}

function timeOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { logCertificateTimes, readCertificateTimes } from "../../src/service/own-certificate.ts";
import { createLog } from "../../src/telemetry/log.ts";
import { expiredCertificate, tlsIdentity } from "../support/tls-identity.ts";

const dayMs = 86_400_000;
const good = {
  fromMs: Date.parse("2026-11-23T19:49:50Z"),
  toMs: Date.parse("2126-10-30T19:49:50Z"),
};
const expired = { fromMs: Date.parse("2020-01-01"), toMs: Date.parse("2021-01-01") };

const read = (...pem: string[]): unknown => readCertificateTimes(Buffer.from(pem.join("")));

test("a chain is valid while all of it is", () => {
  assert.deepEqual(read(tlsIdentity.cert), good);
  assert.deepEqual(read(expiredCertificate), expired);
  const both = { fromMs: good.fromMs, toMs: expired.toMs };
  assert.deepEqual(read(tlsIdentity.cert, expiredCertificate), both);
  assert.deepEqual(read(expiredCertificate, "a remark\n", tlsIdentity.cert), both);
});

const nowMs = Date.parse("2026-06-01");
const cases = [
  {
    name: "expired a moment ago",
    fromMs: 0,
    toMs: nowMs,
    want: "error the TLS certificate has expired",
  },
  {
    name: "expires in a moment",
    fromMs: 0,
    toMs: nowMs + 1,
    want: "warn the TLS certificate expires soon 0",
  },
  {
    name: "expires in less than 30 days",
    fromMs: 0,
    toMs: nowMs + 30 * dayMs - 1,
    want: "warn the TLS certificate expires soon 29",
  },
  { name: "expires in 30 days", fromMs: nowMs, toMs: nowMs + 30 * dayMs, want: undefined },
  {
    name: "is not valid yet",
    fromMs: nowMs + 1,
    toMs: nowMs + 90 * dayMs,
    want: "error the TLS certificate is not valid yet",
  },
];
for (const { name, fromMs, toMs, want } of cases) {
  test(`one that ${name} is told: ${want ?? "no"}`, (t) => {
    t.mock.method(Date, "now", () => nowMs);
    const lines: string[] = [];
    const write = (line: string): void => {
      const { level, message, days, validTo } = JSON.parse(line);
      assert.equal(validTo, new Date(toMs).toISOString());
      lines.push([level, message, days].filter((part) => part !== undefined).join(" "));
    };
    logCertificateTimes(createLog({ format: "json", level: "info", write }), { fromMs, toMs });
    assert.deepEqual(lines, want === undefined ? [] : [want]);
  });
}

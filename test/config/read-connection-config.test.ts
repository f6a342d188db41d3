import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { Config } from "../../src/config/config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { UsageError } from "../../src/config/usage-error.ts";
import { defaultLimits } from "../../src/transport/limit-table.ts";
import { tlsIdentity } from "../support/tls-identity.ts";

const read = (args: readonly string[]): Config =>
  readConfig({ args: ["--policy=p", ...args], env: {} });

const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const folder = mkdtempSync(join(tmpdir(), "ostiary-tls-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const cert = file("cert.pem", tlsIdentity.cert);
const key = file("key.pem", tlsIdentity.key);
const garbage = file("garbage.pem", "garbage");

suite("connections", () => {
  test("are treated as the transport does by itself unless told otherwise", () => {
    assert.deepEqual(read([]).connections, {
      ...defaultLimits.connections,
      lifetime: defaultLimits.lifetime,
      limits: defaultLimits.attacks,
    });
  });

  for (const [name, fallback] of Object.entries(defaultLimits.attacks)) {
    const option = `http2-${kebab(name)}`;
    test(`--${option} sets ${name} and nothing else`, () => {
      const value = fallback + 1;
      const { limits } = read([`--${option}=${value}`]).connections;
      assert.deepEqual(limits, { ...defaultLimits.attacks, [name]: value });
    });
  }

  for (const name of Object.keys(defaultLimits.lifetime)) {
    const option = kebab(name);
    test(`--${option} sets ${name} and nothing else`, () => {
      const { lifetime } = read([`--${option}=12345`]).connections;
      assert.deepEqual(lifetime, { ...defaultLimits.lifetime, [name]: 12_345 });
    });
  }

  for (const name of ["keepaliveMs", "idleTimeoutMs", "maxConnectionAgeMs"] as const) {
    test(`--${kebab(name)} 0 is never`, () => {
      assert.equal(read([`--${kebab(name)}=0`]).connections.lifetime[name], Infinity);
    });
  }

  test("may be given an age with the other transport too", () => {
    const { lifetime } = read(["--transport=grpc-js", "--max-connection-age-ms=9000"]).connections;
    assert.equal(lifetime.maxConnectionAgeMs, 9_000);
  });

  test("and streams are counted", () => {
    const { connections } = read(["--max-connections=7", "--max-concurrent-streams=8"]);
    assert.deepEqual([connections.maxConnections, connections.maxConcurrentStreams], [7, 8]);
  });
});

suite("TLS files", () => {
  const pair = [`--tls-cert=${cert}`, `--tls-key=${key}`];

  test("certificate and key let anybody in", () => {
    const { tls } = read(pair).connections;
    assert.deepEqual(
      [tls?.cert.toString(), tls?.key.toString(), tls?.ca, tls?.requestCert],
      [tlsIdentity.cert, tlsIdentity.key, undefined, undefined],
    );
  });

  test("with an authority, clients need a certificate", () => {
    const { tls } = read([...pair, `--tls-client-ca=${cert}`]).connections;
    assert.deepEqual([tls?.ca?.toString(), tls?.requestCert], [tlsIdentity.cert, true]);
  });

  const faults: readonly { args: readonly string[]; want: RegExp }[] = [
    { args: [`--tls-cert=${cert}`], want: /^TLS needs both `--tls-cert` and `--tls-key`$/ },
    { args: [`--tls-key=${key}`], want: /^TLS needs both / },
    { args: [`--tls-client-ca=${cert}`], want: /^TLS needs both / },
    {
      args: ["--transport=grpc-js", ...pair],
      want: /^option `--tls-cert` needs `--transport lean`$/,
    },
    {
      args: ["--transport=grpc-js", "--http2-max-resets=9"],
      want: /^option `--http2-max-resets` needs `--transport lean`$/,
    },
    {
      args: ["--transport=grpc-js", "--keepalive-ms=9000"],
      want: /^option `--keepalive-ms` needs `--transport lean`$/,
    },
    {
      args: ["--tls-cert=/nowhere.pem", `--tls-key=${key}`],
      want: /^cannot read `\/nowhere\.pem` for option `--tls-cert` \(ENOENT\)$/,
    },
    { args: [...pair, `--tls-client-ca=${folder}`], want: /`--tls-client-ca` \(EISDIR\)$/ },
    { args: [...pair, "--tls-client-ca="], want: /for option `--tls-client-ca` \(ENOENT\)$/ },
    {
      args: [`--tls-cert=${garbage}`, `--tls-key=${key}`],
      want: /^`--tls-cert` and `--tls-key` are invalid: /,
    },
    {
      args: [`--tls-cert=${cert}`, `--tls-key=${garbage}`],
      want: /^`--tls-cert` and `--tls-key` are invalid: /,
    },
    { args: [...pair, `--tls-client-ca=${garbage}`], want: /`--tls-client-ca` holds no cert/ },
  ];
  for (const { args, want } of faults) {
    test(`refuses ${args.map((arg) => arg.replaceAll(`${folder}/`, "")).join(" ")}`, () => {
      assert.throws(
        () => read(args),
        (error) => error instanceof UsageError && want.test(error.message),
      );
    });
  }
});

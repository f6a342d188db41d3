import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { memoryLimit, parseCpuMax, workersFor } from "../../src/config/default-workers.ts";
import { optionRows } from "../../src/config/options.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { UsageError } from "../../src/config/usage-error.ts";
import { defaultAdminLimits, defaultHttpLimits } from "../../src/model/http-limits.ts";

const read = (args: readonly string[], env: Record<string, string> = {}) =>
  readConfig({ args, env });

function allowed(args: readonly string[], env: Record<string, string> = {}): boolean {
  return read(["--policy=p", ...args], env).allowRemoval;
}

suite("readConfig", () => {
  test("takes the original plugin's command line", () => {
    const config = read([
      "--policy=/policies/policy.yaml",
      "--address=:9000",
      "--healthaddress=:8181",
    ]);
    assert.deepEqual(config.policyPaths, ["/policies/policy.yaml"]);
    assert.equal(config.address, ":9000");
    assert.equal(config.adminAddress, ":8181");
    assert.equal(config.http, undefined);
  });

  test("takes --allow-removal alone, with a value, and from everywhere else", () => {
    const file = join(mkdtempSync(join(tmpdir(), "ostiary-config-")), "ostiary.yaml");
    writeFileSync(file, "policy: p\nallow-removal: true\n");
    assert.equal(allowed([]), false);
    assert.equal(allowed(["--allow-removal"]), true);
    assert.equal(allowed(["--allow-removal=true"]), true);
    assert.equal(allowed(["--config", file]), true);
    assert.equal(allowed([], { OSTIARY_ALLOW_REMOVAL: "true" }), true);
    assert.equal(allowed(["--allow-removal=false"], { OSTIARY_ALLOW_REMOVAL: "true" }), false);
    assert.throws(() => allowed(["--allow-removal=yes"]), /must be true or false, not `yes`/);
  });

  test("takes policies repeated and separated by commas", () => {
    assert.deepEqual(read(["--policy", "a,b", "--policy=c"]).policyPaths, ["a", "b", "c"]);
  });

  test("puts the command line before the environment before the file", () => {
    const file = join(mkdtempSync(join(tmpdir(), "ostiary-config-")), "ostiary.yaml");
    writeFileSync(file, "policy: [p, q]\nworkers: 3\nmax-queue: 7\nhealthaddress: :1\n");
    const env = { OSTIARY_CONFIG: file, OSTIARY_WORKERS: "2", OSTIARY_ADMIN_ADDRESS: ":2" };
    const config = read(["--healthaddress", ":3"], env);
    assert.deepEqual(
      [config.policyPaths, config.workers, config.maxQueue, config.adminAddress],
      [["p", "q"], 2, 7, ":3"],
    );
  });

  test("makes --compat change the defaults it stands for, and those only where nothing is said", () => {
    const compat = read(["--policy=p", "--compat=kyverno-envoy-plugin"]).policyOptions;
    assert.deepEqual(
      [compat.compat, compat.celCompat, compat.noRuleApplies, compat.denyBody],
      ["kyverno-envoy-plugin", "none", "by-language", "details"],
    );
    const plain = read(["--policy=p"]).policyOptions;
    assert.deepEqual([plain.noRuleApplies, plain.denyBody], ["by-language", "messages"]);
    const cel = read(["--policy=p", "--compat=kyverno-authz"]);
    assert.deepEqual(
      [cel.policyOptions.compat, cel.policyOptions.celCompat, cel.policyOptions.denyBody],
      ["none", "kyverno-authz", "messages"],
    );
    assert.equal(cel.adminAddress, read(["--policy=p"]).adminAddress);
    for (const both of [
      read(["--policy=p", "--compat=kyverno-authz", "--compat=kyverno-envoy-plugin"]),
      read(["--policy=p"], { OSTIARY_COMPAT: "kyverno-envoy-plugin,kyverno-authz" }),
    ]) {
      assert.deepEqual(
        [both.policyOptions.compat, both.policyOptions.celCompat],
        ["kyverno-envoy-plugin", "kyverno-authz"],
      );
    }
    assert.throws(() => read(["--policy=p", "--compat=kyverno-authz,opa"]), UsageError);
    const mixed = read(["--policy=p", "--compat=kyverno-envoy-plugin", "--deny-body=none"]);
    assert.equal(mixed.policyOptions.denyBody, "none");
  });

  test("takes an option's other name in the environment too, after the main one", () => {
    const both = { OSTIARY_HEALTHADDRESS: ":4", OSTIARY_ADMIN_ADDRESS: ":5" };
    assert.equal(read(["--policy=p"], { OSTIARY_HEALTHADDRESS: ":4" }).adminAddress, ":4");
    assert.equal(read(["--policy=p"], both).adminAddress, ":5");
  });

  test("takes addresses with a scheme, as the original plugin did", () => {
    const config = read([
      "--policy=p",
      "--address=grpc://127.0.0.1:9000",
      "--healthaddress=HTTP://[::1]:8181/",
      "--http-address=tcp://:9001",
      "--http-form=direct",
    ]);
    assert.deepEqual(
      [config.address, config.adminAddress, config.http?.address],
      ["127.0.0.1:9000", "[::1]:8181", ":9001"],
    );
  });

  test("opens the admin door to this machine only, and to all as the original did", () => {
    const compat = "--compat=kyverno-envoy-plugin";
    for (const { args, want } of [
      { args: [], want: "127.0.0.1:8181" },
      { args: [compat], want: ":8181" },
      { args: ["--healthaddress=:8181"], want: ":8181" },
      { args: [compat, "--admin-address=[::1]:1"], want: "[::1]:1" },
    ]) {
      assert.equal(read(["--policy=p", ...args]).adminAddress, want);
    }
  });

  test("reads every bound on HTTP connections", () => {
    const limits = (...args: string[]) =>
      read(["--policy=p", "--http-address=:1", "--http-form=original", ...args]).http?.limits;
    assert.deepEqual(limits(), defaultHttpLimits);
    for (const [name, value] of Object.entries(defaultHttpLimits)) {
      const option = `--http-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      assert.deepEqual(limits(`${option}=${value - 1}`), {
        ...defaultHttpLimits,
        [name]: value - 1,
      });
    }
    assert.deepEqual(read(["--policy=p"]).adminLimits, defaultAdminLimits);
    assert.equal(read(["--policy=p", "--admin-max-connections=9"]).adminLimits.maxConnections, 9);
  });

  test("reads the mode of Unix sockets in octal", () => {
    assert.equal(read(["--policy=p"]).unixSocketMode, undefined);
    for (const mode of ["660", "0660"]) {
      assert.equal(read(["--policy=p", `--unix-socket-mode=${mode}`]).unixSocketMode, 0o660);
    }
  });

  test("turns --workers 0 into inline evaluation", () => {
    assert.equal(read(["--policy=p", "--workers=0"]).dispatch, "inline");
  });

  const faults: readonly { args: readonly string[]; env?: Record<string, string>; want: RegExp }[] =
    [
      { args: [], want: /^no policy given; use `--policy PATH`/ },
      { args: ["--polcy=x"], want: /^unknown option `--polcy`; did you mean `--policy`\?$/ },
      { args: ["--quite-other=x"], want: /^unknown option `--quite-other`$/ },
      { args: ["-p", "x"], want: /^unknown option `-p`/ },
      { args: ["--policy"], want: /^option `--policy` needs a value$/ },
      { args: ["--policy=p", "x"], want: /^unexpected argument `x`$/ },
      { args: ["--policy=p", "--workers=1", "--workers=2"], want: /is given twice$/ },
      { args: ["--policy=p", "--workers=-1"], want: /`--workers` must be a whole number from 0/ },
      { args: ["--policy=p", "--workers=1e3"], want: /not `1e3`$/ },
      { args: ["--policy=p", "--address=nine"], want: /`--address` must be an address/ },
      { args: ["--policy=p", "--address=:99999"], want: /`--address` must be an address/ },
      {
        args: ["--policy=p", "--http-address=:1"],
        want: /^option `--http-address` needs `--http-form`: `direct` .*`forwarded` .*`original` .*`ingress-nginx` /,
      },
      {
        args: ["--policy=p"],
        env: { OSTIARY_HTTP_ADDRESS: ":1" },
        want: /needs `--http-form`/,
      },
      { args: ["--policy=p", "--http-form=nginx"], want: /must be direct or forwarded or/ },
      ...[
        ["--http-form=original"],
        ["--http-form=forwarded"],
        ["--http-form=ingress-nginx"],
        [],
      ].map((form) => ({
        args: ["--policy=p", "--http-path-prefix=/authz", "--http-address=:1", ...form],
        want: /^option `--http-path-prefix` needs `--http-form direct`$/,
      })),
      ...[
        "https://h:1",
        "grpc://h",
        "grpc://h:1/x",
        "grpc://user@h/:1",
        "grpc://",
        "ftp://h:1",
      ].map((address) => ({
        args: ["--policy=p", `--address=${address}`],
        want: /`--address` must be an address/,
      })),
      ...["8", "888", "0o660", "1660", "rw"].map((mode) => ({
        args: ["--policy=p", `--unix-socket-mode=${mode}`],
        want: /`--unix-socket-mode` must be a file mode in octal/,
      })),
      { args: ["--policy=p", "--dispatch=x"], want: /must be auto or pool or inline, not `x`$/ },
      { args: ["--policy=p"], env: { OSTIARY_WORKERS: "many" }, want: /`--workers` must be/ },
      { args: ["--config=/nowhere.yaml"], want: /cannot read the configuration file.*ENOENT/ },
    ];
  for (const { args, env, want } of faults) {
    test(`refuses ${JSON.stringify(args)} ${JSON.stringify(env ?? {})}`, () => {
      assert.throws(
        () => read(args, env),
        (error) => error instanceof UsageError && want.test(error.message),
      );
    });
  }
});

suite("a configuration file with a list", () => {
  const cases = [
    {
      text: "policy: p\ndeny-body: [none, messages]",
      want: /`deny-body` must be one text or number$/,
    },
    { text: "policy: p\ndeny-body: []", want: /`deny-body` must be one text or number$/ },
    { text: "policy: []", want: /`policy` must name at least one$/ },
  ];
  for (const { text, want } of cases) {
    test(`refuses ${JSON.stringify(text)}`, () => {
      const file = join(mkdtempSync(join(tmpdir(), "ostiary-config-")), "ostiary.yaml");
      writeFileSync(file, text);
      assert.throws(
        () => read(["--config", file]),
        (error) => error instanceof UsageError && want.test(error.message),
      );
    });
  }
});

suite("default workers", () => {
  const cases = [
    { cores: 3, quota: "max 100000", mib: 65_536, want: 2 },
    { cores: 32, quota: "max 100000", mib: 65_536, want: 4 },
    { cores: 8, quota: "150000 100000", mib: 65_536, want: 1 },
    { cores: 8, quota: "400000 100000", mib: 65_536, want: 3 },
    { cores: 1, quota: "max 100000", mib: 65_536, want: 1 },
    { cores: 4, quota: "garbage", mib: 65_536, want: 3 },
    { cores: 32, quota: "max 100000", mib: 512, want: 4 },
    { cores: 32, quota: "max 100000", mib: 511, want: 3 },
    { cores: 32, quota: "max 100000", mib: 320, want: 2 },
    { cores: 32, quota: "max 100000", mib: 319, want: 1 },
    { cores: 32, quota: "max 100000", mib: 64, want: 1 },
    { cores: 2, quota: "max 100000", mib: 4_096, want: 1 },
  ];
  for (const { cores, quota, mib, want } of cases) {
    test(`${cores} cores under "${quota}" and ${mib} MiB give ${want}`, () => {
      const quotaCores = parseCpuMax(quota);
      assert.equal(workersFor({ cores, quotaCores, memoryBytes: mib * 1_048_576 }), want);
    });
  }

  test("a memory limit counts when it is one", () => {
    assert.equal(memoryLimit(0, 100), 100);
    assert.equal(memoryLimit(18_446_744_073_709_552_000, 100), 100);
    assert.equal(memoryLimit(60, 100), 60);
  });
});

suite("variables that are no option are told of, with the option that was meant", () => {
  const cases: readonly { env: Record<string, string>; want: readonly string[] }[] = [
    {
      env: { OSTIARY_WORKERS: "1", OSTIARY_HEALTHADDRESS: ":1", OSTIARY: "x", OSTIARYS_X: "x" },
      want: [],
    },
    {
      env: { OSTIARY_MAX_QUEU: "1" },
      want: [
        "unknown environment variable `OSTIARY_MAX_QUEU` is not heeded; did you mean `OSTIARY_MAX_QUEUE`?",
      ],
    },
    {
      env: { OSTIARY_DENY: "x", OSTIARY_COMPAT_MODE: "x" },
      want: [
        "unknown environment variable `OSTIARY_COMPAT_MODE` is not heeded",
        "unknown environment variable `OSTIARY_DENY` is not heeded",
      ],
    },
    // Somebody wrote this one; Kubernetes would have put a URL there.
    {
      env: { OSTIARY_PORT: "9000" },
      want: ["unknown environment variable `OSTIARY_PORT` is not heeded"],
    },
    {
      env: { OSTIARY_SERVICE: "x" },
      want: ["unknown environment variable `OSTIARY_SERVICE` is not heeded"],
    },
    {
      env: { OSTIARY_PORT_9000: "x" },
      want: ["unknown environment variable `OSTIARY_PORT_9000` is not heeded"],
    },
  ];
  for (const { env, want } of cases) {
    test(Object.keys(env).join(" "), () => {
      assert.deepEqual(read(["--policy=p"], env).notices, want);
    });
  }

  for (const service of ["OSTIARY", "OSTIARY_EU_WEST", "OSTIARY_ADMIN"]) {
    test(`what Kubernetes makes for the Service ${service} is none of our business`, () => {
      const env = Object.fromEntries([
        [`${service}_SERVICE_HOST`, "10.0.0.1"],
        [`${service}_SERVICE_PORT`, "9000"],
        [`${service}_SERVICE_PORT_GRPC`, "9000"],
        [`${service}_SERVICE_PORT_HTTP_ADMIN`, "8181"],
        [`${service}_PORT`, "tcp://10.0.0.1:9000"],
        [`${service}_PORT_9000_TCP`, "tcp://10.0.0.1:9000"],
        [`${service}_PORT_9000_TCP_PROTO`, "tcp"],
        [`${service}_PORT_9000_TCP_PORT`, "9000"],
        [`${service}_PORT_9000_TCP_ADDR`, "10.0.0.1"],
        [`${service}_PORT_53_UDP`, "udp://10.0.0.1:53"],
        [`${service}_PORT_53_UDP_ADDR`, "10.0.0.1"],
      ]);
      assert.deepEqual(read(["--policy=p"], env).notices, []);
    });
  }
});

suite("numbers are taken within their bounds, which both belong to them", () => {
  for (const row of optionRows) {
    if (row.type.kind !== "integer") continue;
    const { min, max } = row.type;
    test(`--${row.name} from ${min} to ${max}`, () => {
      read(["--policy=p", `--${row.name}=${max}`]);
      for (const value of [min - 1, max + 1]) {
        assert.throws(() => read(["--policy=p", `--${row.name}=${value}`]), UsageError);
      }
    });
  }

  // A value over these would let one request stall everybody: they are no matter of taste.
  for (const [option, max] of [
    ["max-steps", 2_000_000],
    ["max-evaluation-bytes", 134_217_728],
  ] as const) {
    test(`--${option} never goes beyond ${max}`, () => {
      assert.throws(() => read(["--policy=p", `--${option}=${max + 1}`]), UsageError);
    });
  }
});

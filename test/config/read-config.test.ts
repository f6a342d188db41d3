import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseCpuMax, workersFor } from "../../src/config/default-workers.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { UsageError } from "../../src/config/usage-error.ts";
import { defaultAdminLimits, defaultHttpLimits } from "../../src/model/http-limits.ts";

const read = (args: readonly string[], env: Record<string, string> = {}) =>
  readConfig({ args, env });

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
    assert.deepEqual([compat.noRuleApplies, compat.denyBody], ["allow", "details"]);
    const plain = read(["--policy=p"]).policyOptions;
    assert.deepEqual([plain.noRuleApplies, plain.denyBody], ["deny", "messages"]);
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
    { cores: 8, quota: "max 100000", want: 7 },
    { cores: 8, quota: "150000 100000", want: 1 },
    { cores: 8, quota: "400000 100000", want: 3 },
    { cores: 1, quota: "max 100000", want: 1 },
    { cores: 8, quota: "garbage", want: 7 },
  ];
  for (const { cores, quota, want } of cases) {
    test(`${cores} cores under "${quota}" give ${want}`, () => {
      assert.equal(workersFor(cores, parseCpuMax(quota)), want);
    });
  }
});

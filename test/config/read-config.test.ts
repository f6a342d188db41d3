import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { parseCpuMax, workersFor } from "../../src/config/default-workers.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { UsageError } from "../../src/config/usage-error.ts";

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
    assert.equal(config.httpAddress, undefined);
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

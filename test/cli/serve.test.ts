import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { doorPort, startChild, startOstiary } from "../support/child-server.ts";
import { listeningPort } from "../support/listening-port.ts";
import { freePort } from "../support/start-envoy.ts";
import { adapters } from "../support/transports.ts";

const folder = mkdtempSync(join(tmpdir(), "ostiary-cli-"));
const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const onlyGet = (name: string, method = "GET"): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: ${name} }
spec:
  rules:
    - name: r
      assert: { all: [{ message: only ${method}, check: { request: { http: { method: ${method} } } } }] }
`;

/** Runs the program to its end. */
async function run(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = startChild(process.execPath, ["src/main.ts", ...args]);
  const code = await new Promise<number | null>((resolve) => {
    child.process.on("close", resolve);
  });
  return { code, output: child.output() };
}

async function get(port: number, path: string): Promise<{ status: number; text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
}

suite("wrong use ends with code 2 and one clear line", () => {
  const cases: readonly { args: readonly string[]; want: RegExp }[] = [
    { args: ["serve"], want: /^ostiary serve: no policy given; use `--policy PATH`.*\n$/ },
    {
      args: ["serve", "--polcy=x"],
      want: /^ostiary serve: unknown option `--polcy`; did you .*\n$/,
    },
    { args: ["sreve"], want: /^ostiary: unknown command `sreve`; see `ostiary --help`\n$/ },
    { args: ["help", "sreve"], want: /^ostiary: unknown command `sreve`; see `ostiary --help`\n$/ },
    { args: ["health", "--port=1"], want: /^ostiary health: unknown option `--port`.*\n$/ },
    {
      args: ["serve", "--policy=x", "--config=/nowhere"],
      want: /^ostiary serve: cannot read the configuration file `\/nowhere` \(ENOENT\).*\n$/,
    },
  ];
  for (const { args, want } of cases) {
    test(args.join(" "), async () => {
      const { code, output } = await run(...args);
      assert.match(output, want);
      assert.equal(code, 2);
    });
  }
});

suite("what fails while running ends with code 1 and without a stack trace", () => {
  const doors = ["--address=127.0.0.1:0", "--admin-address=127.0.0.1:0"];
  const cases = [
    { name: "a missing policy", policy: join(folder, "missing.yaml"), want: /POLICY_NOT_FOUND/ },
    {
      name: "a policy with a fault",
      policy: file("fault.yaml", onlyGet("fault").replace("check:", "chekc:")),
      want: /fault\.yaml:8:\d+: error POLICY_UNKNOWN_FIELD: /,
    },
    {
      name: "a function that does not exist",
      policy: file("function.yaml", onlyGet("f").replace("method: GET", '"(nope(@))": GET')),
      want: /function\.yaml:8:\d+: error POLICY_UNKNOWN_FUNCTION: .*nope/,
    },
  ];
  for (const { name, policy, want } of cases) {
    test(name, async () => {
      const { code, output } = await run("serve", `--policy=${policy}`, ...doors);
      assert.match(output, want);
      assert.doesNotMatch(output, /^\s+at /m);
      assert.doesNotMatch(output, /^ready/m);
      assert.equal(code, 1);
    });
  }

  for (const { name } of adapters) {
    test(`a port in use by --transport ${name}`, async () => {
      const taken = createServer();
      const port = await listeningPort(taken);
      const policy = file("port.yaml", onlyGet("port"));
      const { code, output } = await run(
        "serve",
        `--policy=${policy}`,
        `--transport=${name}`,
        `--address=127.0.0.1:${port}`,
        "--admin-address=127.0.0.1:0",
      );
      taken.close();
      assert.match(output, new RegExp(`cannot listen on 127.0.0.1:${port} for grpc: .* in use`));
      assert.doesNotMatch(output, /^\s+at /m);
      assert.equal(code, 1);
    });
  }
});

suite("a running server", () => {
  const modes = adapters.flatMap(({ name }) =>
    ["auto", "pool", "inline"].map((dispatch) => ({ dispatch, transport: name })),
  );
  for (const { dispatch, transport } of modes) {
    test(`answers, tells how it is, reloads and drains with --dispatch ${dispatch} --transport ${transport}`, async () => {
      const policy = file(`${dispatch}-${transport}.yaml`, onlyGet("first"));
      const server = await startOstiary([
        `--policy=${policy}`,
        `--dispatch=${dispatch}`,
        `--transport=${transport}`,
        "--http-address=127.0.0.1:0",
        "--http-form=direct",
        "--reload-interval-ms=50",
        "--workers=1",
      ]);
      const [http, admin] = [doorPort(server, "http"), doorPort(server, "admin")];
      assert.equal((await get(http, "/")).status, 200);
      for (const path of ["/health", "/livez", "/readyz"]) {
        assert.equal((await get(admin, path)).status, 200, path);
      }

      writeFileSync(policy, onlyGet("broken").replace("check", "chekc"));
      await server.waitFor(/policies not loaded/);
      assert.equal((await get(http, "/")).status, 200);
      assert.match((await get(admin, "/policies")).text, /POLICY_UNKNOWN_FIELD/);
      assert.equal((await get(admin, "/readyz")).status, 200);

      writeFileSync(policy, onlyGet("first", "POST"));
      await server.waitFor(/policies loaded/);
      assert.deepEqual(await get(http, "/"), { status: 403, text: "only POST" });
      assert.match((await get(admin, "/policies")).text, /"first"/);

      const metrics = (await get(admin, "/metrics")).text;
      assert.match(
        metrics,
        /ostiary_checks_total\{door="http",decision="allow",reason="passed"\} 2/,
      );
      assert.match(metrics, /ostiary_policy_revision_info\{revision="[0-9a-f]{12}"\} 1/);
      assert.match(metrics, /ostiary_policy_loads_total\{result="failure"\} 1/);
      assert.equal(await server.stop(), 0);
    });
  }

  test("shows neither in its log nor at /policies the lines of a faulty policy", async () => {
    const policy = file("key.yaml", onlyGet("key"));
    const server = await startOstiary([`--policy=${policy}`, "--reload-interval-ms=50"]);
    const check = `{ "(nope(@, 'the-key'))": x }`;
    writeFileSync(policy, onlyGet("key").replace(/check: .* (?=\}\] \}$)/m, `check: ${check} `));
    await server.waitFor(/policies not loaded/);
    const { text } = await get(doorPort(server, "admin"), "/policies");
    const code = await server.stop();
    assert.match(text, /POLICY_UNKNOWN_FUNCTION/);
    assert.match(server.output(), /unknown function: nope/);
    assert.doesNotMatch(text + server.output(), /the-key/);
    assert.equal(code, 0);
  });

  test("denies and is not ready while there is no policy, and serves once there is", async () => {
    const empty = mkdtempSync(join(folder, "empty-"));
    const server = startChild(process.execPath, [
      "src/main.ts",
      "serve",
      `--policy=${empty}`,
      "--address=127.0.0.1:0",
      "--admin-address=127.0.0.1:0",
      "--http-address=127.0.0.1:0",
      "--http-form=direct",
      "--reload-interval-ms=50",
    ]);
    await server.waitFor(/^waiting: no policy in /m);
    const [http, admin] = [doorPort(server, "http"), doorPort(server, "admin")];
    assert.equal((await get(http, "/")).status, 403);
    assert.equal((await get(admin, "/readyz")).status, 503);
    assert.equal((await get(admin, "/livez")).status, 200);
    writeFileSync(join(empty, "a.yaml"), onlyGet("a"));
    await server.waitFor(/policies loaded/);
    assert.equal((await get(http, "/")).status, 200);
    assert.equal((await get(admin, "/readyz")).status, 200);
    assert.equal(await server.stop(), 0);
  });

  test("is well by `ostiary health`, and nobody is once it is gone", async () => {
    const server = await startOstiary([`--policy=${file("health.yaml", onlyGet("health"))}`]);
    const address = `--admin-address=127.0.0.1:${doorPort(server, "admin")}`;
    assert.deepEqual(await run("health", address), { code: 0, output: "200 ok\n" });
    await server.stop();
    assert.equal((await run("health", address)).code, 1);
  });
});

test("the demo prints requests that are answered as it says", async () => {
  const doors = ["--address=127.0.0.1:0", "--admin-address=127.0.0.1:0"];
  const port = await freePort();
  const demo = startChild(process.execPath, [
    "src/main.ts",
    "demo",
    ...doors,
    `--http-address=127.0.0.1:${port}`,
  ]);
  await demo.waitFor(/Ctrl-C/);
  const curl = /curl -i -X (\S+) -H '(\S+): ([^']+)' (\S+)/g;
  const statuses: number[] = [];
  for (const [, method = "", name = "", value = "", url = ""] of demo.output().matchAll(curl)) {
    statuses.push((await fetch(url, { method, headers: { [name]: value } })).status);
  }
  assert.deepEqual(statuses, [200, 403]);
  assert.equal(await demo.stop(), 0);
});

suite("ostiary validate", () => {
  test("says that good policies are good", async () => {
    const { code, output } = await run("validate", "policies/paths.yaml", "policies/body.yaml");
    assert.equal(output, "2 files, 0 errors, 0 warnings\n");
    assert.equal(code, 0);
  });

  test("warns of the samples' published keys, which makes them no worse than good", async () => {
    const { code, output } = await run("validate", "policies");
    assert.equal(
      output.match(/ warning POLICY_KEY: the key of `jwt[_.][dD]ecode` has \d+ bytes/g)?.length,
      6,
    );
    assert.match(output, /\n8 files, 0 errors, 6 warnings\n$/);
    assert.equal(code, 0);
  });

  test("does not call a folder without policies good", async () => {
    const { code, output } = await run("validate", mkdtempSync(join(folder, "none-")));
    assert.match(output, /^0 files.*\nno policy in .*\n$/);
    assert.equal(code, 1);
  });

  test("names the place of every fault", async () => {
    const bad = file("bad.yaml", onlyGet("Bad_Name").replace("check", "chekc"));
    const { code, output } = await run("validate", bad, join(folder, "none.yaml"));
    assert.match(output, /none\.yaml: error POLICY_NOT_FOUND/);
    assert.equal(code, 1);
  });
});

test("every command explains itself", async () => {
  for (const command of ["serve", "serve-mounted", "demo", "validate", "health"]) {
    const { code, output } = await run(command, "--help");
    assert.match(output, /Usage: ostiary /);
    assert.equal(code, 0);
  }
  assert.match((await run("--version")).output, /^ostiary \d+\.\d+\.\d+\n$/);
  assert.equal((await run()).code, 2);
});

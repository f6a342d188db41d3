import assert from "node:assert/strict";
import { mkdtempSync, statSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { doorPort, startChild, startOstiary } from "../support/child-server.ts";
import { adapters } from "../support/transports.ts";

const policy = "--policy=policies/book.yaml";

async function run(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = startChild(process.execPath, ["src/main.ts", ...args]);
  const code = await new Promise<number | null>((resolve) => {
    child.process.on("close", resolve);
  });
  return { code, output: child.output() };
}

suite("Unix sockets", () => {
  for (const { name } of adapters) {
    test(`have the permissions that --unix-socket-mode says, with --transport ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), "ostiary-doors-"));
      const path = (door: string): string => join(folder, door);
      const server = await startOstiary([
        policy,
        `--transport=${name}`,
        `--address=unix://${path("grpc")}`,
        `--http-address=unix://${path("http")}`,
        "--http-form=direct",
        `--admin-address=unix://${path("admin")}`,
        "--unix-socket-mode=620",
      ]);
      for (const door of ["grpc", "http", "admin"]) {
        assert.equal((statSync(path(door)).mode & 0o777).toString(8), "620", door);
      }
      const status = await new Promise((resolve, reject) => {
        const sent = request({ socketPath: path("http"), path: "/book" }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on("error", reject);
        sent.end();
      });
      assert.equal(status, 403);
      assert.equal(await server.stop(), 0);
    });
  }
});

test("addresses may have the original's schemes, and `ostiary health` takes them too", async () => {
  const server = await startOstiary([
    policy,
    "--address=grpc://127.0.0.1:0",
    "--admin-address=http://127.0.0.1:0",
    "--http-address=tcp://127.0.0.1:0",
    "--http-form=direct",
  ]);
  const admin = `http://127.0.0.1:${doorPort(server, "admin")}`;
  assert.equal((await fetch(`http://127.0.0.1:${doorPort(server, "http")}/book`)).status, 403);
  const health = await run("health", `--admin-address=${admin}`);
  assert.deepEqual(health, { code: 0, output: "200 ok\n" });
  assert.equal(await server.stop(), 0);
});

test("an HTTP door without its form is a usage error that names the forms", async () => {
  const { code, output } = await run("serve", policy, "--http-address=127.0.0.1:0");
  assert.equal(code, 2);
  for (const form of ["direct", "forwarded", "original", "ingress-nginx"]) {
    assert.ok(output.includes(`\`${form}\``), output);
  }
  assert.equal(output.trim().split("\n").length, 1);
});

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { findEnvoy } from "../support/find-envoy.ts";
import { listeningPort } from "../support/listening-port.ts";
import { freePort, type RunningEnvoy, startEnvoy } from "../support/start-envoy.ts";
import { mintToken } from "../support/tokens.ts";
import { adapters } from "../support/transports.ts";

const envoy = await findEnvoy();
const inCi = process.env["CI"] !== undefined;
assert.ok(!inCi || "path" in envoy, "missing" in envoy ? envoy.missing : "");
const binary = "path" in envoy ? envoy.path : "";
const skip = "missing" in envoy ? envoy.missing : false;

/** An application that echoes what reaches it. */
async function startApplication(): Promise<{ server: Server; port: number }> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      response.setHeader("x-application", "reached");
      response.end(`${request.method} ${request.url} ${Buffer.concat(chunks).toString("utf8")}`);
    });
  });
  return { server, port: await listeningPort(server) };
}

const now = Math.floor(Date.now() / 1000);
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const admin = bearer(mintToken({ claims: { role: "admin" } }));
const guest = bearer(mintToken({ claims: { role: "guest" } }));

interface BookCase {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers: Record<string, string>;
  readonly want: 200 | 403;
}

const bookCases: readonly BookCase[] = [
  { name: "an admin may GET", headers: admin, want: 200 },
  { name: "an admin may POST", method: "POST", headers: admin, want: 200 },
  { name: "a guest may GET", headers: guest, want: 200 },
  { name: "a guest may not POST", method: "POST", headers: guest, want: 403 },
  { name: "an admin may not DELETE", method: "DELETE", headers: admin, want: 403 },
  { name: "another path", path: "/books", headers: admin, want: 403 },
  { name: "the root", path: "/", headers: admin, want: 403 },
  { name: "a query makes it another path", path: "/book?x=1", headers: admin, want: 403 },
  { name: "no token", headers: {}, want: 403 },
  { name: "a malformed token", headers: bearer("no.token.at-all"), want: 403 },
  { name: "not even a scheme", headers: { authorization: "x" }, want: 403 },
  {
    name: "a token with the wrong secret",
    headers: bearer(mintToken({ claims: { role: "admin" }, secret: "guess" })),
    want: 403,
  },
  {
    name: "an expired token",
    headers: bearer(mintToken({ claims: { role: "admin", exp: now - 60 } })),
    want: 403,
  },
  {
    name: "a token that is not valid yet",
    headers: bearer(mintToken({ claims: { role: "admin", nbf: now + 600 } })),
    want: 403,
  },
  {
    name: "a token that expires later",
    headers: bearer(mintToken({ claims: { role: "admin", exp: now + 600 } })),
    want: 200,
  },
  {
    name: "alg none",
    headers: bearer(mintToken({ claims: { role: "admin" }, alg: "none" })),
    want: 403,
  },
  {
    name: "another role",
    headers: bearer(mintToken({ claims: { role: "Admin" } })),
    want: 403,
  },
];

/** The example as it is, and with the other way in which Envoy can send headers. */
const headerForms = [
  { name: "with encode_raw_headers", edit: (config: string): string => config },
  {
    name: "with plain headers",
    edit: (config: string): string =>
      config.replace("encode_raw_headers: true", "encode_raw_headers: false"),
  },
];

/** A policy that allows GET only, and says this to all others. */
const onlyGet = (message: string): string => `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: only-get }
spec:
  rules:
    - name: r
      assert: { all: [{ message: "${message}", check: { request: { http: { method: GET } } } }] }
`;

const deployments = adapters.flatMap(({ name }) =>
  headerForms.map((form) => ({ transport: `--transport=${name}`, form })),
);

for (const { transport, form } of deployments) {
  suite(`the seed's policy behind a real Envoy, ${form.name}, ${transport}`, { skip }, () => {
    let application: Awaited<ReturnType<typeof startApplication>>;
    let ostiary: ChildServer;
    let guarded: RunningEnvoy;
    before(async () => {
      application = await startApplication();
      ostiary = await startOstiary(["--policy=policies/book.yaml", transport]);
      const ports = { ostiary: doorPort(ostiary, "grpc"), application: application.port };
      guarded = await startEnvoy(binary, ports, form.edit);
    });
    after(async () => {
      await guarded.stop();
      await ostiary.stop();
      application.server.close();
    });

    for (const { name, method = "GET", path = "/book", headers, want } of bookCases) {
      test(`${want}: ${name}`, async () => {
        const response = await fetch(`${guarded.url}${path}`, { method, headers });
        const text = await response.text();
        assert.equal(response.status, want, text);
        assert.equal(response.headers.get("x-application"), want === 200 ? "reached" : null);
      });
    }

    test("a denied client is told the messages of the policy", async () => {
      const response = await fetch(`${guarded.url}/book`, { method: "POST", headers: guest });
      assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
      assert.match(await response.text(), /^POST method calls at path \/book are not allowed/);
    });

    test("Envoy counts denials as denials, none as an error", async () => {
      const stats = await guarded.stats("ext_authz");
      const total = (name: string): number =>
        Object.entries(stats)
          .filter(([key]) => key.startsWith("http.") && key.endsWith(name))
          .reduce((sum, [, value]) => sum + value, 0);
      assert.equal(total("ext_authz.error"), 0);
      assert.ok(total("ext_authz.denied") >= 10);
      assert.ok(total("ext_authz.ok") >= 4);
    });
  });
}

for (const { name } of adapters) {
  const transport = `--transport=${name}`;
  suite(`a body policy behind a real Envoy, ${transport}`, { skip }, () => {
    let application: Awaited<ReturnType<typeof startApplication>>;
    let ostiary: ChildServer;
    let guarded: RunningEnvoy;
    before(async () => {
      application = await startApplication();
      ostiary = await startOstiary(["--policy=policies/body.yaml", transport]);
      const ports = { ostiary: doorPort(ostiary, "grpc"), application: application.port };
      guarded = await startEnvoy(binary, ports);
    });
    after(async () => {
      await guarded.stop();
      await ostiary.stop();
      application.server.close();
    });

    const bodyCases = [
      { body: '{"amount":10,"currency":"EUR","items":[{"quantity":1}]}', want: 200 },
      { body: '{"amount":1000,"currency":"EUR"}', want: 200 },
      { body: '{"amount":1000.01,"currency":"EUR"}', want: 403 },
      { body: '{"amount":10,"currency":"USD"}', want: 403 },
      { body: '{"amount":10,"currency":"EUR","items":[{"quantity":1},{"quantity":0}]}', want: 403 },
      { body: '{"amount":10,"currency":"EUR"', want: 403 },
      { body: "", want: 403 },
      { body: '{"amount":"10","currency":"EUR"}', want: 403 },
      { body: `{"amount":10,"currency":"EUR","note":"${"x".repeat(60_000)}"}`, want: 200 },
      { body: `{"amount":10,"currency":"EUR","note":"${"x".repeat(70_000)}"}`, want: 413 },
    ];
    for (const { body, want } of bodyCases) {
      test(`${want}: ${body.slice(0, 70)} (${body.length} bytes)`, async () => {
        const response = await fetch(`${guarded.url}/transfer`, { method: "POST", body });
        assert.equal(response.status, want, await response.text());
      });
    }
  });

  suite(`many at once behind a real Envoy, ${transport}`, { skip }, () => {
    const message = "no ".repeat(60_000);
    const policy = join(mkdtempSync(join(tmpdir(), "ostiary-e2e-")), "large.yaml");
    writeFileSync(policy, onlyGet(message));
    let application: Awaited<ReturnType<typeof startApplication>>;
    let ostiary: ChildServer;
    let guarded: RunningEnvoy;
    before(async () => {
      application = await startApplication();
      // So many at once may wait longer than a second on a busy machine.
      ostiary = await startOstiary([`--policy=${policy}`, transport, "--deadline-ms=20000"]);
      const ports = { ostiary: doorPort(ostiary, "grpc"), application: application.port };
      guarded = await startEnvoy(binary, ports, (config) =>
        config.replaceAll(/timeout: [\d.]+s/g, "timeout: 20s"),
      );
    });
    after(async () => {
      await guarded.stop();
      await ostiary.stop();
      application.server.close();
    });

    test("each of 400 is answered with what is its own, large denials among them", async () => {
      const answers = await Promise.all(
        Array.from({ length: 400 }, async (_, i) => {
          const method = i % 10 === 0 ? "POST" : "GET";
          const response = await fetch(`${guarded.url}/${i}`, { method });
          return [response.status, await response.text()];
        }),
      );
      const want = Array.from({ length: 400 }, (_, i) =>
        i % 10 === 0 ? [403, message] : [200, `GET /${i} `],
      );
      assert.deepEqual(answers, want);
    });
  });

  suite(`Ostiary out of reach, ${transport}`, { skip }, () => {
    test("Envoy answers 403 while Ostiary is stopped, and asks again once it is back", async () => {
      const application = await startApplication();
      const port = await freePort();
      const args = ["--policy=policies/book.yaml", transport, `--address=127.0.0.1:${port}`];
      let ostiary = await startOstiary(args);
      const guarded = await startEnvoy(binary, { ostiary: port, application: application.port });
      const get = async (): Promise<number> =>
        (await fetch(`${guarded.url}/book`, { headers: admin })).status;
      try {
        assert.equal(await get(), 200);
        assert.equal(await ostiary.stop(), 0);
        assert.equal(await get(), 403);
        assert.equal(await get(), 403);
        ostiary = await startOstiary(args);
        let status = await get();
        for (let i = 0; i < 50 && status !== 200; i++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          status = await get();
        }
        assert.equal(status, 200);
      } finally {
        await guarded.stop();
        await ostiary.stop();
        application.server.close();
      }
    });
  });
}

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { findEnvoy } from "../support/find-envoy.ts";
import { listeningPort } from "../support/listening-port.ts";
import { type RunningEnvoy, startEnvoy } from "../support/start-envoy.ts";

const envoy = await findEnvoy();
const binary = "path" in envoy ? envoy.path : "";
const skip = "missing" in envoy ? envoy.missing : false;

/** Lets in GET, and POST with a body whose `ok` is true. */
const policy = `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: methods-and-bodies }
spec:
  rules:
    - name: get
      match: { any: [{ request: { http: { method: GET } } }] }
      assert: { all: [{ check: { request: { http: { method: GET } } } }] }
    - name: post
      match: { any: [{ request: { http: { method: POST } } }] }
      assert: { all: [{ check: { request: { http: { (json_parse(body).ok): true } } } }] }
`;

/** Traces with the client's own \`tracestate\`, which goes into the metadata of the Check call. */
const tracing = `
                tracing:
                  provider:
                    name: envoy.tracers.opentelemetry
                    typed_config:
                      "@type": type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig
                      grpc_service: { envoy_grpc: { cluster_name: ostiary }, timeout: 0.2s }
                      service_name: guarded`;

/** Errors let in, as they must never be brought about; bodies of a megabyte are shown. */
function provoke(config: string, timeout: string): string {
  return config
    .replace("failure_mode_allow: false", "failure_mode_allow: true")
    .replace("timeout: 0.2s", `timeout: ${timeout}`)
    .replace("max_request_bytes: 65536", "max_request_bytes: 2097152")
    .replace(
      "                stat_prefix: guarded",
      `                stat_prefix: guarded${tracing}`,
    );
}

suite("clients that attack Ostiary through an honest Envoy", { skip }, () => {
  let application: Server;
  let ostiary: ChildServer;
  let guarded: RunningEnvoy;
  before(async () => {
    application = createServer({ maxHeaderSize: 131_072 }, (request, response) => {
      request.resume();
      request.on("end", () => response.end("reached"));
    });
    const path = join(mkdtempSync(join(tmpdir(), "ostiary-e2e-")), "policy.yaml");
    writeFileSync(path, policy);
    const port = await listeningPort(application);
    ostiary = await startOstiary([
      `--policy=${path}`,
      // So few that a short test goes far over the limit.
      "--http2-max-resets=20",
      // One worker, and times that a busy machine keeps.
      "--workers=1",
      "--deadline-ms=10000",
      "--deadline-margin-ms=800",
    ]);
    guarded = await startEnvoy(
      binary,
      { ostiary: doorPort(ostiary, "grpc"), application: port },
      (config) => provoke(config, "2s"),
    );
  });
  after(async () => {
    await guarded.stop();
    await ostiary.stop();
    application.close();
  });

  const get = async (headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(guarded.url, { headers })).status;
  const post = async (body: string): Promise<number> =>
    (await fetch(guarded.url, { method: "POST", body })).status;

  async function total(filter: string): Promise<number> {
    return Object.values(await guarded.stats(filter)).reduce((sum, value) => sum + value, 0);
  }

  test("what is let in and what is not", async () => {
    assert.deepEqual([await get(), await post('{"ok":true}'), await post("{}")], [200, 200, 403]);
  });

  for (const kilobytes of [1, 20, 55]) {
    test(`a tracestate of ${kilobytes} KB reaches the door and is judged`, async () => {
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      const headers = { traceparent, tracestate: `a=${"t".repeat(kilobytes * 1_024)}` };
      assert.equal(await get(headers), 200);
      const denied = await fetch(guarded.url, { method: "POST", headers, body: "{}" });
      assert.equal(denied.status, 403);
      assert.equal(await total("ext_authz.error"), 0);
    });
  }

  test("clients that reset their requests harm nobody else", async () => {
    const port = Number(new URL(guarded.url).port);
    const end = performance.now() + 3_000;
    const attack = async (): Promise<void> => {
      while (performance.now() < end) {
        await new Promise<void>((resolve) => {
          const socket = connect(port, "127.0.0.1");
          socket.on("error", () => {});
          socket.on("close", resolve);
          socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n", () => {
            setImmediate(() => socket.resetAndDestroy());
          });
        });
        // A thousand a second or so of all of them: the machine is to have time left for the honest one.
        await sleep(6);
      }
    };
    const honest = async (): Promise<number[]> => {
      const statuses: number[] = [];
      while (performance.now() < end) statuses.push(await get());
      return statuses;
    };
    const [statuses] = await Promise.all([honest(), ...Array.from({ length: 8 }, attack)]);
    assert.deepEqual(new Set(statuses), new Set([200]));
    const reset = await total("cluster.ostiary.upstream_rq_tx_reset");
    assert.ok(reset > 50, `Envoy passed ${reset} on: this test shows nothing`);
    assert.equal(await total("ext_authz.error"), 0);
  });

  const hostileBodies = {
    "many small keys": `{${Array.from({ length: 75_000 }, (_, i) => `"key${i}":1`).join()},"ok":true}`,
    "nested arrays": `{"a":${"[".repeat(450_000)}${"]".repeat(450_000)},"ok":true}`,
  };
  for (const [name, body] of Object.entries(hostileBodies)) {
    test(`bodies of ${name} are judged, or denied before Envoy's timeout, and never an error`, async () => {
      assert.ok(body.length > 890_000 && body.length < 1_048_576);
      // More than a worker is through with in time.
      const answers = await Promise.all(
        Array.from({ length: 40 }, async () => {
          const response = await fetch(guarded.url, { method: "POST", body });
          const text = await response.text();
          return `${response.status} ${response.headers.get("retry-after")} ${text}`;
        }),
      );
      const possible = new Set([
        "200 null reached",
        "403 null the request could not be evaluated",
        "503 1 no decision before the deadline",
      ]);
      assert.deepEqual(
        answers.filter((answer) => !possible.has(answer)),
        [],
      );
      assert.equal(await total("ext_authz.error"), 0);
      const hasDenials = answers.some((answer) => !answer.startsWith("200"));
      assert.ok(hasDenials, "all were judged in time: this test shows nothing");
    });
  }
});

import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { CheckResponseSchema } from "../../src/gen/envoy/service/auth/v3/external_auth_pb.ts";
import { encodeCheckRequest } from "../support/check-request-bytes.ts";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { createRawGrpcClient } from "../support/raw-grpc-client.ts";

/** HTTP by its host, whatever the path; TCP by its source. */
const policy = join(mkdtempSync(join(tmpdir(), "ostiary-requests-")), "policy.yaml");
writeFileSync(
  policy,
  `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: requests }
spec:
  rules:
    - name: http
      match: { any: [{ (request.http != null): true }] }
      assert: { all: [{ check: { request: { http: { host: admin.example } } } }] }
    - name: tcp
      match: { any: [{ (request.http == null): true }] }
      assert: { all: [{ check: { source: { address: { socketAddress: { address: 10.0.0.7 } } } } }] }
`,
);

type Attributes = Exclude<Parameters<typeof encodeCheckRequest>[0], string | number | boolean>;

const checkPath = "/envoy.service.auth.v3.Authorization/Check";
const host = "admin.example";
const httpCheck = (http: Attributes): Attributes => ({ request: { http } });
const tcpCheck = (address: string): Attributes => ({
  source: { address: { socketAddress: { address, portValue: 4_321 } } },
  destination: { address: { socketAddress: { address: "10.0.0.9", portValue: 5_432 } } },
});

interface Server {
  readonly child: ChildServer;
  /** The code of the check's status. */
  check(attributes: Attributes): Promise<number | undefined>;
  /** The status of the HTTP door's answer to such a target. */
  get(target: string, host?: string): Promise<number>;
  metrics(): Promise<string>;
  stop(): Promise<void>;
}

async function start(...args: readonly string[]): Promise<Server> {
  const http = ["--http-address=127.0.0.1:0", "--http-form=direct", "--workers=0"];
  const child = await startOstiary([`--policy=${policy}`, ...http, ...args]);
  const client = createRawGrpcClient(`127.0.0.1:${doorPort(child, "grpc")}`);
  const httpPort = doorPort(child, "http");
  return {
    child,
    check: async (attributes) => {
      const { message } = await client.call(checkPath, encodeCheckRequest({ attributes }));
      assert.ok(message !== undefined);
      return fromBinary(CheckResponseSchema, message).status?.code;
    },
    get: async (target, name = host) =>
      await new Promise((resolve, reject) => {
        let text = "";
        const socket = connect(httpPort, "127.0.0.1");
        socket.on("data", (chunk) => {
          text += chunk.toString("latin1");
        });
        socket.on("error", reject);
        socket.on("close", () => {
          resolve(Number(text.split(" ")[1]));
        });
        socket.write(`GET ${target} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`);
      }),
    metrics: async () =>
      await (await fetch(`http://127.0.0.1:${doorPort(child, "admin")}/metrics`)).text(),
    stop: async () => {
      client.close();
      await child.stop();
    },
  };
}

const secretPath = "/s3cret/%2561dmin";

suite("as it is", () => {
  let server: Server;
  before(async () => {
    server = await start("--log-level=debug");
  });
  after(async () => {
    await server.stop();
  });

  test("the HTTP door refuses ambiguous paths, the gRPC door leaves them to Envoy", async () => {
    assert.equal(await server.get("/a"), 200);
    assert.equal(await server.get("/%61"), 400);
    assert.equal(await server.get("/a#.png"), 400);
    assert.equal(await server.check(httpCheck({ host, path: "/%61" })), 0);
    assert.match(
      await server.metrics(),
      /ostiary_checks_total\{door="http",decision="deny",reason="ambiguous-path"\} 2/,
    );
  });

  test("hosts have one form at both doors", async () => {
    for (const name of ["ADMIN.example", "admin.example.", "Admin.Example."]) {
      assert.equal(await server.get("/", name), 200);
      assert.equal(await server.check(httpCheck({ host: name })), 0);
    }
    assert.equal(await server.check(httpCheck({ host: "admin.example:443", scheme: "https" })), 0);
    assert.equal(await server.check(httpCheck({ host: "admin.example:443", scheme: "http" })), 7);
    assert.equal(await server.get("/", "admin.example:80"), 403);
    assert.equal(await server.check(httpCheck({ host: "x@admin.example" })), 3);
    assert.equal(await server.get("/", "x@admin.example"), 400);
  });

  test("a request without http is denied as a bad one", async () => {
    assert.equal(await server.check(tcpCheck("10.0.0.7")), 3);
  });

  test("a debug line says why a request could not be read, and nothing of its content", async () => {
    assert.equal(await server.get(secretPath), 400);
    assert.equal(await server.check(httpCheck({ host: "s3cret@x" })), 3);
    await server.child.waitFor(/request not read door=http code=REQUEST_AMBIGUOUS_PATH/);
    await server.child.waitFor(
      /request not read door=grpc code=REQUEST_MALFORMED detail="the host/,
    );
    await server.child.waitFor(/request not read door=grpc code=REQUEST_WITHOUT_HTTP/);
    assert.doesNotMatch(server.child.output(), /s3cret/);
  });
});

suite("with --accept-tcp and the path policies the other way round", () => {
  let server: Server;
  before(async () => {
    server = await start("--accept-tcp", "--grpc-path-policy=refuse", "--http-path-policy=raw");
  });
  after(async () => {
    await server.stop();
  });

  test("connections are judged by what is known of them", async () => {
    assert.equal(await server.check(tcpCheck("10.0.0.7")), 0);
    assert.equal(await server.check(tcpCheck("203.0.113.9")), 7);
    assert.equal(await server.check(httpCheck({ host, path: "/" })), 0);
  });

  test("each door has its own path policy", async () => {
    assert.equal(await server.check(httpCheck({ host, path: "/%61" })), 3);
    assert.equal(await server.get("/%61"), 200);
  });

  test("nothing is logged of it at the usual level", () => {
    assert.doesNotMatch(server.child.output(), /request not read/);
  });
});

suite("with --compat", () => {
  let server: Server;
  before(async () => {
    server = await start("--compat=kyverno-envoy-plugin");
  });
  after(async () => {
    await server.stop();
  });

  test("hosts are as the client sent them, paths are refused all the same", async () => {
    assert.equal(await server.check(httpCheck({ host })), 0);
    assert.equal(await server.check(httpCheck({ host: "ADMIN.example" })), 7);
    assert.equal(await server.check(httpCheck({ host: "x@admin.example" })), 7);
    assert.equal(await server.get("/", "ADMIN.example"), 403);
    assert.equal(await server.get("/%61"), 400);
  });

  test("a request without http is judged, as the original did", async () => {
    assert.equal(await server.check(tcpCheck("10.0.0.7")), 0);
  });
});

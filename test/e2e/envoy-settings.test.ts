import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { findEnvoy } from "../support/find-envoy.ts";
import { listeningPort } from "../support/listening-port.ts";
import { type RunningEnvoy, startEnvoy } from "../support/start-envoy.ts";

const envoy = await findEnvoy();
const binary = "path" in envoy ? envoy.path : "";
const skip = "missing" in envoy ? envoy.missing : false;

interface Deployment {
  readonly ostiary: ChildServer;
  readonly guarded: RunningEnvoy;
  readonly application: Server;
  /** The targets that reached the application. */
  readonly reached: string[];
}

async function deploy(
  args: readonly string[],
  edit: (config: string) => string = (config) => config,
): Promise<Deployment> {
  const reached: string[] = [];
  const application = createServer((request, response) => {
    reached.push(request.url ?? "");
    response.end("reached");
  });
  const ostiary = await startOstiary([...args, "--workers=0"]);
  const ports = {
    ostiary: doorPort(ostiary, "grpc"),
    application: await listeningPort(application),
  };
  return { ostiary, application, reached, guarded: await startEnvoy(binary, ports, edit) };
}

async function stop({ ostiary, guarded, application }: Deployment): Promise<void> {
  await guarded.stop();
  await ostiary.stop();
  application.close();
}

/** The status of the answer to a target that is sent as it is; 0 when the connection ends without one. */
async function get({ guarded }: Deployment, target: string): Promise<number> {
  return await new Promise((resolve) => {
    let text = "";
    const socket = connect(Number(new URL(guarded.url).port), "127.0.0.1");
    socket.setEncoding("latin1");
    socket.on("data", (chunk: string) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      resolve(Number(text.split(" ")[1] ?? 0));
    });
    socket.write(
      `GET ${target} HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n`,
      "latin1",
    );
  });
}

/** Each of them some application takes for `/products/admin…`. */
const tricks = [
  "/products/%61dmin/stock",
  "/products/x/%2e%2e/admin/stock",
  "/static/%2e%2e/products/admin/stock",
  "/static/..%2fproducts/admin/stock",
  "/static/..%5cproducts%5cadmin",
  "/static/..\\products\\admin",
  "//products/admin",
  "/products//admin",
  "/products/./admin",
  "/products%2fadmin",
  "/static/..;/products/admin",
  "/products/%2561dmin",
  "/products/admin%00",
  "/products/%c0%ae%c0%ae/products/admin",
  "/products/admin#/../static/x",
];

suite("paths behind a real Envoy set up as the example", { skip }, () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await deploy(["--policy=policies/paths.yaml"]);
  });
  after(async () => {
    await stop(deployment);
  });

  test("no spelling of a path for administrators reaches the application from outside", async () => {
    for (const target of tricks) assert.notEqual(await get(deployment, target), 200, target);
    assert.deepEqual(deployment.reached, []);
    assert.equal(await get(deployment, "/products/7?x=%2e%2e"), 200);
    assert.deepEqual(deployment.reached, ["/products/7?x=%2e%2e"]);
  });
});

suite("paths behind a real Envoy that does not normalize them", { skip }, () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await deploy(
      ["--policy=policies/paths.yaml", "--grpc-path-policy=refuse"],
      (config) =>
        config.replaceAll(
          /^ *(?:normalize_path|merge_slashes|path_with_escaped_slashes_action):.*\n/gm,
          "",
        ),
    );
  });
  after(async () => {
    await stop(deployment);
  });

  test("--grpc-path-policy=refuse denies each of them with 400", async () => {
    for (const target of tricks) assert.equal(await get(deployment, target), 400, target);
    assert.deepEqual(deployment.reached, []);
    assert.equal(await get(deployment, "/products/7"), 200);
  });
});

/** The example's listener with the network filter in place of the HTTP one. */
function judgeConnections(config: string): string {
  const start = config.indexOf("- name: envoy.filters.network.http_connection_manager");
  const end = config.indexOf("  clusters:");
  assert.ok(start > 0 && end > start);
  return `${config.slice(0, start)}- name: envoy.filters.network.ext_authz
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.ext_authz.v3.ExtAuthz
                stat_prefix: tcp
                transport_api_version: V3
                grpc_service: { envoy_grpc: { cluster_name: ostiary }, timeout: 5s }
                failure_mode_allow: false
            - name: envoy.filters.network.tcp_proxy
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                stat_prefix: tcp
                cluster: application
${config.slice(end)}`;
}

/** A policy that lets in connections from this address. */
function policyFor(address: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "ostiary-tcp-")), "tcp.yaml");
  writeFileSync(
    path,
    `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: tcp }
spec:
  rules:
    - name: from-here
      assert:
        all:
          - check: { source: { address: { socketAddress: { address: ${address} } } } }
`,
  );
  return `--policy=${path}`;
}

suite("connections behind envoy.filters.network.ext_authz", { skip }, () => {
  const cases = [
    {
      name: "let through with --accept-tcp",
      args: [policyFor("127.0.0.1"), "--accept-tcp"],
      want: 200,
    },
    { name: "cut when the policy says so", args: [policyFor("10.0.0.7"), "--accept-tcp"], want: 0 },
    { name: "cut without --accept-tcp", args: [policyFor("127.0.0.1")], want: 0 },
  ];
  for (const { name, args, want } of cases) {
    test(name, async () => {
      const deployment = await deploy(args, judgeConnections);
      try {
        assert.equal(await get(deployment, "/x"), want);
        assert.deepEqual(deployment.reached, want === 200 ? ["/x"] : []);
        const stats = await deployment.guarded.stats("ext_authz.tcp");
        assert.equal(stats["ext_authz.tcp.error"], 0);
        assert.equal(stats["ext_authz.tcp.denied"], want === 200 ? 0 : 1);
      } finally {
        await stop(deployment);
      }
    });
  }
});

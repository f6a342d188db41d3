import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { type ChildServer, doorPort, startOstiary } from "../support/child-server.ts";
import { requireTool } from "../support/find-command.ts";
import { findEnvoy } from "../support/find-envoy.ts";
import { findCaddy, findHaproxy, findNginx, findTraefik } from "../support/find-proxies.ts";
import { listeningPort } from "../support/listening-port.ts";
import {
  type RunningProxy,
  type StartProxy,
  startCaddy,
  startEnvoyHttp,
  startHaproxy,
  startIngressNginx,
  startNginx,
  startTraefik,
} from "../support/start-proxy.ts";

/** What is public may be read at the shop; all else is denied, since no rule applies. */
const policyText = `
apiVersion: json.kyverno.io/v1alpha1
kind: ValidatingPolicy
metadata: { name: shop }
spec:
  rules:
    - name: public-may-be-read
      match:
        any:
          - (starts_with(request.http.path, '/public/')): true
      assert:
        all:
          - message: only GET at the shop
            check: { request: { http: { method: GET, host: shop.example } } }
    - name: websockets-only-from-our-pages
      match:
        any:
          - (lower(not_null(request.http.headers.upgrade, ''))): websocket
          - (not_null(request.http.headers."sec-websocket-key", '') != ''): true
      assert:
        all:
          - message: websockets are for our own pages
            check: { request: { http: { headers: { origin: https://shop.example } } } }
    - name: orders-are-small
      match:
        any: [{ request: { http: { path: /orders } } }]
      assert:
        all:
          - message: an order has a small amount
            check:
              request:
                http:
                  method: POST
                  (json_parse(body).amount < \`100\`): true
`;
const policy = join(mkdtempSync(join(tmpdir(), "ostiary-proxies-")), "shop.yaml");
writeFileSync(policy, policyText);

interface Reached {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** An application that keeps what reaches it. */
async function startApplication() {
  const reached: Reached[] = [];
  const server: Server = createServer(({ method, url, headers }, response) => {
    reached.push({ method, url, headers });
    response.end("application");
  });
  return { server, reached, port: await listeningPort(server) };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Sends the bytes and resolves with the status and the text of the answer; 0 where the connection ended without one. */
async function send(port: number, bytes: string): Promise<Answer> {
  return await new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1");
    socket.setEncoding("latin1");
    const timer = setTimeout(() => socket.destroy(), 5_000);
    socket.on("data", (chunk: string) => {
      text = (text + chunk).replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "");
      const length = Number(/^content-length: (\d+)\r$/im.exec(text)?.[1] ?? Infinity);
      const end = text.indexOf("\r\n\r\n");
      if (end >= 0 && text.length >= end + 4 + length) socket.end();
    });
    socket.on("error", () => {
      // A connection that is cut has no answer, which is what it is taken for below.
    });
    socket.on("close", () => {
      clearTimeout(timer);
      resolve({ status: Number(/^HTTP\/1\.\d (\d{3})/.exec(text)?.[1] ?? 0), text });
    });
    socket.write(bytes, "latin1");
  });
}

interface Request {
  readonly target?: string;
  readonly method?: string;
  readonly host?: string;
  readonly lines?: readonly string[];
  readonly body?: string;
}

function encode({
  target = "/public/x",
  method = "GET",
  host = "shop.example",
  lines = [],
  body = "",
}: Request): string {
  const head = [
    `${method} ${target} HTTP/1.1`,
    `Host: ${host}`,
    "Connection: close",
    ...lines,
    ...(body === "" ? [] : [`Content-Length: ${body.length}`]),
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** What a client says to be judged by something else than what it asks for. */
const claims: readonly (readonly string[])[] = [
  ["X-Original-URI: /public/x"],
  ["X-Original-URL: http://shop.example/public/x"],
  ["X-Original-URL: /public/x"],
  ["X-Original-Method: GET"],
  ["X-Forwarded-Uri: /public/x"],
  ["X-Forwarded-Method: GET"],
  ["X-Forwarded-Host: shop.example"],
  ["X-Forwarded-Prefix: /public"],
  ["X-Rewrite-URL: /public/x"],
  ["X-HTTP-Method-Override: GET"],
  ["Connection: close, X-Forwarded-Uri, X-Forwarded-Method, X-Original-URI, X-Original-Method"],
];
const allClaims = claims.slice(0, -1).flat();

/** Whether the policy is about such a request and lets it in: some proxies turn a trick into what is public, and judge that. */
function isPublic({ method, url = "", headers: { host = "" } }: Reached): boolean {
  return (
    method === "GET" &&
    /^\/public\/\w*(?:%23[\w/]*)?$/.test(url) &&
    /^shop\.example(?::80)?$/.test(host)
  );
}

/** None of these may reach the application but as what is public, whatever the proxy makes of it. */
const refused: readonly { readonly name: string; readonly bytes: string }[] = [
  { name: "another path", bytes: encode({ target: "/secret" }) },
  { name: "another method", bytes: encode({ method: "POST" }) },
  { name: "a method in small letters", bytes: encode({ method: "get" }) },
  { name: "another host", bytes: encode({ host: "other.example" }) },
  { name: "a host with a user", bytes: encode({ host: "other@shop.example" }) },
  {
    name: "a user and a port of the shop's name",
    bytes: encode({ host: "shop.example:80@other" }),
  },
  { name: "a list of hosts", bytes: encode({ host: "shop.example,other" }) },
  { name: "two hosts", bytes: encode({ lines: ["Host: other.example"] }) },
  { name: "no host", bytes: "GET /public/x HTTP/1.1\r\nConnection: close\r\n\r\n" },
  { name: "no host in HTTP/1.0", bytes: "GET /public/x HTTP/1.0\r\n\r\n" },
  {
    name: "an absolute target of another host",
    bytes: encode({ target: "http://other.example/public/x" }),
  },
  ...[
    "/public/../secret",
    "/public/%2e%2e/secret",
    "/public/..%2fsecret",
    "/public/..\\secret",
    "/public/..;/secret",
    "/public//../secret",
    "/public/%2561",
    "/public/%00",
    "/secret#/../public/x",
    "/secret?/public/",
    "//public/x",
    "/%70ublic/x",
    "/public/x#/secret",
    "/Public/x",
  ].map((target) => ({ name: `the target ${target}`, bytes: encode({ target }) })),
  ...[...claims, allClaims].flatMap((lines) => [
    { name: `${lines.join(", ")} on another path`, bytes: encode({ target: "/secret", lines }) },
    { name: `${lines.join(", ")} on another method`, bytes: encode({ method: "POST", lines }) },
    {
      name: `${lines.join(", ")} on another host`,
      bytes: encode({ host: "other.example", lines }),
    },
  ]),
  {
    name: "a WebSocket of another page",
    bytes: encode({
      lines: [
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Origin: https://evil.example",
      ],
    }).replace("Connection: close\r\n", ""),
  },
  {
    name: "an order that is too large",
    bytes: encode({ target: "/orders", method: "POST", body: '{"amount":100}' }),
  },
  {
    name: "an order of megabytes",
    bytes: encode({
      target: "/orders",
      method: "POST",
      body: `{"amount":1,"x":"${"x".repeat(3_000_000)}"}`,
    }),
  },
];

const allowed: readonly { readonly name: string; readonly request: Request }[] = [
  { name: "what is public", request: {} },
  { name: "with a query", request: { target: "/public/x?a=b&c=%2F" } },
  { name: "with escapes that mean one thing", request: { target: "/public/a%20b" } },
  { name: "with the host in capitals", request: { host: "SHOP.example" } },
  {
    name: "with headers and cookies",
    request: { lines: ["Cookie: a=b", "Accept: */*", "Range: bytes=0-1"] },
  },
];

interface Setup {
  readonly name: string;
  readonly tool: { readonly path: string; readonly skip: string | false };
  readonly start: StartProxy;
  readonly args: readonly string[];
  /** Whether bodies are judged. */
  readonly seesBodies: boolean;
  /** The statuses that a denial may have. */
  readonly denials: readonly number[];
}

/** Servers by their arguments: proxies of one form share one. */
const servers = new Map<string, Promise<ChildServer>>();

async function sharedOstiary(args: readonly string[]): Promise<ChildServer> {
  const key = args.join(" ");
  const door = ["--http-address=127.0.0.1:0", "--workers=1", "--deadline-ms=5000"];
  const started = servers.get(key) ?? startOstiary([`--policy=${policy}`, ...door, ...args]);
  servers.set(key, started);
  return await started;
}

after(async () => {
  for (const started of servers.values()) assert.equal(await (await started).stop(), 0);
});

const envoy = requireTool(await findEnvoy());
const direct = ["--http-form=direct", "--http-path-prefix=/authz"];
const nginx = requireTool(findNginx());
const setups: readonly Setup[] = [
  {
    name: "nginx",
    tool: nginx,
    start: startNginx,
    args: ["--http-form=original"],
    seesBodies: false,
    denials: [403],
  },
  {
    name: "ingress-nginx's nginx",
    tool: nginx,
    start: startIngressNginx,
    args: ["--http-form=ingress-nginx"],
    seesBodies: false,
    denials: [403],
  },
  {
    name: "HAProxy",
    tool: requireTool(findHaproxy()),
    start: startHaproxy,
    args: ["--http-form=forwarded"],
    seesBodies: false,
    denials: [400, 403],
  },
  {
    name: "Caddy",
    tool: requireTool(await findCaddy()),
    start: startCaddy,
    args: ["--http-form=forwarded"],
    seesBodies: false,
    denials: [400, 403],
  },
  {
    name: "Traefik",
    tool: requireTool(await findTraefik()),
    start: startTraefik,
    args: ["--http-form=forwarded"],
    seesBodies: true,
    denials: [400, 401, 403],
  },
  {
    name: "Envoy's HTTP service",
    tool: envoy,
    start: startEnvoyHttp,
    args: direct,
    seesBodies: true,
    denials: [400, 403, 413],
  },
];

for (const { name: proxyName, tool, start, args, seesBodies, denials } of setups) {
  suite(`behind ${proxyName}`, { skip: tool.skip }, () => {
    let application: Awaited<ReturnType<typeof startApplication>>;
    let proxy: RunningProxy | undefined;
    before(async () => {
      application = await startApplication();
      const ostiary = await sharedOstiary(args);
      const ports = { ostiary: doorPort(ostiary, "http"), application: application.port };
      proxy = await start(tool.path, ports);
    });
    const ask = async (bytes: string): Promise<Answer> => await send(proxy?.port ?? 0, bytes);

    after(async () => {
      await proxy?.stop();
      application.server.close();
    });

    for (const { name, request } of allowed) {
      test(`${name} is let in, as it was asked for`, async () => {
        application.reached.length = 0;
        const { status, text } = await ask(encode(request));
        assert.equal(status, 200, text);
        const [seen] = application.reached;
        assert.deepEqual(
          [application.reached.length, seen?.method, seen?.url],
          [1, request.method ?? "GET", request.target ?? "/public/x"],
        );
      });
    }

    for (const { name, bytes } of refused) {
      test(`${name.slice(0, 150)} is kept out`, async () => {
        application.reached.length = 0;
        const { status, text } = await ask(bytes);
        const { reached } = application;
        if (reached.length === 0) assert.ok(status >= 300 && status < 500, `${status} ${text}`);
        assert.ok(reached.every(isPublic), JSON.stringify(reached));
      });
    }

    test("OPTIONS * is not handed on, whoever answers it", async () => {
      application.reached.length = 0;
      await ask(encode({ target: "*", method: "OPTIONS" }));
      assert.deepEqual(application.reached, []);
    });

    test("a denial has a status that says so", async () => {
      for (const bytes of [encode({ target: "/secret" }), encode({ target: "/public/%2561" })]) {
        const { status } = await ask(bytes);
        assert.ok(denials.includes(status), String(status));
      }
    });

    test(`a body ${seesBodies ? "is" : "is not"} judged`, async () => {
      application.reached.length = 0;
      const body = '{"amount":99}';
      const { status } = await ask(encode({ target: "/orders", method: "POST", body }));
      assert.equal(status === 200, seesBodies);
      assert.equal(application.reached.length, seesBodies ? 1 : 0);
    });
  });
}

suite("Envoy's HTTP service that lets errors pass", {
  skip: requireTool(await findEnvoy()).skip,
}, () => {
  let application: Awaited<ReturnType<typeof startApplication>>;
  let proxy: RunningProxy | undefined;
  before(async () => {
    application = await startApplication();
    const ports = {
      ostiary: doorPort(await sharedOstiary(direct), "http"),
      application: application.port,
    };
    proxy = await startEnvoyHttp(envoy.path, ports, true);
  });
  after(async () => {
    await proxy?.stop();
    application.server.close();
  });

  const order = (bytes: number, lines: readonly string[] = []): string =>
    encode({ target: "/orders", method: "POST", lines, body: "x".repeat(bytes) });
  const cases = [
    { name: "bodies of 6 MB", bytes: order(6_000_000), times: 15 },
    { name: "bodies just over the limit", bytes: order(1_048_577), times: 15 },
    {
      name: "bodies of 6 MB for which the client waits",
      bytes: order(6_000_000, ["Expect: 100-continue"]),
      times: 3,
    },
    {
      name: "headers of another form",
      bytes: order(1_000_000, ["X-Original-URL: /public/x"]),
      times: 5,
    },
    {
      name: "an ambiguous path with a body",
      bytes: encode({ target: "/a%2561", method: "POST", body: "x".repeat(1_000_000) }),
      times: 5,
    },
    {
      name: "headers of 55 KB",
      bytes: encode({
        target: "/secret",
        lines: Array.from({ length: 55 }, (_, i) => `X-${i}: ${"x".repeat(1_000)}`),
      }),
      times: 5,
    },
  ];
  for (const { name, bytes, times } of cases) {
    test(`${name}: ${times} of ${times} are denied`, async () => {
      application.reached.length = 0;
      const statuses: number[] = [];
      for (let i = 0; i < times; i++) statuses.push((await send(proxy?.port ?? 0, bytes)).status);
      assert.deepEqual(application.reached, []);
      assert.ok(
        statuses.every((status) => status === 400 || status === 403),
        statuses.join(),
      );
    });
  }
});

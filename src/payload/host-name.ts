import { isIPv6 } from "node:net";
import { formatIpv6 } from "./socket-address.ts";

/** A host that is in its normal form as it is: no port, and no upper case, final dot or empty label. */
const plainHost = /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$/;
/** An IPv6 address in brackets or a name, and the port. */
const hostAndPort = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._~!$&'()*+;=-]+))(?::([0-9]*))?$/;
const emptyLabel = /^\.|\.\./;

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["http", 80],
  ["ws", 80],
  ["https", 443],
  ["wss", 443],
]);

/** Results by host, since clients ask for the same few again and again. */
const known = new Map<string, { readonly scheme: string; readonly normal: string }>();
const MAX_KNOWN = 256;
/** Longer hosts are not kept: they may be parts of a message's text, which they would keep as well. */
const MAX_KNOWN_LENGTH = 64;

/**
 * Returns the one form of a host that rules compare with: lower case, without the final dot, without the default port
 * of the scheme (RFC 3986 section 6.2.3). Undefined for what is no host and port: user information, lists, escapes.
 *
 * @param scheme empty when it is unknown: no port is the default one then
 */
export function normalizeHost(host: string, scheme: string): string | undefined {
  const found = known.get(host);
  if (found !== undefined && found.scheme === scheme) return found.normal;
  const normal = plainHost.test(host) ? host : buildNormalForm(host, scheme);
  if (normal !== undefined && host.length <= MAX_KNOWN_LENGTH) {
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(host, { scheme, normal });
  }
  return normal;
}

function buildNormalForm(host: string, scheme: string): string | undefined {
  // Only what is ASCII has the lower case that every reader agrees on.
  const [, literal, name, port = ""] = hostAndPort.exec(host.replace(/[A-Z]+/g, toLower)) ?? [];
  const plain = literal === undefined ? normalizeName(name ?? "") : normalizeLiteral(literal);
  const number = Number(port);
  if (plain === undefined || number > 65_535) return undefined;
  const isDefault = port === "" || number === defaultPorts.get(scheme.toLowerCase());
  return isDefault ? plain : `${plain}:${number}`;
}

function toLower(text: string): string {
  return text.toLowerCase();
}

function normalizeName(name: string): string | undefined {
  const plain = name.endsWith(".") ? name.slice(0, -1) : name;
  return plain === "" || emptyLabel.test(plain) || plain.endsWith(".") ? undefined : plain;
}

function normalizeLiteral(literal: string): string | undefined {
  return isIPv6(literal) ? `[${formatIpv6(literal)}]` : undefined;
}

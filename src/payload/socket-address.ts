import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** An IP address in its usual form, and the port if there is one. */
export interface IpEndpoint {
  readonly address: string;
  readonly portValue?: number;
}

/** An address in brackets, or one without colons, each with or without a port. */
const withPort = /^(?:\[([^[\]]+)\]|([^[\]:]+))(?::([0-9]{1,5}))?$/;
const mappedPrefix = "::ffff:";

/**
 * Returns the address that the text is: IPv4 or IPv6, with or without brackets and port, an IPv4 address mapped into
 * IPv6 as IPv4. Undefined for anything else, such as a name, a zone or a port out of range.
 */
export function parseIpEndpoint(text: string): IpEndpoint | undefined {
  if (isIPv6(text)) return withoutZone(text);
  const [, literal, plain = "", port] = withPort.exec(text) ?? [];
  const isAddress = literal === undefined ? isIPv4(plain) : isIPv6(literal);
  if (!isAddress) return undefined;
  const endpoint = literal === undefined ? { address: plain } : withoutZone(literal);
  if (port === undefined) return endpoint;
  const portValue = Number(port);
  return endpoint && portValue <= 65_535 ? { ...endpoint, portValue } : undefined;
}

/** Returns an IPv6 address as RFC 5952 writes it. */
export function formatIpv6(text: string): string {
  return new SocketAddress({ address: text, family: "ipv6" }).address;
}

function withoutZone(text: string): IpEndpoint | undefined {
  if (text.includes("%")) return undefined;
  const address = formatIpv6(text);
  const mapped = address.slice(mappedPrefix.length);
  return { address: address.startsWith(mappedPrefix) && isIPv4(mapped) ? mapped : address };
}

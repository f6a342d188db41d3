import { formatIp } from "../../values/format-ip.ts";
import {
  areSameBytes,
  type IpBytes,
  type IpNetwork,
  isInNetwork,
  isMapped,
  maskAddress,
  parseIp,
  parseNetwork,
} from "../../values/ip-address.ts";
import {
  type CelFunction,
  define,
  defineMethod,
  opaqueOf,
  type Typed,
  types,
} from "../functions/define.ts";
import { valueError } from "../values/errors.ts";
import { CelOpaque, type CelResult } from "../values/value.ts";

const { bool, int, string } = types;

/** An IP address (`net.IP`). */
class CelIp extends CelOpaque {
  override readonly typeName = "net.IP";
  readonly bytes: IpBytes;

  constructor(bytes: IpBytes) {
    super();
    this.bytes = bytes;
  }

  override equals(other: CelOpaque): boolean {
    return other instanceof CelIp && areSameBytes(this.bytes, other.bytes);
  }
}

/** A network (`net.CIDR`). */
class CelCidr extends CelOpaque {
  override readonly typeName = "net.CIDR";
  readonly network: IpNetwork;

  constructor(network: IpNetwork) {
    super();
    this.network = network;
  }

  override equals(other: CelOpaque): boolean {
    if (!(other instanceof CelCidr)) return false;
    const { address, prefixLength } = other.network;
    return (
      prefixLength === this.network.prefixLength && areSameBytes(address, this.network.address)
    );
  }
}

const ip: Typed<CelIp> = opaqueOf("net.IP", CelIp);
const cidr: Typed<CelCidr> = opaqueOf("net.CIDR", CelCidr);

/** IPv4 in IPv6's form would be two readings of one address, and is none here. */
function readIp(text: string): CelIp | undefined {
  const bytes = parseIp(text);
  return bytes === undefined || isMapped(bytes) ? undefined : new CelIp(bytes);
}

function readCidr(text: string): CelCidr | undefined {
  const network = parseNetwork(text);
  return network === undefined || isMapped(network.address) ? undefined : new CelCidr(network);
}

const noIp = (): CelResult => valueError("the text is no IP address");
const noCidr = (): CelResult => valueError("the text is no network: ADDRESS/LENGTH");

/** Kinds of addresses, as Go's `netip.Addr` tells them. */
const kinds: Readonly<Record<string, (bytes: IpBytes) => boolean>> = {
  isUnspecified,
  isLoopback,
  isLinkLocalMulticast: (bytes) =>
    bytes.length === 4
      ? bytes[0] === 224 && bytes[1] === 0 && bytes[2] === 0
      : bytes[0] === 0xff && ((bytes[1] ?? 0) & 0x0f) === 2,
  isLinkLocalUnicast,
  isGlobalUnicast: (bytes) =>
    !isUnspecified(bytes) &&
    !isBroadcast(bytes) &&
    !isLoopback(bytes) &&
    !isMulticast(bytes) &&
    !isLinkLocalUnicast(bytes),
};

/** The functions of addresses and networks. */
export const ipFunctions: readonly CelFunction[] = [
  define("ip", [string], ip, (_, text) => readIp(text) ?? noIp()),
  define("isIP", [string], bool, (_, text) => readIp(text) !== undefined),
  define("ip.isCanonical", [string], bool, (_, text) => {
    const found = readIp(text);
    return found === undefined ? noIp() : formatIp(found.bytes) === text;
  }),
  define("string", [ip], string, (_, { bytes }) => formatIp(bytes)),
  defineMethod("family", [ip], int, (_, { bytes }) => (bytes.length === 4 ? 4n : 6n)),
  ...Object.entries(kinds).map(([name, test]) =>
    defineMethod(name, [ip], bool, (_, { bytes }) => test(bytes)),
  ),
  define("cidr", [string], cidr, (_, text) => readCidr(text) ?? noCidr()),
  define("isCIDR", [string], bool, (_, text) => readCidr(text) !== undefined),
  define("string", [cidr], string, (_, { network }) => {
    const { address, prefixLength } = network;
    return `${formatIp(address)}/${prefixLength}`;
  }),
  defineMethod("containsIP", [cidr, string], bool, (_, { network }, text) => {
    const found = readIp(text);
    return found === undefined ? noIp() : isInNetwork(found.bytes, network);
  }),
  defineMethod("containsIP", [cidr, ip], bool, (_, { network }, { bytes }) =>
    isInNetwork(bytes, network),
  ),
  defineMethod("containsCIDR", [cidr, string], bool, (_, { network }, text) => {
    const found = readCidr(text);
    return found === undefined ? noCidr() : containsNetwork(network, found.network);
  }),
  defineMethod("containsCIDR", [cidr, cidr], bool, (_, { network }, inner) =>
    containsNetwork(network, inner.network),
  ),
  defineMethod("ip", [cidr], ip, (_, { network }) => new CelIp(network.address)),
  defineMethod("masked", [cidr], cidr, (_, { network }) => {
    const { prefixLength } = network;
    return new CelCidr({ address: maskAddress(network), prefixLength });
  }),
  defineMethod("prefixLength", [cidr], int, (_, { network }) => BigInt(network.prefixLength)),
];

function containsNetwork(outer: IpNetwork, inner: IpNetwork): boolean {
  return inner.prefixLength >= outer.prefixLength && isInNetwork(inner.address, outer);
}

function isUnspecified(bytes: IpBytes): boolean {
  return bytes.every((byte) => byte === 0);
}

function isBroadcast(bytes: IpBytes): boolean {
  return bytes.length === 4 && bytes.every((byte) => byte === 255);
}

function isLoopback(bytes: IpBytes): boolean {
  if (bytes.length === 4) return bytes[0] === 127;
  return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0));
}

function isMulticast(bytes: IpBytes): boolean {
  return bytes.length === 4 ? ((bytes[0] ?? 0) & 0xf0) === 0xe0 : bytes[0] === 0xff;
}

function isLinkLocalUnicast(bytes: IpBytes): boolean {
  if (bytes.length === 4) return bytes[0] === 169 && bytes[1] === 254;
  return bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
}

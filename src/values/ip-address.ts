/** An IP address: 4 or 16 bytes. */
export type IpBytes = Uint8Array;

/** A network: an address, all of its bits, and how many of them name the network. */
export interface IpNetwork {
  readonly address: IpBytes;
  readonly prefixLength: number;
}

/**
 * Returns the bytes of an address as Go's `netip.ParseAddr` reads it, or undefined when the text is none: four decimal numbers without
 * leading zeros, or eight hexadecimal groups with at most one `::`. Zones are refused.
 */
export function parseIp(text: string): IpBytes | undefined {
  return text.includes(":") ? parseIpv6(text) : parseIpv4(text);
}

/** Returns a network as Go's `netip.ParsePrefix` reads it, or undefined when the text is none. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const slash = text.lastIndexOf("/");
  const address = slash === -1 ? undefined : parseIp(text.slice(0, slash));
  const length = text.slice(slash + 1);
  if (address === undefined || !/^(?:0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength <= address.length * 8 ? { address, prefixLength } : undefined;
}

/** Returns the network's address with all bits cleared that do not name it. */
export function maskAddress({ address, prefixLength }: IpNetwork): IpBytes {
  return address.map((byte, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - index * 8));
    return byte & (0xff << (8 - bits));
  });
}

/** Returns whether an address of the same family is in the network. */
export function isInNetwork(address: IpBytes, network: IpNetwork): boolean {
  if (address.length !== network.address.length) return false;
  const { prefixLength } = network;
  return areSameBytes(maskAddress({ address, prefixLength }), maskAddress(network));
}

/** Returns whether two addresses are the same. */
export function areSameBytes(left: IpBytes, right: IpBytes): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

/** Returns whether the address is an IPv4 address in IPv6's form. */
export function isMapped(address: IpBytes): boolean {
  return (
    address.length === 16 && address.subarray(0, 12).every((byte, i) => byte === (i < 10 ? 0 : 255))
  );
}

function parseIpv4(text: string): IpBytes | undefined {
  const fields = text.split(".");
  if (fields.length !== 4) return undefined;
  if (!fields.every((field) => /^(?:0|[1-9]\d{0,2})$/.test(field) && Number(field) < 256)) {
    return undefined;
  }
  return Uint8Array.from(fields, Number);
}

function parseIpv6(text: string): IpBytes | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [front = "", back] = halves;
  const head = parseGroups(front, back === undefined);
  const tail = back === undefined ? [] : parseGroups(back, true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (back === undefined ? missing !== 0 : missing < 2) return undefined;
  return Uint8Array.from([...head, ...Array.from({ length: missing }, () => 0), ...tail]);
}

/** The bytes of groups; the last one may be an IPv4 address where the text ends with them. */
function parseGroups(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    const isLast = isEnd && index === groups.length - 1;
    const ipv4 = isLast && group.includes(".") ? parseIpv4(group) : undefined;
    if (ipv4 !== undefined) {
      bytes.push(...ipv4);
    } else if (/^[0-9A-Fa-f]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    } else {
      return undefined;
    }
  }
  return bytes.length > 16 ? undefined : bytes;
}

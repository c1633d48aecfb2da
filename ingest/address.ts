/** Network addresses: as text, and as text that no longer names a person. */
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

const IPV6_BYTES = 16;

/**
 * The text of an address in network byte order, IPv6 as RFC 5952 writes it. An IPv4 address that came in
 * through an IPv6 socket reads as IPv4.
 */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length !== IPV6_BYTES) return `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`;
  if (isMappedIpv4(bytes)) return `${bytes[12]}.${bytes[13]}.${bytes[14]}.${bytes[15]}`;
  const groups: string[] = [];
  for (let at = 0; at < IPV6_BYTES; at += 2) groups.push((word(bytes, at) as number).toString(16));
  return canonicalIpv6(groups.join(':'));
}

/** The address as `formatAddress` would write it, or `undefined` if the text is none. */
export function parseAddress(text: string): string | undefined {
  if (isIPv4(text)) return text;
  // A zone (`fe80::1%eth0`) means something on one machine only.
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const canonical = canonicalIpv6(text);
  return canonical.startsWith('::ffff:') && canonical.includes('.') ? canonical.slice(7) : canonical;
}

// All events of a request come from one address: the last answer is kept. Making it anew took 2 % of a batch.
let lastAddress = '';
let lastNetwork = '';

/** The address without what tells a household from its neighbours: IPv4 cut to /24, IPv6 to /48. */
export function anonymise(address: string): string {
  if (address !== lastAddress) {
    lastNetwork = networkOf(address);
    lastAddress = address;
  }
  return lastNetwork;
}

function networkOf(address: string): string {
  const lastDot = address.lastIndexOf('.');
  if (lastDot >= 0) return `${address.slice(0, lastDot)}.0`;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  // What `::` stands for is zero, and so are missing groups; the tail reaches the first three only in
  // an address such as `::1:2:3:4:5:6:7`.
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  while (groups.length + after.length < 8) groups.push('0');
  return canonicalIpv6(`${[...groups, ...after].slice(0, 3).join(':')}::`);
}

function canonicalIpv6(text: string): string {
  return new SocketAddress({ address: text, family: 'ipv6' }).address;
}

function isMappedIpv4(bytes: Uint8Array): boolean {
  for (let at = 0; at < 10; at++) if (bytes[at] !== 0) return false;
  return word(bytes, 10) === 0xffff;
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

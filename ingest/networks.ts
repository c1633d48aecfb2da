/**
 * Networks, however many: an address is looked up by halving. (`BlockList` of Node asks one rule after the
 * other, which tens of thousands of them make too slow for each event.)
 */
import { isIPv4 } from 'node:net';

const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** Stretches of numbers that do not touch, in order. */
interface Ranges<N extends number | bigint> {
  readonly first: readonly N[];
  readonly last: readonly N[];
}

export class Networks {
  readonly #ipv4: Ranges<number>;
  readonly #ipv6: Ranges<bigint>;

  /** @param networks addresses and networks (`10.0.0.0/8`, `2001:db8::/32`) that are well-formed */
  constructor(networks: readonly string[]) {
    const ipv4: [number, number][] = [];
    const ipv6: [bigint, bigint][] = [];
    for (const network of networks) {
      const [address = '', prefix] = network.split('/');
      if (isIPv4(address)) {
        const size = 2 ** (IPV4_BITS - Number(prefix ?? IPV4_BITS));
        const first = Math.floor(ipv4Number(address) / size) * size;
        ipv4.push([first, first + size - 1]);
      } else {
        const size = 1n << BigInt(IPV6_BITS - Number(prefix ?? IPV6_BITS));
        const first = (ipv6Number(address) / size) * size;
        ipv6.push([first, first + size - 1n]);
      }
    }
    this.#ipv4 = merged(ipv4);
    this.#ipv6 = merged(ipv6);
  }

  /** @param address as `formatAddress` or `parseAddress` gives it */
  has(address: string): boolean {
    return isIPv4(address)
      ? isWithin(this.#ipv4, ipv4Number(address))
      : isWithin(this.#ipv6, ipv6Number(address));
  }
}

function isWithin<N extends number | bigint>({ first, last }: Ranges<N>, value: N): boolean {
  let low = 0;
  let high = first.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((first[middle] as N) <= value) low = middle + 1;
    else high = middle;
  }
  return low > 0 && value <= (last[low - 1] as N);
}

function merged<N extends number | bigint>(ranges: [N, N][]): Ranges<N> {
  ranges.sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
  const first: N[] = [];
  const last: N[] = [];
  for (const [from, to] of ranges) {
    const end = last.at(-1);
    if (end === undefined || from > end) {
      first.push(from);
      last.push(to);
    } else if (to > end) last[last.length - 1] = to;
  }
  return { first, last };
}

function ipv4Number(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function ipv6Number(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  const zeros = tail === undefined ? 0 : IPV6_BITS / 16 - before.length - after.length;
  const groups = [...before, ...new Array<number>(zeros).fill(0), ...after];
  return groups.reduce((number, group) => (number << 16n) | BigInt(group), 0n);
}

/** Groups of 16 bits; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const number = ipv4Number(group);
    return [Math.floor(number / 65_536), number % 65_536];
  });
}

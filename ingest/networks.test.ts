import { BlockList, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatAddress } from './address.ts';
import { Networks } from './networks.ts';

/** Addresses that are near each other, so that they meet. */
const ipv4 = fc
  .tuple(fc.constantFrom(0, 10, 11, 255), fc.constantFrom(0, 1, 255), fc.nat(255), fc.nat(255))
  .map((bytes) => bytes.join('.'));
const ipv6 = fc
  .tuple(fc.constantFrom(0x20, 0xff), fc.uint8Array({ minLength: 15, maxLength: 15 }))
  .map(([first, rest]) => formatAddress(Uint8Array.of(first, ...rest.map((byte) => byte & 0x81))));
const network = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })),
);

const familyOf = (address: string) => (isIPv4(address) ? 'ipv4' : 'ipv6');

describe('networks', () => {
  test('have the addresses that Node’s own list has, however they overlap', () => {
    fc.assert(
      fc.property(
        fc.array(network, { maxLength: 12 }),
        fc.array(fc.oneof(ipv4, ipv6), { minLength: 1, maxLength: 20 }),
        (drawn, addresses) => {
          // One for each family: Node takes an IPv4 address for one of ::ffff:0:0/96 as well.
          const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
          for (const [address, prefix] of drawn)
            lists[familyOf(address)].addSubnet(address, prefix, familyOf(address));
          const networks = new Networks(drawn.map(([address, prefix]) => `${address}/${prefix}`));
          for (const address of [...addresses, ...drawn.map(([one]) => one)])
            expect([address, networks.has(address)]).toEqual([
              address,
              lists[familyOf(address)].check(address, familyOf(address)),
            ]);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test('may be single addresses', () => {
    const networks = new Networks(['192.0.2.7', '2001:db8::7']);
    expect(['192.0.2.7', '192.0.2.8', '2001:db8::7', '2001:db8::8'].map((one) => networks.has(one))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

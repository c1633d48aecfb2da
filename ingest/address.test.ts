import { SocketAddress } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anonymise, formatAddress, parseAddress } from './address.ts';

const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('an address', () => {
  test('is written as usual', () => {
    expect(formatAddress(Uint8Array.of(203, 0, 113, 7))).toBe('203.0.113.7');
    expect(formatAddress(Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))).toBe(
      '2001:db8::1',
    );
  });

  test('of IPv4 in IPv6 is written as IPv4', () => {
    const mapped = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 7];
    expect(formatAddress(Uint8Array.from(mapped))).toBe('203.0.113.7');
    expect(parseAddress('::ffff:203.0.113.7')).toBe('203.0.113.7');
    expect(parseAddress('::FFFF:cb00:7107')).toBe('203.0.113.7');
  });

  test('is the same however it is spelled', () => {
    expect(parseAddress('2001:0DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
    expect(parseAddress('203.0.113.7')).toBe('203.0.113.7');
  });

  test.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '2001::db8::1', 'fe80::1%eth0', '::1/64'])(
    '%j is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );

  test('in bytes and in text is the same', () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        expect(parseAddress(formatAddress(bytes))).toBe(formatAddress(bytes));
      }),
    );
  });
});

describe('an anonymised address', () => {
  test('lacks the last octet of IPv4', () => {
    expect(anonymise('203.0.113.7')).toBe('203.0.113.0');
  });

  test.each([
    ['2001:db8:1234:5678::1', '2001:db8:1234::'],
    ['2001:db8::1', '2001:db8::'],
    ['::1', '::'],
    ['::', '::'],
    ['1::', '1::'],
    ['::1:2:3:4:5:6:7', '0:1:2::'],
  ])('has the first 48 bits of %s', (address, anonymous) => {
    expect(anonymise(address)).toBe(anonymous);
  });

  test('has nothing but the first 48 bits, for every IPv6 address', () => {
    fc.assert(
      fc.property(ipv6, (bytes) => {
        fc.pre(!bytes.subarray(0, 10).every((byte) => byte === 0));
        const kept = new Uint8Array(16);
        kept.set(bytes.subarray(0, 6));
        const same = new SocketAddress({ address: anonymise(formatAddress(bytes)), family: 'ipv6' }).address;
        expect(same).toBe(formatAddress(kept));
      }),
    );
  });
});

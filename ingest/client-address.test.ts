import { describe, expect, test } from 'vitest';
import { ClientAddresses } from './client-address.ts';

const behind = new ClientAddresses(['10.0.0.0/8', '192.0.2.7', 'fd00::/8']);

describe('the address of a client', () => {
  test.each([
    ['nobody is trusted', new ClientAddresses([]), '10.0.0.1', '203.0.113.9', '10.0.0.1'],
    ['it comes from no proxy', behind, '198.51.100.1', '203.0.113.9', '198.51.100.1'],
    ['the proxy says nothing', behind, '10.0.0.1', '', '10.0.0.1'],
    ['a proxy names it', behind, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['several proxies name it', behind, '10.0.0.1', '203.0.113.9, 192.0.2.7,10.2.3.4', '203.0.113.9'],
    ['the client claims to be another', behind, '10.0.0.1', '8.8.8.8, 203.0.113.9', '203.0.113.9'],
    ['it has IPv6', behind, 'fd00::1', '2001:DB8:0::1', '2001:db8::1'],
    ['all are proxies', behind, '10.0.0.1', '10.0.0.2', '10.0.0.2'],
    ['the proxy talks nonsense', behind, '10.0.0.1', 'unknown', '10.0.0.1'],
    ['nonsense stands behind a proxy', behind, '10.0.0.1', 'unknown, 10.0.0.2', '10.0.0.2'],
  ])('where %s', (_, addresses, remote, forwardedFor, client) => {
    expect(addresses.of(remote, forwardedFor)).toBe(client);
  });

  test('is not looked for beyond some proxies', () => {
    const hops = ['203.0.113.9', ...Array.from({ length: 1_000 }, () => '10.0.0.2')].join(',');
    expect(behind.of('10.0.0.1', hops)).toBe('10.0.0.2');
  });
});

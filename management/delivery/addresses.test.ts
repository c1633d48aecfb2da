import type { LookupAddress } from 'node:dns';
import { describe, expect, test } from 'vitest';
import { hostFault, isPublicAddress, NotPublic, publicLookup } from './addresses.ts';

describe('an address', () => {
  test.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '192.169.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );

  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.0.1',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.8',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fd12:3456::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'hooks.example',
    '',
  ])('%j is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('the host of a URL', () => {
  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://[::1]/',
    'http://[::ffff:10.0.0.1]/',
    'http://localhost:8080/',
    'http://hooks.localhost/',
    'http://LOCALHOST./',
  ])('of %s is refused', (url) => expect(hostFault(new URL(url).hostname)).toContain('not a public'));

  test.each(['https://hooks.example/', 'https://8.8.8.8/', 'https://[2606:4700::1111]/'])(
    'of %s may be public',
    (url) => expect(hostFault(new URL(url).hostname)).toBeUndefined(),
  );
});

describe('the look-up of a connection', () => {
  const of = (...addresses: string[]) =>
    publicLookup((_hostname, _options, done) =>
      done(
        null,
        addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    );
  const ask = (lookup: ReturnType<typeof publicLookup>, all: boolean) =>
    new Promise((resolve, reject) => {
      lookup('hooks.example', { all }, (error, address) => (error ? reject(error) : resolve(address)));
    });

  test('knows only the public addresses of a name', async () => {
    const lookup = of('10.0.0.1', '8.8.8.8', '::1');
    expect(await ask(lookup, true)).toEqual([{ address: '8.8.8.8', family: 4 }]);
    expect(await ask(lookup, false)).toBe('8.8.8.8');
  });

  test.each([true, false])('fails for a name that has none (all: %s)', async (all) => {
    await expect(ask(of('169.254.169.254', 'fe80::1'), all)).rejects.toThrow(NotPublic);
  });

  test('passes on that there is no such name', async () => {
    const lookup = publicLookup((_hostname, _options, done) => done(new Error('ENOTFOUND'), []));
    await expect(ask(lookup, true)).rejects.toThrow('ENOTFOUND');
  });
});

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CampaignDirectory } from '../model/campaign-directory.ts';
import { isSigned, parseSignature } from '../model/signature.ts';
import { type Access, Credentials, writeKeyOf } from './access.ts';
import { campaign } from './test-support.ts';

const NOW = 1_700_000_000_000;
const BODY = Buffer.from('{"type":"conversion"}');

function sign(secret: string, seconds: number, body: Uint8Array = BODY): string {
  const digest = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

const open = campaign({ campaignId: 'open', writeKey: 'key-open' });
const keyed = campaign({ campaignId: 'keyed', writeKey: 'key-keyed', keyPolicy: 'write_key' });
const signed = campaign({
  campaignId: 'signed',
  writeKey: 'key-signed',
  keyPolicy: 'signed',
  secretKeys: ['old', 'new'],
});
const directory = new CampaignDirectory();
for (const one of [open, keyed, signed]) directory.put(one);

function access(to: typeof open, given: { key?: string; ownKey?: string; signature?: string }): Access {
  return new Credentials(directory, given.key, given.signature ?? '', BODY, NOW).access(to, given.ownKey);
}

describe('a campaign that demands no key', () => {
  test('takes events without one, and with any that exists', () => {
    expect(access(open, {})).toBe('granted');
    expect(access(open, { key: 'key-open' })).toBe('granted');
    expect(access(open, { key: 'key-keyed' })).toBe('granted');
  });

  test('refuses a key that does not exist', () => {
    expect(access(open, { key: 'guess' })).toBe('unknown_key');
  });

  test('trusts what is signed with its secret, and refuses what is signed with another', () => {
    const own = campaign({ secretKeys: ['secret'] });
    expect(access(own, { signature: sign('secret', NOW / 1_000) })).toBe('trusted');
    expect(access(own, { signature: sign('other', NOW / 1_000) })).toBe('bad_signature');
    expect(access(open, { signature: sign('secret', NOW / 1_000) })).toBe('bad_signature');
  });
});

describe('a campaign that demands its write key', () => {
  test('takes it from the request or from the event', () => {
    expect(access(keyed, { key: 'key-keyed' })).toBe('granted');
    expect(access(keyed, { key: 'key-open', ownKey: 'key-keyed' })).toBe('granted');
  });

  test('refuses everything else', () => {
    expect(access(keyed, {})).toBe('no_key');
    expect(access(keyed, { key: 'key-open' })).toBe('foreign_key');
    expect(access(keyed, { key: 'guess' })).toBe('unknown_key');
  });
});

describe('a campaign that demands signatures', () => {
  test('takes any of its secrets', () => {
    expect(access(signed, { signature: sign('old', NOW / 1_000) })).toBe('trusted');
    expect(access(signed, { signature: sign('new', NOW / 1_000) })).toBe('trusted');
    const both = `${sign('wrong', NOW / 1_000)},${sign('new', NOW / 1_000).split(',')[1]}`;
    expect(access(signed, { signature: both })).toBe('trusted');
  });

  test('refuses a mere key', () => {
    expect(access(signed, { key: 'key-signed' })).toBe('no_signature');
  });

  test.each([-301, 301])('refuses a signature of %i seconds ago', (age) => {
    expect(access(signed, { signature: sign('new', NOW / 1_000 - age) })).toBe('bad_signature');
  });

  test.each([-300, 300])('takes a signature of %i seconds ago', (age) => {
    expect(access(signed, { signature: sign('new', NOW / 1_000 - age) })).toBe('trusted');
  });

  test.each(['x', 't=1', 'v1=ab', 't=,v1=', `t=1,v1=${'0'.repeat(63)}`, ',,,,', `t=-1,v1=${'0'.repeat(64)}`])(
    'refuses the signature %j',
    (signature) => {
      expect(access(signed, { signature })).toBe('bad_signature');
    },
  );

  test('refuses a signature of another body', () => {
    const signature = sign('new', NOW / 1_000, Buffer.from('{}'));
    expect(access(signed, { signature })).toBe('bad_signature');
  });
});

describe('one signature', () => {
  test('is tried for a bounded number of campaigns', () => {
    const credentials = new Credentials(directory, undefined, sign('s', NOW / 1_000), BODY, NOW);
    const many = Array.from({ length: 40 }, (_, i) => campaign({ campaignId: `c${i}`, secretKeys: ['s'] }));
    const trusted = many.filter((one) => credentials.access(one, undefined) === 'trusted');
    expect(trusted).toHaveLength(16);
  });

  test('never throws, whatever the header is', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const signature = parseSignature(header);
        if (signature) expect(isSigned(signature, ['s'], BODY, NOW)).toBe(false);
      }),
    );
  });
});

describe('a write key', () => {
  test('is read from its header, then from Basic authentication', () => {
    const basic = `Basic ${Buffer.from('user:pass').toString('base64')}`;
    expect(writeKeyOf('key', basic)).toBe('key');
    expect(writeKeyOf('', basic)).toBe('user');
    expect(writeKeyOf('', 'Bearer token')).toBeUndefined();
    expect(writeKeyOf('', '')).toBeUndefined();
  });
});

import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { isSigned, parseSignature, signatureHeader } from './signature.ts';

const NOW = 1_795_000_000_500;
const BODY = '{"id":"1"}';

describe('the signature header', () => {
  test('is the time and the HMAC of time and body', () => {
    const digest = createHmac('sha256', 'whsec_a').update(`1795000000.${BODY}`).digest('hex');
    expect(signatureHeader(['whsec_a'], BODY, NOW)).toBe(`t=1795000000,v1=${digest}`);
  });

  test('holds one signature by each secret, and fits any of them', () => {
    const signature = parseSignature(signatureHeader(['new', 'old'], BODY, NOW));
    if (signature === undefined) throw new Error('no signature');
    const fits = (secret: string, body = BODY, now = NOW) =>
      isSigned(signature, [secret], Buffer.from(body), now);
    expect([fits('new'), fits('old'), fits('other')]).toEqual([true, true, false]);
    expect(fits('new', `${BODY} `)).toBe(false);
    expect(fits('new', BODY, NOW + 301_000)).toBe(false);
  });
});

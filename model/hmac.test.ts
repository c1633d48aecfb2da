import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hmacSha256 } from './hmac.ts';

const reference = (secret: Uint8Array, message: Uint8Array): string =>
  createHmac('sha256', secret).update(message).digest('hex');
const ours = (secret: Uint8Array, message: Uint8Array): string =>
  Buffer.from(hmacSha256(secret, message), 'latin1').toString('hex');

test('gives the MAC of RFC 4231, test case 2', () => {
  const message = Buffer.from('what do ya want for nothing?');
  expect(ours(Buffer.from('Jefe'), message)).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test('agrees with the library, whatever the secret and the messages after each other', () => {
  const bytes = (maxLength: number) => fc.uint8Array({ maxLength });
  fc.assert(
    fc.property(bytes(200), fc.array(bytes(3_000), { minLength: 1, maxLength: 5 }), (secret, messages) => {
      for (const message of messages) expect(ours(secret, message)).toBe(reference(secret, message));
    }),
  );
});

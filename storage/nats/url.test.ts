import { describe, expect, test } from 'vitest';
import { parseNatsUrl } from './url.ts';

describe('an address of NATS', () => {
  test('names servers, with the usual port where none is given', () => {
    expect(parseNatsUrl('nats://a')).toEqual({ servers: ['a:4222'], isSecure: false });
    expect(parseNatsUrl('nats://a:1, nats://b:2,c')).toEqual({
      servers: ['a:1', 'b:2', 'c:4222'],
      isSecure: false,
    });
    expect(parseNatsUrl('nats://[::1]:5000').servers).toEqual(['[::1]:5000']);
  });

  test('holds name and password, or a token, in any characters', () => {
    expect(parseNatsUrl('nats://me:p%40%3A%20w@a:1')).toMatchObject({ user: 'me', password: 'p@: w' });
    expect(parseNatsUrl('nats://t%2Fken@a:1,nats://b')).toMatchObject({ token: 't/ken' });
    expect(parseNatsUrl('nats://a,nats://me:pass@b')).toMatchObject({ user: 'me', password: 'pass' });
  });

  test('asks for encryption', () => {
    expect(parseNatsUrl('tls://a:1').isSecure).toBe(true);
  });

  test('that is none is refused without being repeated', () => {
    for (const text of [
      '',
      'nats://',
      'http://a:secret@b',
      'nats://a:secret@b:port',
      'nats://a:secret%@b',
      'nats://a,,b',
    ]) {
      const attempt = (): unknown => parseNatsUrl(text);
      expect(attempt).toThrow('address of NATS');
      expect(attempt).not.toThrow('secret');
    }
  });
});

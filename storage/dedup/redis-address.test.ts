import { describe, expect, test } from 'vitest';
import { describeFailure, parseRedisUrl } from './redis-address.ts';

const plain = {
  host: 'redis.example',
  port: 6379,
  username: undefined,
  password: undefined,
  database: 0,
  isEncrypted: false,
};

describe('the address of Redis', () => {
  test.each([
    ['redis://redis.example', plain],
    ['redis://redis.example/', plain],
    ['redis://redis.example:7000/12', { ...plain, port: 7000, database: 12 }],
    ['rediss://redis.example', { ...plain, isEncrypted: true }],
    ['redis://:pass@redis.example', { ...plain, password: 'pass' }],
    ['redis://me:p%40ss%2F@redis.example', { ...plain, username: 'me', password: 'p@ss/' }],
    ['redis://:100%@redis.example', { ...plain, password: '100%' }],
    ['redis://[::1]:6380', { ...plain, host: '::1', port: 6380 }],
  ])('is read from %s', (url, address) => {
    expect(parseRedisUrl(url)).toEqual(address);
  });

  test.each([
    'http://:hunter2@redis.example',
    'redis:hunter2@redis.example',
    'hunter2@redis.example',
    'redis://:hunter2@redis.example/first',
    'redis://:hunter2@redis.example/0/1',
    'redis://:hunter2@/1',
  ])('is refused without being repeated: %s', (url) => {
    expect(() => parseRedisUrl(url)).toThrow(/URL/);
    expect(() => parseRedisUrl(url)).not.toThrow('hunter2');
  });
});

describe('a failure', () => {
  const address = { ...plain, password: 'hunter2' };

  test('is described without the password, wherever it stands', () => {
    const text = `ERR unknown command 'AUTH', with args beginning with: 'hunter2' ${'x'.repeat(127)} hunter2`;
    expect(describeFailure(new Error(text), address)).not.toMatch(/hunt/);
  });

  test('with several causes and no text is described by the first of them', () => {
    const error = new AggregateError([new Error('connect ECONNREFUSED ::1:6379'), new Error('other')], '');
    expect(describeFailure(error, address)).toBe('connect ECONNREFUSED ::1:6379');
  });

  test('that is no error is described too', () => {
    expect(describeFailure(undefined, plain)).toBe('undefined');
  });
});

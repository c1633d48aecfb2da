import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateLimiter } from './rate-limit.ts';

describe('a rate limit', () => {
  test('lets a second’s worth pass at once, then at its rate', () => {
    const limiter = new RateLimiter();
    const allowed = (now: number): boolean => limiter.take('key', 1, 10, now).allowed;
    expect(Array.from({ length: 10 }, () => allowed(0))).toEqual(new Array(10).fill(true));
    expect(allowed(0)).toBe(false);
    expect(allowed(99)).toBe(false);
    expect(allowed(100)).toBe(true);
    expect(allowed(100)).toBe(false);
  });

  test('tells how many may follow and when', () => {
    const limiter = new RateLimiter();
    expect(limiter.take('key', 4, 10, 0)).toMatchObject({ allowed: true, remaining: 6, resetMs: 400 });
    expect(limiter.take('key', 6, 10, 0)).toMatchObject({ allowed: true, remaining: 0, retryAfterMs: 0 });
    expect(limiter.take('key', 1, 10, 0)).toMatchObject({ allowed: false, remaining: 0, retryAfterMs: 100 });
  });

  test('lets a batch that is larger than the rate pass, and makes up for it', () => {
    const limiter = new RateLimiter();
    expect(limiter.take('key', 50, 10, 0).allowed).toBe(true);
    expect(limiter.take('key', 1, 10, 4_000).allowed).toBe(false);
    expect(limiter.take('key', 1, 10, 4_100).allowed).toBe(true);
  });

  test('lets the first event of a very slow rate pass', () => {
    expect(new RateLimiter().take('key', 1, 0.1, 0).allowed).toBe(true);
  });

  test('keeps keys apart', () => {
    const limiter = new RateLimiter();
    expect(limiter.take('a', 10, 10, 0).allowed).toBe(true);
    expect(limiter.take('a', 1, 10, 0).allowed).toBe(false);
    expect(limiter.take('b', 1, 10, 0).allowed).toBe(true);
  });

  test('forgets keys that are idle', () => {
    const limiter = new RateLimiter();
    for (let i = 0; i < 10_000; i++) limiter.take(`key ${i}`, 1, 1_000, i * 10);
    expect(limiter.size).toBeLessThan(100);
  });

  test('never lets more pass than its rate and one burst and one batch', () => {
    const arrivals = fc.array(fc.tuple(fc.nat({ max: 500 }), fc.integer({ min: 1, max: 5 })), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(arrivals, (list) => {
        const limiter = new RateLimiter();
        let now = 0;
        let passed = 0;
        for (const [wait, events] of list) {
          now += wait;
          if (limiter.take('key', events, 20, now).allowed) passed += events;
        }
        expect(passed).toBeLessThanOrEqual(20 + (now / 1_000) * 20 + 5);
      }),
    );
  });
});

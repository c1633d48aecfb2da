import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { isGivenUp, retryAfterOf, retryDelayMs } from './retries.ts';

describe('the pause before the next attempt', () => {
  test('doubles from a second to five minutes', () => {
    const highest = (attempts: number): number => retryDelayMs(attempts, 1);
    expect([1, 2, 3, 4].map(highest)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect([9, 10, 100_000].map(highest)).toEqual([256_000, 300_000, 300_000]);
  });

  test('is random in its upper half', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (attempts, random) => {
          const ms = retryDelayMs(attempts, random);
          expect(ms).toBeGreaterThanOrEqual(retryDelayMs(attempts, 0));
          expect(ms).toBeLessThanOrEqual(retryDelayMs(attempts, 0) * 2);
          expect(ms).toBeLessThanOrEqual(limits.webhookLongestRetryMs);
        },
      ),
    );
  });

  test('is not shorter than the receiver asked for, within an hour', () => {
    expect(retryDelayMs(1, 0.5, 60_000)).toBe(60_000);
    expect(retryDelayMs(10, 1, 60_000)).toBe(300_000);
    expect(retryDelayMs(1, 0.5, 86_400_000)).toBe(3_600_000);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T12:00:00Z');

  test.each([
    ['120', 120_000],
    [' 0 ', 0],
    ['Sun, 22 Nov 2026 12:01:30 GMT', 90_000],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (header, expected) => {
    expect(retryAfterOf(header, now)).toBe(expected);
  });
});

test('a webhook is given up three days after the first failure, or after it was enabled again', () => {
  const days = (count: number): number => count * 86_400_000;
  expect(isGivenUp(0, 0, days(3) - 1)).toBe(false);
  expect(isGivenUp(0, 0, days(3))).toBe(true);
  expect(isGivenUp(0, days(2), days(4))).toBe(false);
});

import { expect, test } from 'vitest';
import { releaseOf } from './commissions.ts';

const HOUR = 3_600_000;
const NOON = Date.UTC(2026, 5, 1, 12);

test('what is not held is released in the hour in which it is earned', () => {
  expect(releaseOf(NOON, 0)).toBe(NOON);
  expect(releaseOf(NOON + HOUR - 1, 0)).toBe(NOON);
});

test('what is held is released at the first whole hour at which its hold is over', () => {
  expect(releaseOf(NOON, 24 * HOUR)).toBe(NOON + 24 * HOUR);
  expect(releaseOf(NOON + 1, 24 * HOUR)).toBe(NOON + 25 * HOUR);
  expect(releaseOf(NOON, 1)).toBe(NOON + HOUR);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOfDay, endOfMonth } from './calendar.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
const ZONES = [
  'UTC',
  'America/Bogota',
  'America/New_York',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'Asia/Beirut',
];

describe('the end of a day', () => {
  test.each([
    ['UTC', '2026-06-01T12:00:00Z', '2026-06-02T00:00:00Z'],
    ['UTC', '2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z'],
    ['America/Bogota', '2026-06-01T04:59:59Z', '2026-06-01T05:00:00Z'],
    ['America/Bogota', '2026-06-01T05:00:00Z', '2026-06-02T05:00:00Z'],
    ['Asia/Kathmandu', '2026-06-01T12:00:00Z', '2026-06-01T18:15:00Z'],
    // 23 and 25 hours long.
    ['America/New_York', '2026-03-08T05:00:00Z', '2026-03-09T04:00:00Z'],
    ['America/New_York', '2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    // Clocks go from midnight to one: the day begins at one.
    ['Asia/Beirut', '2026-03-28T12:00:00Z', '2026-03-28T22:00:00Z'],
    // A day that never was.
    ['Pacific/Apia', '2011-12-29T12:00:00-10:00', '2011-12-30T00:00:00-10:00'],
  ])('in %s at %s is %s', (zone, time, end) => {
    expect(new Date(endOfDay(at(time), zone)).toISOString()).toBe(new Date(at(end)).toISOString());
  });

  test('is later, within 26 hours, the same from every moment of the day, and begins the next one', () => {
    const time = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') });
    fc.assert(
      fc.property(time, fc.constantFrom(...ZONES), (now, zone) => {
        const end = endOfDay(now, zone);
        expect(end).toBeGreaterThan(now);
        expect(end - now).toBeLessThanOrEqual(26 * HOUR);
        expect(endOfDay(end - 1, zone)).toBe(end);
        expect(endOfDay(end, zone)).toBeGreaterThan(end);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the end of a month', () => {
  test.each([
    ['UTC', '2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z'],
    ['UTC', '2024-02-29T23:59:59Z', '2024-03-01T00:00:00Z'],
    ['UTC', '2026-12-31T23:59:59Z', '2027-01-01T00:00:00Z'],
    ['America/Bogota', '2026-07-01T04:59:59Z', '2026-07-01T05:00:00Z'],
    ['America/New_York', '2026-03-05T00:00:00Z', '2026-04-01T04:00:00Z'],
  ])('in %s at %s is %s', (zone, time, end) => {
    expect(new Date(endOfMonth(at(time), zone)).toISOString()).toBe(new Date(at(end)).toISOString());
  });
});

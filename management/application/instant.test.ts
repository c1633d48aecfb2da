import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatInstant, parseInstant } from './instant.ts';

describe('an RFC 3339 instant', () => {
  test('survives being written and read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (instant) => {
        expect(parseInstant(formatInstant(instant))).toBe(instant);
      }),
    );
  });

  test.each([
    ['2026-11-22T08:00:00-05:00', '2026-11-22T13:00:00.000Z'],
    ['2026-11-22t08:00:00.5z', '2026-11-22T08:00:00.500Z'],
    ['2026-11-22 08:00:00.123456789Z', '2026-11-22T08:00:00.123Z'],
    ['2024-02-29T23:59:59+23:59', '2024-02-29T00:00:59.000Z'],
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    expect(formatInstant(parseInstant(text) as number)).toBe(instant);
  });

  test.each([
    '',
    'now',
    '2026-11-22',
    '2026-11-22T08:00:00',
    '2026-11-22T08:00Z',
    '2026-02-29T00:00:00Z',
    '2026-04-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-12-31T23:59:60Z',
    '2026-01-01T00:00:00+24:00',
    '1969-12-31T23:59:59Z',
    '1970-01-01T00:00:00+01:00',
    '0000-01-01T00:00:00Z',
    '2026-11-22T08:00:00.1234567890Z',
    '12026-11-22T08:00:00Z',
  ])('is not %j', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });
});

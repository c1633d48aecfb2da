import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseTimestamp } from './timestamp.ts';

describe('a timestamp', () => {
  test.each([
    ['2026-01-31T10:30:00Z', Date.UTC(2026, 0, 31, 10, 30)],
    ['2026-01-31t10:30:00z', Date.UTC(2026, 0, 31, 10, 30)],
    ['2026-01-31 10:30:00.5Z', Date.UTC(2026, 0, 31, 10, 30, 0, 500)],
    ['2026-01-31T10:30:00.123456789Z', Date.UTC(2026, 0, 31, 10, 30, 0, 123)],
    ['2026-01-31T10:30:00-05:00', Date.UTC(2026, 0, 31, 15, 30)],
    ['2024-02-29T23:59:60Z', Date.UTC(2024, 2, 1)],
    ['1700000000000', 1_700_000_000_000],
    [1_700_000_000_000, 1_700_000_000_000],
    [1_700_000_000_000.7, 1_700_000_000_000],
    [0, 0],
  ])('%s is a time', (value, time) => {
    expect(parseTimestamp(value)).toBe(time);
  });

  test.each([
    '',
    'yesterday',
    '2026-01-31',
    '2026-01-31T10:30:00',
    '2026-01-31T10:30:00.Z',
    '2026-01-31T10:30:00Zjunk',
    '2026-02-29T10:30:00Z',
    '2026-13-01T10:30:00Z',
    '2026-00-01T10:30:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T10:60:00Z',
    '2026-01-31T10:30:00+24:00',
    '2026-01-31T10:30:00+0500',
    '0050-01-31T10:30:00Z',
    '1969-12-31T23:59:59Z',
    '9999999999999999',
    -1,
    1e16,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    {},
    [],
    null,
    undefined,
  ])('%s is none', (value) => {
    expect(parseTimestamp(value)).toBeUndefined();
  });

  test('reads what Date writes', () => {
    const latest = Date.UTC(9999, 11, 31);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: latest }), (time) => {
        expect(parseTimestamp(new Date(time).toISOString())).toBe(time);
      }),
    );
  });

  test('never reads another time than Date does', () => {
    const part = fc.stringMatching(/^[0-9]{2}$/);
    const shape = fc.tuple(
      part,
      part,
      part,
      part,
      part,
      part,
      part,
      fc.constantFrom('Z', '+01:30', '-23:59', ''),
    );
    fc.assert(
      fc.property(shape, ([century, year, month, day, hour, minute, second, zone]) => {
        const text = `${century}${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`;
        const time = parseTimestamp(text);
        if (time !== undefined && second !== '60') expect(time).toBe(Date.parse(text));
      }),
    );
  });

  test('whatever it is given, it answers', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        const time = parseTimestamp(value);
        expect(time === undefined || Number.isSafeInteger(time)).toBe(true);
      }),
    );
  });
});

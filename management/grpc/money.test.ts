import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMicros } from '../../model/money.ts';
import { decimalOf, protoMoney } from './money.ts';

test('micros survive the way over units and nanos', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_000_000_000_000_000 }), (micros) => {
      expect(parseMicros(decimalOf(protoMoney(micros, 'USD')), Number.MAX_SAFE_INTEGER)).toBe(micros);
    }),
  );
});

test('units and nanos have the same sign, and add up', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), (micros) => {
      const { units, nanos } = protoMoney(micros, 'USD');
      expect(units * 1_000_000n + BigInt(nanos / 1_000)).toBe(micros);
      expect(units === 0n || nanos === 0 || units > 0n === nanos > 0).toBe(true);
    }),
  );
});

test.each([
  [1n, 750_000_000, '1.750000000'],
  [0n, 1, '0.000000001'],
  [-1n, -5, '-1.000000005'],
  [0n, -5, '-0.000000005'],
])('%s units and %s nanos are %s', (units, nanos, text) => {
  expect(decimalOf({ currencyCode: 'USD', units, nanos })).toBe(text);
});

test.each([
  [1n, -1],
  [-1n, 1],
  [0n, 1_000_000_000],
  [0n, -1_000_000_000],
])('%s units and %s nanos are no amount', (units, nanos) => {
  expect(parseMicros(decimalOf({ currencyCode: 'USD', units, nanos }), 10 ** 15)).toBeUndefined();
});

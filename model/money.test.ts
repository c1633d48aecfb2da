import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatMicros,
  isCurrency,
  microsOfNumber,
  minorDigits,
  parseMicros,
  payableUnitMicros,
} from './money.ts';

const MAX = 9_000_000_000_000_000;

describe('an amount as text', () => {
  it.each([
    ['0', 0],
    ['12', 12_000_000],
    ['12.5', 12_500_000],
    ['12.50', 12_500_000],
    ['0.000001', 1],
    ['1.0000000', 1_000_000],
    ['9000000000', MAX],
  ])('%s is read exactly', (text, micros) => {
    expect(parseMicros(text, MAX)).toBe(micros);
  });

  it.each([
    '',
    '.',
    '1.',
    '.5',
    '-1',
    '+1',
    '1e3',
    '1,5',
    '0.0000001',
    '9000000000.000001',
    '1.2.3',
    ' 1',
    '٣',
  ])('%j is no amount', (text) => {
    expect(parseMicros(text, MAX)).toBeUndefined();
  });

  it('is the inverse of formatting', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: MAX }),
        fc.constantFrom('USD', 'JPY', 'KWD', 'COP'),
        (micros, currency) => {
          expect(parseMicros(formatMicros(micros, currency), MAX)).toBe(micros);
        },
      ),
    );
  });

  it('shows the decimals of its currency, and more only where it has them', () => {
    expect(formatMicros(12_500_000, 'USD')).toBe('12.50');
    expect(formatMicros(12_505_000, 'USD')).toBe('12.505');
    expect(formatMicros(150_000_000, 'JPY')).toBe('150');
    expect(formatMicros(150_000, 'JPY')).toBe('0.15');
    expect(formatMicros(1_000_000, 'KWD')).toBe('1.000');
    expect(formatMicros(-12_500_000n, 'USD')).toBe('-12.50');
    expect(formatMicros(0, 'USD')).toBe('0.00');
  });
});

describe('an amount as a number', () => {
  it('means its decimal form, without the noise of binary arithmetic', () => {
    expect(microsOfNumber(19.99, MAX)).toBe(19_990_000);
    expect(microsOfNumber(0.1 + 0.2, MAX)).toBe(300_000);
    expect(microsOfNumber(150_000, MAX)).toBe(150_000_000_000);
  });

  it('is refused where micros cannot hold it', () => {
    for (const value of [0.000_000_1, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e10])
      expect(microsOfNumber(value, MAX)).toBeUndefined();
  });

  it('agrees with its text for every amount in cents', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 }), (cents) => {
        const text = formatMicros(cents * 10_000, 'USD');
        expect(microsOfNumber(Number(text), MAX)).toBe(cents * 10_000);
      }),
    );
  });
});

it('knows the currencies of ISO 4217 and their minor units', () => {
  expect(isCurrency('COP')).toBe(true);
  expect(isCurrency('XXY')).toBe(false);
  expect([minorDigits('USD'), minorDigits('JPY'), minorDigits('KWD')]).toEqual([2, 0, 3]);
});

describe('what is paid', () => {
  it.each([
    ['USD', 10_000],
    ['COP', 10_000],
    ['JPY', 1_000_000],
    ['KWD', 10_000],
    ['CLF', 10_000],
    ['MGA', 1_000_000],
  ])('in %s is a whole number of %i micros', (currency, micros) => {
    expect(payableUnitMicros(currency)).toBe(micros);
  });
});

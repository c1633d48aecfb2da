import * as ISO_4217 from 'dinero.js/currencies';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payableUnitMicros } from '../../model/money.ts';
import { microsOfStripe, stripeAmount } from './stripe-amounts.ts';

describe('an amount for Stripe', () => {
  it.each([
    ['12.50 USD', 12_500_000, 'USD', 1250],
    ['12.50 COP', 12_500_000, 'COP', 1250],
    ['500 JPY, which has no decimals', 500_000_000, 'JPY', 500],
    ['500 MGA, which has none at Stripe', 500_000_000, 'MGA', 500],
    ['5.12 KWD, which has three', 5_120_000, 'KWD', 5120],
    ['5 ISK, which is written with two that are 0', 5_000_000, 'ISK', 500],
    ['7 UGX, likewise', 7_000_000, 'UGX', 700],
  ])('%s', (_, micros, currency, amount) => {
    expect(stripeAmount(micros, currency)).toBe(amount);
    expect(microsOfStripe(amount, currency.toLowerCase())).toBe(micros);
  });

  it.each([
    ['a tenth of a cent', 1_000, 'USD'],
    ['half a yen', 500_000, 'JPY'],
    ['a last digit of KWD that is not 0', 5_124_000, 'KWD'],
    ['a part of a króna', 5_500_000, 'ISK'],
    ['a fifth of an ariary', 200_000, 'MGA'],
  ])('there is none of %s', (_, micros, currency) => {
    expect(stripeAmount(micros, currency)).toBeUndefined();
  });

  it('is there, and comes back as it was, for whatever may be paid in any currency', () => {
    const currencies = Object.values(ISO_4217).map(({ code }) => code);
    fc.assert(
      fc.property(fc.constantFrom(...currencies), fc.integer({ min: 1, max: 1e9 }), (currency, units) => {
        const micros = units * payableUnitMicros(currency);
        const amount = stripeAmount(micros, currency);
        expect(Number.isInteger(amount)).toBe(true);
        expect(microsOfStripe(amount as number, currency)).toBe(micros);
      }),
    );
  });
});

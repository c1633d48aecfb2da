/**
 * Amounts as Stripe takes them: integers of a currency's smallest unit, which is not always that of ISO 4217.
 *
 * @see https://docs.stripe.com/currencies
 */
import { MICROS } from '../../model/money.ts';

/** Currencies of which an amount of 1 is a whole unit. */
const NO_DECIMALS: ReadonlySet<string> = new Set([
  'BIF',
  'CLP',
  'DJF',
  'GNF',
  'JPY',
  'KMF',
  'KRW',
  'MGA',
  'PYG',
  'RWF',
  'VND',
  'VUV',
  'XAF',
  'XOF',
  'XPF',
]);

/** Currencies whose amounts have three decimals, of which the last must be 0. */
const THREE_DECIMALS: ReadonlySet<string> = new Set(['BHD', 'JOD', 'KWD', 'OMR', 'TND']);

/** Currencies without decimals whose amounts have two all the same, which must be 0: as they were before. */
const TWO_ZEROES: ReadonlySet<string> = new Set(['ISK', 'UGX']);

/** How an amount of a currency is made: micros of its smallest unit, and what amounts must be a multiple of. */
function scaleOf(currency: string): { readonly unitMicros: number; readonly multiple: number } {
  if (NO_DECIMALS.has(currency)) return { unitMicros: MICROS, multiple: 1 };
  if (THREE_DECIMALS.has(currency)) return { unitMicros: MICROS / 1_000, multiple: 10 };
  return { unitMicros: MICROS / 100, multiple: TWO_ZEROES.has(currency) ? 100 : 1 };
}

/** The amount as Stripe takes it, or `undefined` if Stripe has no such amount: nothing is ever rounded here. */
export function stripeAmount(micros: number, currency: string): number | undefined {
  const { unitMicros, multiple } = scaleOf(currency);
  return micros % (unitMicros * multiple) === 0 ? micros / unitMicros : undefined;
}

/** The micros of an amount that Stripe tells. @param currency as Stripe spells it, in small letters */
export function microsOfStripe(amount: number, currency: string): number {
  return amount * scaleOf(currency.toUpperCase()).unitMicros;
}

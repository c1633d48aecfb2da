/**
 * Arithmetic of the books, by dinero.js: amounts of two currencies are never added, that is an error. Amounts are
 * integers of micros of any size. What they are where they are kept and sent, is plain `bigint`.
 */
import { add, type Dinero, type DineroCurrency, dinero, subtract, toSnapshot } from 'dinero.js/bigint';
import * as ISO_4217 from 'dinero.js/bigint/currencies';

export type Amount = Dinero<bigint>;

/** Decimals of a micro. */
const SCALE = 6n;

const CURRENCIES: ReadonlyMap<string, DineroCurrency<bigint>> = new Map(
  Object.values(ISO_4217).map((currency) => [currency.code, currency]),
);

/** @param currency an ISO 4217 code; another one is kept apart from all others just as well */
export function amountOf(micros: bigint, currency: string): Amount {
  const known = CURRENCIES.get(currency) ?? { code: currency, base: 10n, exponent: 2n };
  return dinero({ amount: micros, currency: known, scale: SCALE });
}

/** @throws Error if the two are of different currencies */
export function sum(one: Amount, other: Amount): Amount {
  return add(one, other);
}

/** @throws Error if the two are of different currencies */
export function difference(one: Amount, other: Amount): Amount {
  return subtract(one, other);
}

export function microsOf(amount: Amount): bigint {
  return toSnapshot(amount).amount;
}

/**
 * Money: an integer number of micros (millionths of the currency's unit) and an ISO 4217 code.
 *
 * Micros hold every ISO currency exactly (none has more than four decimals) and leave room for rates
 * such as a thousandth of a cent per impression. One event's amount is a safe integer `number`; totals
 * are `bigint`, so that no campaign can outgrow them. Nothing here rounds: an amount that micros cannot
 * hold is an error.
 */
import * as ISO_4217 from 'dinero.js/currencies';

export const MICROS = 1_000_000;
const DECIMALS = 6;

/** An amount of at most `limits.amountMicros`. */
export interface Money {
  readonly micros: number;
  readonly currency: string;
}

/** Money as JSON carries it. */
export interface MoneyJson {
  readonly amount: string;
  readonly currency: string;
}

const EXPONENTS: ReadonlyMap<string, number> = new Map(
  Object.values(ISO_4217).map((currency) => [currency.code, currency.exponent]),
);

/** Whether `code` is an ISO 4217 currency in use. */
export function isCurrency(code: string): boolean {
  return EXPONENTS.has(code);
}

/** Decimal places of a currency's minor unit: 2 for USD and COP, 0 for JPY, 3 for KWD. */
export function minorDigits(currency: string): number {
  return EXPONENTS.get(currency) ?? 2;
}

/** Currencies that are paid in whole units only, though their coins are smaller. */
const PAID_IN_UNITS: ReadonlySet<string> = new Set(['MGA']);

/**
 * The micros of the smallest amount that is paid in a currency; what is paid is a whole number of these. It is the
 * minor unit, but a hundredth where that is smaller still: networks take no more than two decimals, and Stripe
 * wants the last digit of those with three to be 0.
 *
 * @see https://docs.stripe.com/currencies
 */
export function payableUnitMicros(currency: string): number {
  return PAID_IN_UNITS.has(currency) ? MICROS : MICROS / 10 ** Math.min(minorDigits(currency), 2);
}

/**
 * The micros of a decimal string such as `12.50`, or `undefined` if it is not one, has more than six
 * decimals, or exceeds `maxMicros`. Signs and exponents are not amounts.
 */
export function parseMicros(text: string, maxMicros: number): number | undefined {
  const length = text.length;
  if (length === 0 || length > 32) return undefined;
  let micros = 0;
  let decimals = -1;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === 46 && decimals < 0 && i > 0) {
      decimals = 0;
      continue;
    }
    if (code < 48 || code > 57) return undefined;
    if (decimals === DECIMALS) {
      if (code !== 48) return undefined;
      continue;
    }
    micros = micros * 10 + (code - 48);
    if (decimals >= 0) decimals++;
    if (micros > Number.MAX_SAFE_INTEGER) return undefined;
  }
  if (decimals === 0) return undefined;
  for (let d = Math.max(decimals, 0); d < DECIMALS; d++) micros *= 10;
  return micros <= maxMicros ? micros : undefined;
}

/**
 * The micros of a JSON number. Its shortest decimal form counts, so 19.99 is nineteen and ninety-nine
 * hundredths; noise of binary arithmetic beyond 12 significant decimals (0.1 + 0.2) is taken off.
 */
export function microsOfNumber(value: number, maxMicros: number): number | undefined {
  if (!(value >= 0) || value > maxMicros / MICROS) return undefined;
  const scaled = value * MICROS;
  const micros = Math.round(scaled);
  if (Math.abs(scaled - micros) > Math.max(1e-3, scaled * 2 ** -50)) return undefined;
  return micros <= maxMicros ? micros : undefined;
}

/** `12500000` → `12.50`: at least the currency's own decimals, more only where the amount has them. */
export function formatMicros(micros: number | bigint, currency: string): string {
  const amount = BigInt(micros);
  const sign = amount < 0n ? '-' : '';
  const digits = (amount < 0n ? -amount : amount).toString().padStart(DECIMALS + 1, '0');
  const units = digits.slice(0, -DECIMALS);
  let decimals = DECIMALS;
  const least = minorDigits(currency);
  while (decimals > least && digits.charCodeAt(digits.length - 1 - (DECIMALS - decimals)) === 48) decimals--;
  return decimals === 0
    ? `${sign}${units}`
    : `${sign}${units}.${digits.slice(-DECIMALS, digits.length - (DECIMALS - decimals))}`;
}

/** Money as JSON carries it. */
export function moneyJson(micros: number | bigint, currency: string): MoneyJson {
  return { amount: formatMicros(micros, currency), currency };
}

/** Amounts, as clients write them. */
import { limits } from '../../limits.ts';
import { isCurrency, MICROS, type Money, microsOfNumber, parseMicros } from '../../model/money.ts';
import type { MoneyDraft } from './draft-parts.ts';
import type { Violations } from './violations.ts';

/** What an amount must be. */
export const AMOUNT_RULE = `must be a decimal such as "12.50" with at most six decimals, up to ${limits.amountMicros / MICROS}`;

/** The money that a draft says; a violation if it says none, or nothing where that may not be. */
export function moneyOf(
  draft: MoneyDraft,
  field: string,
  violations: Violations,
  mayBeZero = false,
): Money | undefined {
  const currency = draft.currency.toUpperCase();
  const known = isCurrency(currency);
  if (!known) violations.add(`${field}.currency`, 'must be an ISO 4217 code in use, such as USD');
  const micros =
    typeof draft.amount === 'string'
      ? parseMicros(draft.amount, limits.amountMicros)
      : microsOfNumber(draft.amount, limits.amountMicros);
  if (micros === undefined) {
    return violations.add(`${field}.amount`, AMOUNT_RULE);
  }
  if (micros === 0 && !mayBeZero) return violations.add(`${field}.amount`, 'must be more than zero');
  return known ? { micros, currency } : undefined;
}

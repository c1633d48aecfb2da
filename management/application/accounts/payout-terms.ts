/** How a partner is paid, in the spelling of REST, and the terms that it stands for. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { PAYOUT_SCHEDULES, type PayoutTerms } from '../../../model/account.ts';
import { type Money, moneyJson } from '../../../model/money.ts';
import { MoneyDraft, word } from '../draft-parts.ts';
import { moneyOf } from '../money.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';

export const PayoutTermsDraft = Type.Object(
  {
    schedule: Type.Optional(
      word(
        PAYOUT_SCHEDULES,
        'When the partner is paid by itself: at midnight UTC of every day, of Mondays, of the first of a month, or not.',
      ),
    ),
    minimums: Type.Optional(
      Type.Array(MoneyDraft, {
        maxItems: limits.payoutMinimums,
        description: 'Less than this is not paid; at most one amount for each currency.',
        examples: [[{ amount: '50.00', currency: 'USD' }]],
      }),
    ),
    destination: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: limits.destinationLength,
        description: 'Where the gateway sends the money: for Stripe the connected account.',
        examples: ['acct_1NkDq2'],
      }),
    ),
  },
  { description: 'How a partner is paid. Unknown fields are ignored.' },
);
export type PayoutTermsDraft = Static<typeof PayoutTermsDraft>;

/**
 * The terms that a draft stands for. Minimums are in the order of their currencies, so that the same terms are the
 * same.
 *
 * @throws TurnpikeError `invalid_argument` with everything that is wrong
 */
export function payoutTerms({
  schedule = 'NONE',
  minimums = [],
  destination,
}: PayoutTermsDraft): PayoutTerms {
  const violations = new Violations();
  const when = wordOf(PAYOUT_SCHEDULES, schedule, 'schedule', violations);
  const byCurrency = new Map<string, Money>();
  for (const [index, draft] of minimums.entries()) {
    const field = `minimums[${index}]`;
    const minimum = moneyOf(draft, field, violations);
    if (!minimum) continue;
    if (byCurrency.has(minimum.currency))
      violations.add(`${field}.currency`, `stands for a second minimum in ${minimum.currency}`);
    byCurrency.set(minimum.currency, minimum);
  }
  if (destination !== undefined) plainText(destination, 'destination', violations);
  violations.refuse();
  return {
    schedule: when as NonNullable<typeof when>,
    minimums: [...byCurrency.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1)),
    ...(destination !== undefined && { destination }),
  };
}

/** The draft that terms could have been made of. */
export function payoutTermsDraftOf({ schedule, minimums, destination }: PayoutTerms) {
  return {
    schedule,
    minimums: minimums.map(({ micros, currency }) => moneyJson(micros, currency)),
    ...(destination !== undefined && { destination }),
  };
}

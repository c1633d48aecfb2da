/** What a payout may be asked for with, in the spelling of REST, and the request that it stands for. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { isCurrency, MICROS, type Money, payableUnitMicros } from '../../../model/money.ts';
import type { PayoutRequest } from '../../../model/payout.ts';
import { SCHEDULED_REFERENCE } from '../../../model/payout-id.ts';
import { MoneyDraft } from '../draft-parts.ts';
import { moneyOf } from '../money.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';

export const PayoutDraft = Type.Object(
  {
    partner_id: Type.String({
      minLength: 1,
      maxLength: limits.idLength,
      description: 'Who is paid, as events name it. It need not be registered.',
      examples: ['ana'],
    }),
    amount: Type.Optional(MoneyDraft),
    currency: Type.Optional(
      Type.String({
        description: 'Without an amount: all that is payable in this currency is paid. ISO 4217 code.',
        examples: ['USD'],
      }),
    ),
    reference: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: limits.idLength,
        description:
          'What the payout is known by to whoever asks for it: there is one for each partner and reference, for ever. ' +
          'The idempotency key unless said.',
        examples: ['invoice-2026-11'],
      }),
    ),
    advance: Type.Optional(
      Type.Boolean({
        description:
          'Whether it may exceed what is payable: the account is below zero then, and the next commissions make up ' +
          'for it. Only with an amount.',
      }),
    ),
    destination: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: limits.destinationLength,
        description: 'Where the gateway sends it; where the partner’s payout terms say, unless said.',
        examples: ['acct_1NkDq2'],
      }),
    ),
  },
  { description: 'A payout to ask for. Unknown fields are ignored.' },
);
export type PayoutDraft = Static<typeof PayoutDraft>;

/**
 * The request that a draft stands for.
 *
 * @param usualReference of a draft without one
 * @throws TurnpikeError `invalid_argument` with everything that is wrong
 */
export function payoutRequest(draft: PayoutDraft, usualReference: string): PayoutRequest {
  const violations = new Violations();
  const { reference = usualReference, destination, advance: isAdvance = false } = draft;
  plainText(draft.partner_id, 'partner_id', violations);
  plainText(reference, 'reference', violations);
  if (reference.startsWith(SCHEDULED_REFERENCE))
    violations.add(
      'reference',
      `must not begin with ${SCHEDULED_REFERENCE}: such are those of payouts by schedule`,
    );
  if (destination !== undefined) plainText(destination, 'destination', violations);
  const amount = draft.amount && moneyOf(draft.amount, 'amount', violations);
  if (amount) checkUnits(amount, violations);
  const currency = currencyOf(draft, violations);
  if (isAdvance && !draft.amount) violations.add('amount', 'is required for an advance');
  violations.refuse();
  return {
    partnerId: draft.partner_id,
    currency: currency as string,
    ...(amount && { micros: amount.micros }),
    reference,
    isAdvance,
    ...(destination !== undefined && { destination }),
  };
}

/** What is paid is a whole number of the smallest amount that is paid in its currency. */
function checkUnits({ micros, currency }: Money, violations: Violations): void {
  const unit = payableUnitMicros(currency);
  if (micros % unit === 0) return;
  const digits = Math.log10(MICROS / unit);
  const most = digits === 0 ? 'no decimals' : `at most ${Math.round(digits)} decimals`;
  violations.add('amount.amount', `must have ${most}: it is an amount in ${currency} to be paid`);
}

function currencyOf({ amount, currency }: PayoutDraft, violations: Violations): string | undefined {
  const code = currency?.toUpperCase();
  const own = amount?.currency.toUpperCase();
  if (code === undefined && own === undefined)
    return violations.add('amount', 'is required, or currency: then all that is payable in it is paid');
  if (code !== undefined && own !== undefined && code !== own)
    return violations.add('currency', `must be that of the amount, ${own}, or absent`);
  if (own === undefined && code !== undefined && !isCurrency(code))
    return violations.add('currency', 'must be an ISO 4217 code in use, such as USD');
  return own ?? code;
}

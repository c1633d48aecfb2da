/** Which conversion is to be refunded, in the spelling of REST, and what of it the campaign is told. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import { CLICK_ID_LENGTH } from '../../../model/click-id.ts';
import { checker } from '../check.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';

const text = (maxLength: number, description: string, example: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, description, examples: [example] }));

export const RefundDraft = Type.Object(
  {
    transaction_id: text(limits.idLength, 'The transaction of the conversion.', 'order-4711'),
    click_id: text(
      CLICK_ID_LENGTH,
      'The click id that the conversion has brought, if it came without a transaction.',
      'AQGcyvJ4AGFhYWFhYWFhAAJjMQADYW5uc2VjcmV0c2Vj',
    ),
    goal: text(
      limits.idLength,
      'The goal of the conversion that came with the click; it had none if absent.',
      'signup',
    ),
    reason: text(limits.reasonLength, 'Why; kept with what is taken back.', 'Sent back within 14 days.'),
  },
  {
    description: 'A conversion to be refunded, by its transaction or its click. Unknown fields are ignored.',
  },
);
export type RefundDraft = Static<typeof RefundDraft>;

const check = checker(RefundDraft, 'refund');

/** The payload of `refund`. @throws TurnpikeError `invalid_argument` with everything that is wrong */
export function refundOf(draft: unknown) {
  const { transaction_id: transactionId, click_id: clickId, goal, reason } = check(draft);
  const violations = new Violations();
  if (transactionId === undefined && clickId === undefined)
    violations.add('transaction_id', 'is required, unless click_id is given');
  if (transactionId !== undefined && clickId !== undefined)
    violations.add(
      'click_id',
      'must be left out where transaction_id is given: the transaction names it alone',
    );
  if (goal !== undefined && clickId === undefined)
    violations.add('goal', 'must be left out without click_id');
  if (reason !== undefined) plainText(reason, 'reason', violations);
  violations.refuse();
  return {
    ...(transactionId !== undefined && { transactionId }),
    ...(clickId !== undefined && { clickId }),
    ...(goal !== undefined && { goal }),
    ...(reason !== undefined && { reason }),
  };
}

/** Refunds as REST shows them. */
import { type Static, Type } from 'typebox';
import type { RefundReceipt } from '../../../model/commissions.ts';
import { moneyJson } from '../../../model/money.ts';
import { formatInstant } from '../../application/instant.ts';
import { instant, Money } from '../schema-parts.ts';

export const ConversionRefundResource = Type.Object(
  {
    campaign_id: Type.String({ description: 'The campaign.' }),
    decision_id: Type.String({ description: 'The decision by which the conversion had counted.' }),
    occurred_at: instant('When the conversion happened.'),
    refunded_at: instant('When it was refunded.'),
    revenue: Money,
    spend: Money,
    commission: Money,
    reversed: Type.Array(
      Type.Object({
        partner_id: Type.String({ description: 'The partner.' }),
        amount: Money,
      }),
      {
        description: 'Whose commissions are reversed: of each exactly what it has earned by the conversion.',
      },
    ),
  },
  {
    $id: 'ConversionRefund',
    description: 'What a refund has taken back; `spend` is what was given back to the budget.',
  },
);
type ConversionRefundResource = Static<typeof ConversionRefundResource>;

export function conversionRefundResource(receipt: RefundReceipt): ConversionRefundResource {
  const { campaignId, decisionId, currency, reversed } = receipt;
  return {
    campaign_id: campaignId,
    decision_id: decisionId,
    occurred_at: formatInstant(receipt.occurredAt),
    refunded_at: formatInstant(receipt.refundedAt),
    revenue: moneyJson(receipt.revenueMicros, currency),
    spend: moneyJson(receipt.spendMicros, currency),
    commission: moneyJson(receipt.commissionMicros, currency),
    reversed: reversed.map(({ partnerId, micros }) => ({
      partner_id: partnerId,
      amount: moneyJson(micros, currency),
    })),
  };
}

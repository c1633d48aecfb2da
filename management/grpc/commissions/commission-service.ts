/** The methods of `turnpike.v1.CommissionService`: thin over the application. */
import type { RefundReceipt } from '../../../model/commissions.ts';
import type {
  CommissionServiceServer,
  ConversionRefund,
} from '../../../proto/generated/turnpike/v1/commission_service.ts';
import type { Commissions } from '../../application/commissions/commissions.ts';
import { contextOf } from '../context.ts';
import { protoMoney } from '../money.ts';
import { named } from '../request.ts';
import { protoTimestamp } from '../timestamp.ts';
import { type UnaryDependencies, unary } from '../unary.ts';

export function commissionService(
  commissions: Commissions,
  dependencies: UnaryDependencies,
): CommissionServiceServer {
  return {
    refundConversion: unary(dependencies, 'RefundConversion', async (request) => {
      const { campaignId, transactionId, clickId, goal, reason } = request;
      const draft = {
        ...(transactionId && { transaction_id: transactionId }),
        ...(clickId && { click_id: clickId }),
        ...(goal && { goal }),
        ...(reason && { reason }),
      };
      const context = contextOf(request.requestId, '');
      return protoRefund(await commissions.refund(named(campaignId), draft, context));
    }),
  };
}

function protoRefund(receipt: RefundReceipt): ConversionRefund {
  const { campaignId, decisionId, currency, reversed } = receipt;
  return {
    campaignId,
    decisionId,
    occurredAt: protoTimestamp(receipt.occurredAt),
    refundedAt: protoTimestamp(receipt.refundedAt),
    revenue: protoMoney(receipt.revenueMicros, currency),
    spend: protoMoney(receipt.spendMicros, currency),
    commission: protoMoney(receipt.commissionMicros, currency),
    reversals: reversed.map(({ partnerId, micros }) => ({ partnerId, amount: protoMoney(micros, currency) })),
  };
}

/** The methods of `turnpike.v1.CommissionService`: thin over the application. */
import type { RefundReceipt } from '../../../model/commissions.ts';
import {
  type CommissionServiceServer,
  CommissionStatus,
  type ConversionRefund,
  type ListCommissionsRequest,
} from '../../../proto/generated/turnpike/v1/commission_service.ts';
import {
  type CommissionListQuery,
  commissionFilterOf,
} from '../../application/commissions/commission-list.ts';
import type { Commissions } from '../../application/commissions/commissions.ts';
import { checkedPageSize } from '../../application/request.ts';
import { refuse, Violations } from '../../application/violations.ts';
import { contextOf } from '../context.ts';
import { protoMoney } from '../money.ts';
import { named } from '../request.ts';
import { instantOf, protoTimestamp } from '../timestamp.ts';
import { type UnaryDependencies, unary } from '../unary.ts';
import { wordOf } from '../words.ts';
import { protoCommission, protoSaga } from './commissions.ts';

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
    listCommissions: unary(dependencies, 'ListCommissions', async (request) => {
      const page = await commissions.list(listQueryOf(request));
      return {
        commissions: page.commissions.map(protoCommission),
        nextPageToken: page.nextPageToken ?? '',
      };
    }),
    getCommission: unary(dependencies, 'GetCommission', async ({ commissionId }) => {
      if (commissionId === '') refuse([{ field: 'commission_id', description: 'must not be empty' }]);
      return protoCommission(await commissions.get(commissionId));
    }),
    getSaga: unary(dependencies, 'GetSaga', async ({ sagaId }) => {
      if (sagaId === '') refuse([{ field: 'saga_id', description: 'must not be empty' }]);
      return protoSaga(await commissions.saga(sagaId));
    }),
  };
}

function listQueryOf(request: ListCommissionsRequest): CommissionListQuery {
  const violations = new Violations();
  const { partnerId, campaignId, pageSize, pageToken } = request;
  const filter = commissionFilterOf(
    {
      partnerId,
      campaignId,
      status: wordOf(CommissionStatus, request.status),
      from: instantOf(request.from, 'from', violations),
      to: instantOf(request.to, 'to', violations),
    },
    violations,
  );
  violations.refuse();
  return { filter, pageSize: checkedPageSize(pageSize), ...(pageToken && { pageToken }) };
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

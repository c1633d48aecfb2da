/** Commissions and sagas as messages. */
import {
  CommissionStatus,
  type EarnedCommission,
  type Saga as ProtoSaga,
  SagaKind,
  SagaState,
} from '../../../proto/generated/turnpike/v1/commission_service.ts';
import type { Commission } from '../../application/commissions/commission.ts';
import type { Saga } from '../../application/commissions/saga.ts';
import { protoMoney } from '../money.ts';
import { protoTimestamp } from '../timestamp.ts';

export function protoCommission(commission: Commission): EarnedCommission {
  const { revenue, amount, reversedAt } = commission;
  return {
    id: commission.commissionId,
    campaignId: commission.campaignId,
    partnerId: commission.partnerId,
    decisionId: commission.decisionId,
    contentId: commission.contentId ?? '',
    share: commission.share,
    revenue: protoMoney(revenue.micros, revenue.currency),
    amount: protoMoney(amount.micros, amount.currency),
    status: CommissionStatus[commission.status],
    occurredAt: protoTimestamp(commission.occurredAt),
    earnedAt: protoTimestamp(commission.earnedAt),
    releaseAt: protoTimestamp(commission.releaseAt),
    reversedAt: reversedAt === undefined ? undefined : protoTimestamp(reversedAt),
  };
}

export function protoSaga({ sagaId, kind, state, partnerId, amount, steps }: Saga): ProtoSaga {
  return {
    id: sagaId,
    kind: SagaKind[kind],
    state: SagaState[state],
    partnerId,
    amount: protoMoney(amount.micros, amount.currency),
    steps: steps.map((step) => ({
      at: protoTimestamp(step.at),
      step: step.step,
      detail: step.detail ?? '',
      amount: step.amount && protoMoney(step.amount.micros, step.amount.currency),
      eventId: step.eventId ?? '',
      transactionId: step.transactionId ?? '',
      decisionId: step.decisionId ?? '',
      payoutId: step.payoutId ?? '',
      ledgerEntryId: step.ledgerEntryId ?? '',
    })),
  };
}

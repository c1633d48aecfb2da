/** Payouts as messages. */
import type { Money } from '../../../model/money.ts';
import type { PayoutView } from '../../../model/payout.ts';
import type { Money as ProtoMoney } from '../../../proto/generated/turnpike/v1/money.ts';
import { type Payout, PayoutStatus } from '../../../proto/generated/turnpike/v1/payout_service.ts';
import { protoMoney } from '../money.ts';
import { protoTimestamp } from '../timestamp.ts';

export function protoPayout(view: PayoutView): Payout {
  const { nextAttemptAt, reversed } = view;
  return {
    id: view.payoutId,
    partnerId: view.partnerId,
    amount: moneyOf(view.amount),
    reference: view.reference,
    advance: view.isAdvance,
    status: PayoutStatus[view.status],
    failure: view.failure,
    destination: view.destination ?? '',
    attempts: view.attempts,
    nextAttemptAt: nextAttemptAt === undefined ? undefined : protoTimestamp(nextAttemptAt),
    transferId: view.transferId ?? '',
    reversed: reversed && moneyOf(reversed),
    lots: view.lots.map(({ campaignId, releaseAt, amount }) => ({
      campaignId,
      releaseAt: protoTimestamp(releaseAt),
      amount: moneyOf(amount),
    })),
    steps: view.steps.map(({ at, step, detail = '' }) => ({ at: protoTimestamp(at), step, detail })),
    etag: view.etag,
    createdAt: protoTimestamp(view.createdAt),
    updatedAt: protoTimestamp(view.updatedAt),
    requestedBy: view.requestedBy,
  };
}

function moneyOf({ micros, currency }: Money): ProtoMoney {
  return protoMoney(micros, currency);
}

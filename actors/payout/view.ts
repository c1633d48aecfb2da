/** What others see of a payout's state. */
import type { PayoutView } from '../../model/payout.ts';
import type { PayoutState } from './state.ts';

/** The payout as management shows it. */
export function viewOf(state: PayoutState): PayoutView {
  const { currency, failure, destination, nextAttemptAt, transferId, reversedMicros } = state;
  return {
    payoutId: state.payoutId,
    partnerId: state.partnerId,
    amount: { micros: state.isReserved ? state.micros : (state.wantedMicros ?? 0), currency },
    reference: state.reference,
    isAdvance: state.isAdvance,
    status: state.status,
    ...(failure && { failure }),
    ...(destination !== undefined && { destination }),
    attempts: state.attempts,
    ...(nextAttemptAt !== undefined && { nextAttemptAt }),
    ...(transferId !== undefined && { transferId }),
    ...(reversedMicros > 0 && { reversed: { micros: reversedMicros, currency } }),
    lots: state.lots.map(({ campaignId, releaseAt, micros }) => ({
      campaignId,
      releaseAt,
      amount: { micros, currency },
    })),
    steps: [...state.steps],
    etag: String(state.version),
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    requestedBy: state.requestedBy,
  };
}

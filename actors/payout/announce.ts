/**
 * What a payout makes known when something happens to it. Each event tells all that lists show of the payout: the
 * latest one is what it has come to.
 */
import type { DomainEventData } from '../../model/domain-event.ts';
import { moneyJson } from '../../model/money.ts';
import type { Announce } from '../announcements.ts';
import type { PayoutState } from './state.ts';

export function announcePending(state: PayoutState, announce: Announce): void {
  announce('payout.pending', dataOf(state));
}

export function announceProcessing(state: PayoutState, announce: Announce): void {
  announce('payout.processing', dataOf(state));
}

export function announceSucceeded(state: PayoutState, announce: Announce): void {
  announce('payout.succeeded', dataOf(state));
}

export function announceFailed(state: PayoutState, announce: Announce): void {
  announce('payout.failed', dataOf(state));
}

function dataOf(state: PayoutState): DomainEventData {
  const { currency, wantedMicros, isReserved, failure, transferId } = state;
  // Not known yet where all that is payable was asked for.
  const micros = isReserved ? state.micros : wantedMicros;
  return {
    payout_id: state.payoutId,
    partner_id: state.partnerId,
    reference: state.reference,
    status: state.status,
    currency,
    ...(micros !== undefined && { amount: moneyJson(micros, currency) }),
    is_advance: state.isAdvance,
    ...(state.destination !== undefined && { destination: state.destination }),
    attempts: state.attempts,
    ...(transferId !== undefined && { transfer_id: transferId }),
    ...(failure && { failure: { code: failure.code, message: failure.message } }),
    requested_by: state.requestedBy,
    created_at: new Date(state.createdAt).toISOString(),
  };
}

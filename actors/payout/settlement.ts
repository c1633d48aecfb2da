/**
 * How a payout goes on from the moment its money is set aside, and how it ends. The account is told once what has
 * become of the money: `settle`. What comes back after that, as a whole, is told once too: `returned`.
 */
import { limits } from '../../limits.ts';
import { moneyJson } from '../../model/money.ts';
import type { ReturnedPayload, SettlePayload } from '../../model/payout-messages.ts';
import { announceFailed, announceProcessing, announceSucceeded } from './announce.ts';
import { cut, type Effects, note } from './effects.ts';
import { pauseAfter } from './retry.ts';
import type { LotState, PayoutState } from './state.ts';

/** The code of a payout that failed because what was sent has come back. */
export const REVERSED = 'reversed';

/** What the account has set aside. */
export interface Reservation {
  readonly micros: number;
  readonly lots: readonly LotState[];
  readonly destination: string | undefined;
}

/** The money is set aside: the gateway is asked for it. */
export function process(state: PayoutState, reservation: Reservation, effects: Effects): void {
  const { micros, lots, destination } = reservation;
  state.isReserved = true;
  state.micros = micros;
  state.lots = lots;
  state.destination = state.wantedDestination ?? destination;
  note(state, 'reserved', effects, amountText(state, micros));
  state.status = 'PROCESSING';
  announceProcessing(state, effects.announce);
  attempt(state, effects);
}

/** Asks the gateway, for the first time or again: always for the same. */
export function attempt(state: PayoutState, effects: Effects): void {
  state.attempts++;
  state.awaited = state.attempts;
  state.nextAttemptAt = undefined;
  note(state, 'attempted', effects, `attempt ${state.attempts}`);
  effects.order({
    payoutId: state.payoutId,
    attempt: state.attempts,
    partnerId: state.partnerId,
    amount: { micros: state.micros, currency: state.currency },
    ...(state.destination !== undefined && { destination: state.destination }),
    reference: state.reference,
  });
}

/** Nobody knows what has become of the attempt: the gateway is asked again after a pause. */
export function retryLater(state: PayoutState, message: string, effects: Effects): void {
  state.awaited = 0;
  state.nextAttemptAt = effects.time + pauseAfter(state.payoutId, state.attempts);
  note(state, 'unanswered', effects, `attempt ${state.attempts}: ${message}`);
}

/** The gateway will tell by itself. It is asked all the same when it has not done so for long. */
export function waitForNotice(state: PayoutState, transferId: string, effects: Effects): void {
  const pause = Math.max(pauseAfter(state.payoutId, state.attempts), limits.payoutAcceptedMs);
  state.awaited = 0;
  state.nextAttemptAt = effects.time + pause;
  state.transferId = cut(transferId, limits.gatewayIdLength);
  note(state, 'accepted', effects, state.transferId);
}

/** The gateway says that the money is sent. */
export function succeed(state: PayoutState, transferId: string, effects: Effects): void {
  stopAsking(state);
  state.transferId = cut(transferId, limits.gatewayIdLength);
  state.status = 'SUCCEEDED';
  note(state, 'succeeded', effects, state.transferId);
  settle(state, true, effects);
  announceSucceeded(state, effects.announce);
}

/** Nothing is sent: what was set aside goes back to the account. */
export function fail(
  state: PayoutState,
  step: 'refused' | 'declined',
  { code, message }: { readonly code: string; readonly message: string },
  effects: Effects,
): void {
  stopAsking(state);
  state.status = 'FAILED';
  state.failure = {
    code: cut(code, limits.gatewayIdLength),
    message: cut(message, limits.gatewayMessageLength),
  };
  note(state, step, effects, `${code}: ${message}`);
  if (state.isReserved) release(state, effects);
  announceFailed(state, effects.announce);
}

/** Gives back to the account what is set aside. */
export function release(state: PayoutState, effects: Effects): void {
  note(state, 'released', effects, amountText(state, state.micros));
  settle(state, false, effects);
}

/**
 * Something of what was sent has come back. The account has it again when all of it has: until then nobody knows
 * which commissions are unpaid.
 *
 * @param micros in all
 */
export function reverse(state: PayoutState, micros: number, message: string, effects: Effects): void {
  if (micros <= state.reversedMicros) return;
  state.reversedMicros = micros;
  note(state, 'reversed', effects, `${amountText(state, micros)}: ${message}`);
  if (micros < state.micros) return;
  state.status = 'FAILED';
  state.failure = { code: REVERSED, message: cut(message, limits.gatewayMessageLength) };
  const payload: ReturnedPayload = {
    payoutId: state.payoutId,
    currency: state.currency,
    micros: String(state.micros),
    lots: state.lots.map((lot) => ({ ...lot, micros: String(lot.micros) })),
  };
  note(state, 'released', effects, amountText(state, state.micros));
  effects.tell({ actorKind: 'account', actorId: state.partnerId, name: 'returned', payload });
  announceFailed(state, effects.announce);
}

/** Notes, once for each of them, what the gateway tells against what it has told before. */
export function contradict(state: PayoutState, what: string, effects: Effects): void {
  if (state.steps.some(({ step, detail }) => step === 'contradicted' && detail === what)) return;
  note(state, 'contradicted', effects, what);
}

function settle(state: PayoutState, isPaid: boolean, effects: Effects): void {
  if (state.isSettled) throw new Error(`payout ${state.payoutId} is settled already`);
  state.isSettled = true;
  const payload: SettlePayload = { payoutId: state.payoutId, isPaid };
  effects.tell({ actorKind: 'account', actorId: state.partnerId, name: 'settle', payload });
}

function stopAsking(state: PayoutState): void {
  state.awaited = 0;
  state.nextAttemptAt = undefined;
}

function amountText({ currency }: PayoutState, micros: number): string {
  return `${moneyJson(micros, currency).amount} ${currency}`;
}

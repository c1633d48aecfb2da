/** What the gateway says of a transfer, as an answer to an attempt or by itself: in any order, and more than once. */
import type { GatewayNotice, TransferReport } from '../../model/transfer.ts';
import type { Effects } from './effects.ts';
import { contradict, fail, REVERSED, retryLater, reverse, succeed, waitForNotice } from './settlement.ts';
import type { PayoutState } from './state.ts';

/**
 * Takes the answer to an attempt. That the money is sent counts whichever attempt it is told of: all have the same
 * key. Anything else counts only for the attempt that is awaited; an earlier one has been answered already, or was
 * repeated by a second owner of the partition.
 */
export function report(state: PayoutState, { attempt, outcome }: TransferReport, effects: Effects): void {
  if (outcome.kind === 'succeeded') {
    sent(state, outcome.transferId, effects);
    return;
  }
  if (state.status !== 'PROCESSING' || attempt !== state.awaited) return;
  switch (outcome.kind) {
    case 'declined':
      fail(state, 'declined', outcome, effects);
      break;
    case 'accepted':
      waitForNotice(state, outcome.transferId, effects);
      break;
    case 'unknown':
      retryLater(state, outcome.message, effects);
      break;
  }
}

/** Takes what the gateway tells by itself. */
export function notice(state: PayoutState, told: GatewayNotice, effects: Effects): void {
  const { kind, transferId, message = 'told by the gateway' } = told;
  switch (kind) {
    case 'succeeded':
      sent(state, transferId, effects);
      break;
    case 'failed':
      if (state.status === 'PROCESSING') fail(state, 'declined', { code: 'failed', message }, effects);
      else if (state.status === 'SUCCEEDED') contradict(state, `${transferId} failed: ${message}`, effects);
      break;
    case 'reversed':
      // What has come back was sent before, though that may not have been told yet.
      sent(state, transferId, effects);
      if (state.status === 'SUCCEEDED' && transferId === state.transferId)
        reverse(state, Math.min(told.reversedMicros ?? state.micros, state.micros), message, effects);
      break;
  }
}

/** The money is sent. Told of a payout that has failed without it, or of a second transfer, it is noted for people. */
function sent(state: PayoutState, transferId: string, effects: Effects): void {
  if (state.status === 'PROCESSING') {
    succeed(state, transferId, effects);
    return;
  }
  const wasSent = state.status === 'SUCCEEDED' || state.failure?.code === REVERSED;
  if (!wasSent || transferId !== state.transferId) contradict(state, `${transferId} was sent`, effects);
}

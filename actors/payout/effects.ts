/** What a change of a payout is given, and what it wants done outside: whom to tell, and what to ask the gateway for. */
import { limits } from '../../limits.ts';
import type { Message } from '../../model/message.ts';
import type { PayoutStep } from '../../model/payout.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import type { Announce } from '../announcements.ts';
import type { PayoutState } from './state.ts';

export interface Effects {
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  readonly announce: Announce;
  /** Tells the partner's account something. */
  readonly tell: (message: Message) => void;
  /** Asks the gateway for a transfer. */
  readonly order: (order: TransferOrder) => void;
}

/** Notes that something has happened. What lies in the middle is forgotten first: how it began tells what it is. */
export function note(
  state: PayoutState,
  step: PayoutStep['step'],
  { time }: Pick<Effects, 'time'>,
  detail?: string,
): void {
  state.steps.push({
    at: time,
    step,
    ...(detail !== undefined && { detail: cut(detail, limits.gatewayMessageLength) }),
  });
  if (state.steps.length > limits.payoutSteps) state.steps.splice(limits.payoutFirstSteps, 1);
  state.updatedAt = time;
  state.version++;
}

/** The beginning of a text, so that what others say stays within bounds. @param length UTF-16 units */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

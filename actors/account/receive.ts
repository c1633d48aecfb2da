/** What an account is told by campaigns, payouts and its partner. */
import type { CommissionsPayload } from '../../model/commissions.ts';
import type { Message } from '../../model/message.ts';
import type { StandingPayload } from '../../model/payout-messages.ts';
import { assign, releaseDue, reverse } from './earning.ts';
import { type Given, handleReserve, handleReturned, handleSettle, payBySchedule } from './payouts.ts';
import { type AccountState, bookOf } from './state.ts';

type Handler = (state: AccountState, payload: never, given: Given) => void;

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['commissions', takeCommissions],
  ['reserve', handleReserve],
  ['settle', handleSettle],
  ['returned', handleReturned],
  ['standing', takeStanding],
]);

/** @throws Error for a message that an account knows nothing of */
export function receive(state: AccountState, { name, payload }: Message, given: Given): void {
  const handler = HANDLERS.get(name);
  if (!handler) throw new Error(`an account knows no message ${name}`);
  handler(state, payload as never, given);
}

/** Does what time brings: commissions are released, and then the partner is paid. */
export function onTime(state: AccountState, given: Given): void {
  for (const book of state.books.values()) releaseDue(book, given);
  payBySchedule(state, given);
}

/** Record time at which it brings something next. */
export function dueAt({ books, nextPayoutAt }: AccountState): number | undefined {
  let due = nextPayoutAt;
  for (const { held } of books.values()) {
    const { earliest } = held;
    if (earliest !== undefined && (due === undefined || earliest < due)) due = earliest;
  }
  return due;
}

function takeCommissions(state: AccountState, told: CommissionsPayload, given: Given): void {
  const { campaignId, currency, assigned, reversed } = told;
  const book = bookOf(state, currency);
  for (const commissions of assigned) assign(book, campaignId, commissions, given);
  for (const commission of reversed) reverse(book, campaignId, commission, given);
}

function takeStanding(state: AccountState, { isSuspended }: StandingPayload): void {
  state.isSuspended = isSuspended;
}

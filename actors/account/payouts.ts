/** Payouts of a partner: those that ask for money, and those that its schedule opens. */
import { limits } from '../../limits.ts';
import type { Message } from '../../model/message.ts';
import { formatMicros, payableUnitMicros } from '../../model/money.ts';
import { payoutIdOf, scheduledReference } from '../../model/payout-id.ts';
import type {
  OpenPayload,
  RefusedPayload,
  ReservedPayload,
  ReservePayload,
  ReturnedPayload,
  SettlePayload,
} from '../../model/payout-messages.ts';
import { type Book, emptyBook, type Posted, type Reservation } from './book.ts';
import { reserve, settleFailed, settlePaid, takeBack } from './paying.ts';
import { latestPayout, nextPayout } from './schedule.ts';
import { type AccountState, bookOf, openPayouts, reservationOf } from './state.ts';

/** What a step is given. */
export interface Given extends Posted {
  /** Tells another actor. */
  readonly send: (message: Message) => void;
}

/** A payout asks for money. */
export function handleReserve(state: AccountState, asked: ReservePayload, given: Given): void {
  const { payoutId } = asked;
  const known = reservationOf(state, payoutId);
  const answer = known ? known.reservation : granted(state, asked, given);
  given.send({
    actorKind: 'payout',
    actorId: payoutId,
    ...('code' in answer
      ? { name: 'refused', payload: answer satisfies RefusedPayload }
      : { name: 'reserved', payload: reservedPayload(state, answer) }),
  });
}

/** A payout is over. One that is not known is over already. */
export function handleSettle(state: AccountState, { payoutId, isPaid }: SettlePayload, given: Given): void {
  const known = reservationOf(state, payoutId);
  if (!known) return;
  const settle = isPaid ? settlePaid : settleFailed;
  settle(known.book, known.reservation, given);
}

/** What was paid has come back. */
export function handleReturned(state: AccountState, returned: ReturnedPayload, given: Given): void {
  const book = bookOf(state, returned.currency);
  if (book.ledger.micros('paid') < BigInt(returned.micros))
    throw new RangeError(`payout ${returned.payoutId} came back, but so much was never paid`);
  takeBack(book, returned, given);
}

/**
 * Opens the payouts that the schedule has due: of each currency all that is payable, unless that is less than the
 * least amount. Where several are due at once, because nothing came for long, there is one.
 */
export function payBySchedule(state: AccountState, given: Given): void {
  const { terms, nextPayoutAt } = state;
  if (nextPayoutAt === undefined || nextPayoutAt > given.time) return;
  const due = latestPayout(terms.schedule, nextPayoutAt, given.time);
  state.nextPayoutAt = nextPayout(terms.schedule, due);
  if (state.isSuspended) return;
  for (const currency of [...state.books.keys()].sort()) {
    const book = state.books.get(currency) as Book;
    const micros = payable(book);
    if (micros === 0n || micros < leastOf(state, currency)) continue;
    if (openPayouts(state) >= limits.openPayouts) return;
    const reference = scheduledReference(due, currency);
    const payoutId = payoutIdOf(state.partnerId, reference);
    const reserved = reservedPayload(state, reserve(book, payoutId, micros, given));
    const payload: OpenPayload = { partnerId: state.partnerId, currency, reference, ...reserved };
    given.send({ actorKind: 'payout', actorId: payoutId, name: 'open', payload });
  }
}

function granted(
  state: AccountState,
  { payoutId, currency, micros: text, isAdvance }: ReservePayload,
  given: Given,
): Reservation | RefusedPayload {
  if (state.isSuspended)
    return { code: 'suspended', message: 'the partner is suspended: it is paid nothing' };
  if (openPayouts(state) >= limits.openPayouts)
    return {
      code: 'too_many_payouts',
      message: `${limits.openPayouts} payouts of the partner are under way; ask again when one is over`,
    };
  const book = state.books.get(currency) ?? emptyBook(currency);
  const all = payable(book);
  const micros = text === undefined ? all : BigInt(text);
  const named = (amount: bigint): string => `${formatMicros(amount, currency)} ${currency}`;
  if (micros <= 0n || (micros > book.ledger.micros('payable') && !isAdvance))
    return { code: 'insufficient_balance', message: `${named(book.ledger.micros('payable'))} is payable` };
  const least = leastOf(state, currency);
  if (micros < least)
    return { code: 'below_minimum', message: `${named(micros)} is less than ${named(least)}, the minimum` };
  state.books.set(currency, book);
  return reserve(book, payoutId, micros, given);
}

/** All that can be paid: a whole number of the currency's payable units; what is beyond them stays. */
function payable({ ledger, currency }: Book): bigint {
  const unit = BigInt(payableUnitMicros(currency));
  const micros = ledger.micros('payable');
  const largest = BigInt(limits.amountMicros);
  if (micros < unit) return 0n;
  const most = micros < largest ? micros : largest;
  return most - (most % unit);
}

function leastOf({ terms }: AccountState, currency: string): bigint {
  return BigInt(terms.minimums.find((minimum) => minimum.currency === currency)?.micros ?? 0);
}

function reservedPayload(
  { terms: { destination } }: AccountState,
  reservation: Reservation,
): ReservedPayload {
  return {
    micros: reservation.micros.toString(),
    lots: [...reservation.lots].map(({ campaignId, releaseAt, micros }) => ({
      campaignId,
      releaseAt,
      micros: micros.toString(),
    })),
    ...(destination !== undefined && { destination }),
  };
}

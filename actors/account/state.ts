/** The state of a partner's account: a pure function of the log. */
import type { PayoutTerms, PayoutTermsView } from '../../model/account.ts';
import type { RememberedAnswer } from '../remembered-answers.ts';
import { type Book, emptyBook, type Reservation } from './book.ts';

export interface AccountState {
  readonly partnerId: string;
  terms: PayoutTerms;
  isSuspended: boolean;
  /** Grows with every change of the terms: its etag. */
  version: number;
  /** Midnight UTC at which the partner is paid by itself next; absent: never. */
  nextPayoutAt: number | undefined;
  /** By currency, in the order in which they came. */
  readonly books: Map<string, Book>;
  /** Oldest first, at most `limits.commandAnswers`. */
  readonly answers: RememberedAnswer<PayoutTermsView>[];
}

const USUAL_TERMS: PayoutTerms = { schedule: 'NONE', minimums: [] };

/** An account that nothing has happened to. */
export function emptyAccount(partnerId: string): AccountState {
  return {
    partnerId,
    terms: USUAL_TERMS,
    isSuspended: false,
    version: 1,
    nextPayoutAt: undefined,
    books: new Map(),
    answers: [],
  };
}

/** The book of a currency; a new one, if there is none. There are as many as ISO 4217 has codes, at most. */
export function bookOf({ books }: AccountState, currency: string): Book {
  const known = books.get(currency);
  if (known) return known;
  const book = emptyBook(currency);
  books.set(currency, book);
  return book;
}

/** What is set aside for a payout, and in which book. */
export function reservationOf(
  { books }: AccountState,
  payoutId: string,
): { readonly book: Book; readonly reservation: Reservation } | undefined {
  for (const book of books.values()) {
    const reservation = book.reservations.find((candidate) => candidate.payoutId === payoutId);
    if (reservation) return { book, reservation };
  }
  return undefined;
}

/** Payouts under way, in all currencies. */
export function openPayouts({ books }: AccountState): number {
  let count = 0;
  for (const { reservations } of books.values()) count += reservations.length;
  return count;
}

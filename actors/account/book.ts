/**
 * All that a partner's account knows in one currency: the ledger, and the lots that its sums are made of.
 *
 *     held    = the held lots
 *     payable = the approved lots − what is owed − what payouts have been advanced
 *     transit = the lots of the payouts under way + what they have been advanced
 *
 * Approved lots never lie beside something owed or advanced: they make up for it at once, see `cover.ts`.
 */
import type { Announce } from '../announcements.ts';
import { Campaigns } from './campaigns.ts';
import { HeldLots } from './held-lots.ts';
import type { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import { type Lot, Lots } from './lots.ts';

/** What is set aside for a payout under way. */
export interface Reservation {
  readonly payoutId: string;
  readonly micros: bigint;
  /** What of it is earned. */
  readonly lots: Lots;
  /** What of it is not: an advance, and what was reversed since. `lots` and this come to `micros`. */
  advanced: bigint;
  /** Whether it is other than it was saved. */
  isChanged: boolean;
}

export interface Book {
  readonly currency: string;
  readonly ledger: Ledger;
  readonly held: HeldLots;
  readonly approved: Lots;
  /** Whether the approved lots are other than they were saved. */
  areApprovedChanged: boolean;
  /** Payouts under way, in the order in which they were asked for. */
  readonly reservations: Reservation[];
  /** Payouts that are over since the book was saved. */
  readonly settled: string[];
  /** What was paid and is not earned, or no longer: later commissions make up for it. */
  owed: bigint;
  readonly campaigns: Campaigns;
}

/** What a change of a book is given. */
export interface Posted {
  readonly journal: Journal;
  readonly announce: Announce;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
}

export function emptyBook(currency: string): Book {
  return {
    currency,
    ledger: new Ledger(currency),
    held: new HeldLots(),
    approved: new Lots(),
    areApprovedChanged: false,
    reservations: [],
    settled: [],
    owed: 0n,
    campaigns: new Campaigns(),
  };
}

/** Lots that are not paid, those of payouts under way among them. */
export function* openLots({ held, approved, reservations }: Book): Generator<Lot> {
  yield* held.lots();
  yield* approved;
  for (const { lots } of reservations) yield* lots;
}

/**
 * Making up for what a partner was paid and has not earned: approved commissions go there first, the earliest
 * release before the others. No money moves, for all of it is payable, what is owed below 0; but those lots are
 * thereby paid, or belong to the payout that has been advanced.
 */
import { limits } from '../../limits.ts';
import { moneyJson } from '../../model/money.ts';
import type { Book, Posted } from './book.ts';
import { NO_CAMPAIGN } from './campaigns.ts';
import type { Lot } from './lots.ts';

/** Adds a lot to those that can be paid. */
export function approve(book: Book, lot: Lot): void {
  book.approved.add(lot);
  book.approved.fit(limits.lotsPerAccount);
  book.areApprovedChanged = true;
}

/** Takes the front of what can be paid away. */
export function takeApproved(book: Book, micros: bigint): Lot[] {
  const lots = book.approved.takeFirst(micros);
  if (lots.length > 0) book.areApprovedChanged = true;
  return lots;
}

/** Makes up for what is owed, and then for what payouts under way have been advanced, the first of them first. */
export function cover(book: Book, { announce }: Pick<Posted, 'announce'>): void {
  if (book.approved.size === 0) return;
  const { currency, campaigns } = book;
  for (const lot of takeApproved(book, book.owed)) {
    book.owed -= lot.micros;
    campaigns.notePaid(lot);
    if (lot.campaignId !== NO_CAMPAIGN)
      announce('commission.paid', {
        campaign_id: lot.campaignId,
        amount: moneyJson(lot.micros, currency),
        release_at: new Date(lot.releaseAt).toISOString(),
        set_off: true,
      });
  }
  for (const reservation of book.reservations) {
    for (const lot of takeApproved(book, reservation.advanced)) {
      reservation.advanced -= lot.micros;
      reservation.lots.add(lot);
      reservation.isChanged = true;
    }
    reservation.lots.fit(limits.lotsPerPayout);
  }
}

/** What payouts do to a book: money is set aside, and then paid, or payable again. */
import { limits } from '../../limits.ts';
import { moneyJson } from '../../model/money.ts';
import type { ReturnedPayload } from '../../model/payout-messages.ts';
import type { Book, Posted, Reservation } from './book.ts';
import { NO_CAMPAIGN } from './campaigns.ts';
import { approve, cover, takeApproved } from './cover.ts';
import type { MovementName } from './ledger.ts';
import { type Lot, Lots } from './lots.ts';

const HOUR_MS = 3_600_000;

/** Sets money aside, the earliest commissions first; what they do not come to is an advance. */
export function reserve(book: Book, payoutId: string, micros: bigint, posted: Posted): Reservation {
  const taken = takeApproved(book, micros);
  const lots = new Lots(taken);
  const reservation = { payoutId, micros, lots, advanced: micros - lots.micros, isChanged: true };
  lots.fit(limits.lotsPerPayout);
  book.reservations.push(reservation);
  postParts(book, 'reserved', reservation, posted);
  return reservation;
}

/** The payout has succeeded: its lots are paid, and what it was advanced is owed. */
export function settlePaid(book: Book, reservation: Reservation, posted: Posted): void {
  remove(book, reservation);
  postParts(book, 'paid', reservation, posted);
  book.owed += reservation.advanced;
  for (const lot of reservation.lots) book.campaigns.notePaid(lot);
  announcePaid(book, reservation, posted);
}

/** The payout has failed: what was set aside is payable again, each lot at its old place. */
export function settleFailed(book: Book, reservation: Reservation, posted: Posted): void {
  remove(book, reservation);
  postParts(book, 'released', reservation, posted);
  for (const lot of reservation.lots) approve(book, lot);
  cover(book, posted);
}

/** What was paid has come back. What of it was an advance makes up for what is owed; the lots are to be paid again. */
export function takeBack(book: Book, { payoutId, micros, lots }: ReturnedPayload, posted: Posted): void {
  const returned = new Lots();
  for (const { campaignId, releaseAt, micros: part } of lots)
    returned.add({
      campaignId: book.campaigns.keep(campaignId),
      since: releaseAt,
      releaseAt,
      micros: BigInt(part),
    });
  const advanced = BigInt(micros) - returned.micros;
  postParts(book, 'cameBack', { payoutId, lots: returned, advanced }, posted);
  const madeUp = advanced < book.owed ? advanced : book.owed;
  book.owed -= madeUp;
  if (advanced > madeUp) {
    const releaseAt = Math.floor(posted.time / HOUR_MS) * HOUR_MS;
    const campaignId = book.campaigns.keep(NO_CAMPAIGN);
    approve(book, { campaignId, since: releaseAt, releaseAt, micros: advanced - madeUp });
  }
  for (const lot of returned) approve(book, lot);
  cover(book, posted);
}

function remove({ reservations, settled }: Book, reservation: Reservation): void {
  reservations.splice(reservations.indexOf(reservation), 1);
  settled.push(reservation.payoutId);
}

/** Posts the parts of a payout one by one, so that each entry tells what it is for. */
function postParts(
  { ledger }: Book,
  movement: MovementName,
  { payoutId, lots, advanced }: Pick<Reservation, 'payoutId' | 'lots' | 'advanced'>,
  { journal }: Posted,
): void {
  for (const { campaignId, releaseAt, micros } of lots)
    ledger.post(movement, micros, { campaignId, releaseAt, payoutId }, journal);
  ledger.post(movement, advanced, { payoutId }, journal);
}

/** Tells what was paid, campaign by campaign. */
function announcePaid({ currency }: Book, { payoutId, lots }: Reservation, { announce }: Posted): void {
  const byCampaign = new Map<string, Lot>();
  for (const lot of lots) {
    const before = byCampaign.get(lot.campaignId);
    byCampaign.set(lot.campaignId, before ? { ...lot, micros: before.micros + lot.micros } : lot);
  }
  for (const [campaignId, { releaseAt, micros }] of byCampaign)
    if (campaignId !== NO_CAMPAIGN)
      announce('commission.paid', {
        campaign_id: campaignId,
        amount: moneyJson(micros, currency),
        release_at: new Date(releaseAt).toISOString(),
        payout_id: payoutId,
      });
}

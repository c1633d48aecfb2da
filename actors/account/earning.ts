/** What campaigns tell of a partner's commissions: they are assigned, released by record time, or reversed. */
import type { AssignedCommissions, ReversedCommission } from '../../model/commissions.ts';
import { moneyJson } from '../../model/money.ts';
import type { Book, Posted } from './book.ts';
import { approve, cover } from './cover.ts';
import type { Lot } from './lots.ts';

const HOUR_MS = 3_600_000;

/** Commissions are assigned; those without a hold are approved at once. */
export function assign(book: Book, campaignId: string, assigned: AssignedCommissions, posted: Posted): void {
  const { journal, announce, time } = posted;
  const micros = BigInt(assigned.micros);
  const releaseAt = wholeHour(assigned.releaseAt);
  book.ledger.post('assigned', micros, { campaignId, releaseAt }, journal);
  announce('commission.assigned', {
    campaign_id: campaignId,
    amount: moneyJson(micros, book.currency),
    release_at: new Date(releaseAt).toISOString(),
    conversions: assigned.conversions,
    clicks: assigned.clicks,
    impressions: assigned.impressions,
  });
  const name = book.campaigns.keep(campaignId);
  const lot: Lot = { campaignId: name, since: releaseAt, releaseAt, micros };
  if (releaseAt > time) book.held.add(lot);
  else release(book, lot, campaignId, posted);
}

/** Approves what is released by now. */
export function releaseDue(book: Book, posted: Posted): void {
  for (const lot of book.held.takeReleased(posted.time)) release(book, lot, lot.campaignId, posted);
}

/**
 * A commission is reversed: taken from what is held, or else from what can be paid. What of it is under way, or paid,
 * the partner owes.
 */
export function reverse(book: Book, campaignId: string, reversed: ReversedCommission, posted: Posted): void {
  const { journal, announce } = posted;
  const { decisionId, reason } = reversed;
  const releaseAt = wholeHour(reversed.releaseAt);
  const micros = BigInt(reversed.micros);
  const about = { campaignId, releaseAt, decisionId };
  const name = book.campaigns.keep(campaignId);
  const held = book.held.takeOf(name, releaseAt, micros);
  book.ledger.post('reversedHeld', held, about, journal);
  book.ledger.post('reversedPayable', micros - held, about, journal);
  const owed = takeEarned(book, name, releaseAt, micros - held);
  book.owed += owed;
  announce('commission.reversed', {
    campaign_id: campaignId,
    amount: moneyJson(micros, book.currency),
    release_at: new Date(releaseAt).toISOString(),
    decision_id: decisionId,
    reason,
    owed: moneyJson(owed, book.currency),
  });
  cover(book, posted);
}

/**
 * Takes a commission from the approved lots, and then from those of payouts under way: what they lack from now on,
 * they have been advanced.
 *
 * @returns what there was not of it: it was paid
 */
function takeEarned(book: Book, campaignId: string, releaseAt: number, micros: bigint): bigint {
  let rest = micros - book.approved.takeOf(campaignId, releaseAt, micros);
  if (rest < micros) book.areApprovedChanged = true;
  for (const reservation of book.reservations) {
    const taken = reservation.lots.takeOf(campaignId, releaseAt, rest);
    if (taken === 0n) continue;
    rest -= taken;
    reservation.advanced += taken;
    reservation.isChanged = true;
  }
  return rest;
}

function release(book: Book, lot: Lot, campaignId: string, posted: Posted): void {
  const { journal, announce } = posted;
  book.ledger.post('approved', lot.micros, { campaignId, releaseAt: lot.releaseAt }, journal);
  announce('commission.approved', {
    campaign_id: campaignId,
    amount: moneyJson(lot.micros, book.currency),
    release_at: new Date(lot.releaseAt).toISOString(),
  });
  approve(book, lot);
  cover(book, posted);
}

/** Releases are whole hours; one that were not would end with its hour. */
function wholeHour(at: number): number {
  return Math.ceil(at / HOUR_MS) * HOUR_MS;
}

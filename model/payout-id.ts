/**
 * The ids of payouts. A payout's id is made of its partner and its reference, so whoever asks for the same payout
 * again asks the same actor, and there is one for ever.
 */
import { createHash } from 'node:crypto';

/** References that begin so are those of payouts by schedule; nobody else may use them. */
export const SCHEDULED_REFERENCE = 'schedule-';

/** `po_` and 32 hexadecimal digits: two payouts out of 10^15 meet with a chance of 1.5 in 10^9. */
export function payoutIdOf(partnerId: string, reference: string): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([partnerId, reference]))
    .digest('hex');
  return `po_${digest.slice(0, 32)}`;
}

/**
 * The reference of a payout by schedule.
 *
 * @param at midnight UTC of the day on which it is due, milliseconds since the epoch
 */
export function scheduledReference(at: number, currency: string): string {
  return `${SCHEDULED_REFERENCE}${new Date(at).toISOString().slice(0, 10)}-${currency}`;
}

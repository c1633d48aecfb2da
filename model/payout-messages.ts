/**
 * What an account and its payouts tell each other, by messages. A payout asks its account to set money aside and
 * says at the end what has become of it; the account grants or refuses, and opens payouts by itself where the
 * partner is paid by a schedule:
 *
 *     payout → account   reserve             the account answers reserved or refused
 *     account → payout   open                instead of the three: a scheduled payout, its money is set aside already
 *     payout → account   settle              once, after reserved or open
 *     payout → account   returned            after settle, if what was paid has come back
 *     partner → account  standing
 *
 * Amounts are decimal texts of integers, in micros.
 */

/** `reserve`: money is to be set aside for a payout. Repeated, it is answered as before as long as it is not settled. */
export interface ReservePayload {
  readonly payoutId: string;
  readonly currency: string;
  /** A whole number of the currency's payable units, above 0; absent: all that is payable, rounded down to these. */
  readonly micros?: string;
  /** Whether it may exceed what is payable; only with an amount. */
  readonly isAdvance: boolean;
}

/** `settle`: the payout is over; what was set aside for it is paid, or payable again. */
export interface SettlePayload {
  readonly payoutId: string;
  readonly isPaid: boolean;
}

/** `returned`: a payout that was settled as paid has come back as a whole; it is payable again. Told once. */
export interface ReturnedPayload {
  readonly payoutId: string;
  readonly currency: string;
  /** All that was paid, and the lots as the account has told them. */
  readonly micros: string;
  readonly lots: readonly ReservedLot[];
}

/** A part of what is set aside: what the commissions of a lot have come to. */
export interface ReservedLot {
  readonly campaignId: string;
  /** When the hold of the lot has ended, milliseconds since the epoch. */
  readonly releaseAt: number;
  readonly micros: string;
}

/** `reserved`: the money is set aside. */
export interface ReservedPayload {
  /** A whole number of the currency's payable units, above 0 and at most `limits.amountMicros`. */
  readonly micros: string;
  /** At most `limits.lotsPerPayout`; what is left of the amount is an advance. */
  readonly lots: readonly ReservedLot[];
  /** Where the partner's terms have it sent; absent: they do not say. */
  readonly destination?: string;
}

/**
 * `insufficient_balance`: less is payable than was asked for, or nothing. `below_minimum`: it is less than the
 * partner's terms allow. `suspended`: the partner is paid nothing now. `too_many_payouts`: `limits.openPayouts` of
 * the partner are under way.
 */
export const REFUSAL_CODES = [
  'insufficient_balance',
  'below_minimum',
  'suspended',
  'too_many_payouts',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** `refused`: nothing is set aside. */
export interface RefusedPayload {
  readonly code: RefusalCode;
  /** For people: what is wrong, with amounts. */
  readonly message: string;
}

/** `open`: a payout by the partner's schedule, whose money is set aside already. */
export interface OpenPayload extends ReservedPayload {
  readonly partnerId: string;
  readonly currency: string;
  readonly reference: string;
}

/** `standing`: whether the partner is suspended now. */
export interface StandingPayload {
  readonly isSuspended: boolean;
}

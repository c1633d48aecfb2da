/**
 * Commissions: what partners earn by the events of a campaign, as the campaign tells it to their accounts. The
 * campaign works out what is earned and when its hold ends; the account keeps it from then on.
 */

const HOUR_MS = 3_600_000;

/** What a partner has earned by events of one block, of which the hold ends at one time. */
export interface AssignedCommissions {
  /** When the hold ends: milliseconds since the epoch, a whole hour. */
  readonly releaseAt: number;
  /** Decimal text of an integer above 0. */
  readonly micros: string;
  /** Accepted events by which it was earned. One that several partners share counts for each. */
  readonly conversions: number;
  readonly clicks: number;
  readonly impressions: number;
}

/** What a partner loses of what it has earned by one conversion, which was refunded. */
export interface ReversedCommission {
  /** When the hold ends, or has ended: it belongs to that lot of its campaign. */
  readonly releaseAt: number;
  /** Decimal text of an integer above 0: all that it has earned by the conversion and is released then. */
  readonly micros: string;
  /** Of the conversion. */
  readonly decisionId: string;
  /** Why it was refunded; empty: nobody said. */
  readonly reason: string;
}

/** Payload of the message `commissions`, which a campaign sends to the account of a partner. */
export interface CommissionsPayload {
  readonly campaignId: string;
  readonly currency: string;
  /** At most one for each release, the earliest first. To be taken before what is reversed. */
  readonly assigned: readonly AssignedCommissions[];
  readonly reversed: readonly ReversedCommission[];
}

/**
 * When a commission is released: at the end of the hour in which its hold ends, so that commissions of one
 * release can be kept together; without a hold in the hour in which it is earned, which is at once.
 *
 * @param time record time at which it is earned, milliseconds since the epoch
 */
export function releaseOf(time: number, holdMs: number): number {
  return holdMs === 0 ? Math.floor(time / HOUR_MS) * HOUR_MS : Math.ceil((time + holdMs) / HOUR_MS) * HOUR_MS;
}

/** What a refund has taken back. */
export interface RefundReceipt {
  readonly campaignId: string;
  /** Of the conversion. */
  readonly decisionId: string;
  /** When the conversion happened, and when it was refunded, milliseconds since the epoch. */
  readonly occurredAt: number;
  readonly refundedAt: number;
  readonly currency: string;
  readonly revenueMicros: number;
  /** What was given back to the budget. */
  readonly spendMicros: number;
  readonly commissionMicros: number;
  /** Whose commissions were reversed. */
  readonly reversed: readonly { readonly partnerId: string; readonly micros: number }[];
}

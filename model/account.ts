/**
 * What the world outside the actor knows of a partner's account: what it has earned, what of that it can be paid,
 * and what it was paid. There is one for every partner that has ever earned something, registered or not. The
 * state itself belongs to `actors/account`.
 *
 * Commissions are kept in **lots**: all that a partner has earned by one campaign and that is released at the same
 * hour. A commission belongs to the lot of its campaign and release, so what has become of it is what has become of
 * its lot, unless it was reversed by itself.
 */
import type { Money } from './money.ts';

/** Where money lies in the books of a partner, in one currency. Each posting moves an amount from one to another. */
export const LEDGER_ACCOUNTS = ['commissions', 'held', 'payable', 'in_transit', 'paid'] as const;
export type LedgerAccount = (typeof LEDGER_ACCOUNTS)[number];

/** Why an amount was moved. */
export const LEDGER_CAUSES = ['assigned', 'approved', 'reversed', 'reserved', 'paid', 'returned'] as const;
export type LedgerCause = (typeof LEDGER_CAUSES)[number];

/** What a partner has earned by one campaign, released at one time. */
export interface Lot {
  readonly campaignId: string;
  /** When its hold ends: milliseconds since the epoch, a whole hour. */
  readonly releaseAt: number;
  readonly micros: bigint;
}

/** The books of a partner in one currency, in micros. `balance` = held + payable + in transit = assigned − reversed − paid. */
export interface AccountBalance {
  readonly currency: string;
  readonly assignedMicros: bigint;
  readonly reversedMicros: bigint;
  readonly heldMicros: bigint;
  /** What it can be paid; below 0 where more was paid than it has earned by now. */
  readonly payableMicros: bigint;
  readonly inTransitMicros: bigint;
  readonly paidMicros: bigint;
  readonly balanceMicros: bigint;
  /**
   * Of each campaign: commissions whose hold ended up to here are paid, or set off against what was paid too much,
   * milliseconds since the epoch. It may fall: when a commission comes late into a lot that was paid.
   */
  readonly paidUpTo: Readonly<Record<string, number>>;
}

/** Where a commission stands; one that was reversed by itself is known by that. */
export const LOT_STATUSES = ['HELD', 'APPROVED', 'IN_TRANSIT', 'PAID'] as const;
export type LotStatus = (typeof LOT_STATUSES)[number];

/** A lot that is not paid, or the part of it that is not. */
export interface OpenLot extends Lot {
  readonly currency: string;
  readonly status: Exclude<LotStatus, 'PAID'>;
  /** The earliest release among its commissions: before `releaseAt` where lots were put together. */
  readonly since: number;
  /** `IN_TRANSIT`: the payout that it is set aside for. */
  readonly payoutId?: string;
}

/** What of a partner's commissions is not paid, the earliest release first. */
export interface AccountLots {
  readonly lots: readonly OpenLot[];
}

/** Campaigns beyond `limits.campaignsPerAccount` of an account are kept together under this name. */
export const OTHER_CAMPAIGNS = '(others)';

/**
 * What has become of a partner's commissions of one campaign and release, from the account's balance in their
 * currency. It tells `APPROVED` also of what is in transit: only `lots` knows the difference.
 *
 * @param asOf the moment of the balance, milliseconds since the epoch
 */
export function commissionStatus(
  { paidUpTo }: Pick<AccountBalance, 'paidUpTo'>,
  campaignId: string,
  releaseAt: number,
  asOf: number,
): LotStatus {
  if (releaseAt > asOf) return 'HELD';
  return releaseAt <= (paidUpTo[campaignId] ?? paidUpTo[OTHER_CAMPAIGNS] ?? 0) ? 'PAID' : 'APPROVED';
}

export const PAYOUT_SCHEDULES = ['NONE', 'DAILY', 'WEEKLY', 'MONTHLY'] as const;
export type PayoutSchedule = (typeof PAYOUT_SCHEDULES)[number];

/** How a partner is paid. */
export interface PayoutTerms {
  /** When it is paid by itself: at midnight UTC, of Mondays or firsts of a month. */
  readonly schedule: PayoutSchedule;
  /** Less than this is not paid; at most one for each currency. */
  readonly minimums: readonly Money[];
  /** Where the gateway sends its money: for Stripe the connected account. */
  readonly destination?: string;
}

/** How a partner is paid, as it is told: what a change of it is answered with. */
export interface PayoutTermsView {
  readonly partnerId: string;
  readonly terms: PayoutTerms;
  /** When it is paid by itself next: midnight UTC, milliseconds since the epoch. */
  readonly nextPayoutAt?: number;
  /** A partner that is suspended is paid nothing. */
  readonly isSuspended: boolean;
  /** Changes with the terms, not with the balances. */
  readonly etag: string;
}

export interface AccountView extends PayoutTermsView {
  /** By currency, in the order of their codes. */
  readonly balances: readonly AccountBalance[];
}

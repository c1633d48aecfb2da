/** What a campaign may spend, as the world outside its actor knows it: allocations, spend, and what is left. */

/** `asap`: as fast as events come. `even`: what is left, evenly over the days that are left. */
export const PACINGS = ['asap', 'even'] as const;
export type Pacing = (typeof PACINGS)[number];

/** Fields of events that an allocation may be for. */
export const ALLOCATION_FIELDS = [
  'partner_id',
  'content_id',
  'source_id',
  'utm_source',
  'utm_medium',
  'goal',
] as const;
export type AllocationField = (typeof ALLOCATION_FIELDS)[number];

/** Which paid events an allocation pays for: those whose field has exactly this value. */
export interface AllocationMatch {
  readonly field: AllocationField;
  readonly value: string;
}

/** A part of a campaign's total that is kept for a purpose. Without a `match` only reported spend uses it. */
export interface Allocation {
  /** Unique within the campaign. */
  readonly name: string;
  /** In the currency of the campaign's budget. */
  readonly amountMicros: number;
  readonly match?: AllocationMatch;
}

export interface AllocationView extends Allocation {
  readonly spentMicros: number;
}

/** What was spent on one day of the campaign's time zone. */
export type SpendOfDay = readonly [day: number, micros: number];

/**
 * A campaign's budget as its actor knows it. Amounts in micros of `currency`: nothing exceeds the total, so all
 * are safe integers. Times in milliseconds since the epoch, days since the epoch by the campaign's time zone.
 */
export interface BudgetView {
  readonly campaignId: string;
  readonly etag: string;
  readonly currency: string;
  readonly timeZone: string;
  /** With all that was authorised beside it; absent while the campaign has none. */
  readonly totalMicros?: number;
  /** The sum of what was authorised beside the first total. */
  readonly extraMicros: number;
  readonly spentMicros: number;
  /** The part of it that was reported, and not charged for events. */
  readonly reportedMicros: number;
  readonly dailyMicros?: number;
  /** The day of the last record: what counts by day begins anew when it ends. */
  readonly today: { readonly day: number; readonly endsAt: number; readonly spentMicros: number };
  readonly allocations: readonly AllocationView[];
  /** Percentages of the total, in order, and which of them is the last that was reached; 0: none. */
  readonly thresholds: readonly number[];
  readonly reachedPercent: number;
  readonly pacing: Pacing;
  /** What paid events may spend on the present day, where it is paced. */
  readonly paceMicros?: number;
  /** When the campaign first ran, and when it ends. */
  readonly launchedAt?: number;
  readonly endsAt?: number;
}

/** A budget with what a forecast is made of. */
export interface BudgetAccount extends BudgetView {
  /** Spend recorded so far: charged events, and reports. */
  readonly records: number;
  /** The first day on which something was spent. */
  readonly firstDay?: number;
  /** Days of the last `limits.spendDays` on which something was spent, oldest first. */
  readonly days: readonly SpendOfDay[];
}

/** What is said of a reported spend. */
export interface SpendReceipt {
  /** Its reference was recorded before: nothing was changed. */
  readonly isRepeat: boolean;
  readonly budget: BudgetView;
}

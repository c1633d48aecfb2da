/** How a campaign's budget stands at an instant: what is left, and whether it is spent as fast as it should be. */

import type { AllocationView, BudgetView, Pacing } from '../../../model/budget.ts';
import { minorMicros, shareOfDay } from '../../../model/budget-pace.ts';
import { localDay } from '../../../model/local-day.ts';

/** How fast the money goes, compared with a steady pace from the launch to the end. */
export const PACING_STATUSES = ['ahead', 'on_track', 'behind'] as const;
export type PacingStatus = (typeof PACING_STATUSES)[number];

export interface AllocationStatus extends AllocationView {
  readonly leftMicros: number;
}

export interface PaceStatus {
  readonly pacing: Pacing;
  /** What paid events may spend today, where it is paced. */
  readonly todayMicros?: number;
  /** What a steady pace would have spent by now, in whole minor units; absent before the launch and without an end. */
  readonly expectedMicros?: number;
  readonly status?: PacingStatus;
}

/** Amounts in micros of `currency`. */
export interface BudgetStatus {
  readonly campaignId: string;
  readonly etag: string;
  readonly currency: string;
  readonly totalMicros: number;
  readonly extraMicros: number;
  readonly spentMicros: number;
  readonly reportedMicros: number;
  readonly leftMicros: number;
  /** Spent of the total, from 0 to 1. */
  readonly utilization: number;
  readonly dailyMicros?: number;
  readonly spentTodayMicros: number;
  readonly allocations: readonly AllocationStatus[];
  /** What is left and not allocated. */
  readonly unallocatedMicros: number;
  readonly thresholds: readonly { readonly percent: number; readonly isReached: boolean }[];
  readonly pace: PaceStatus;
}

/**
 * @param view of a campaign that has a total
 * @param now milliseconds since the epoch
 */
export function budgetStatus(view: BudgetView, totalMicros: number, now: number): BudgetStatus {
  const { spentMicros, today, dailyMicros, reachedPercent } = view;
  const allocations = view.allocations.map((allocation) => ({
    ...allocation,
    leftMicros: allocation.amountMicros - allocation.spentMicros,
  }));
  const leftMicros = totalMicros - spentMicros;
  return {
    campaignId: view.campaignId,
    etag: view.etag,
    currency: view.currency,
    totalMicros,
    extraMicros: view.extraMicros,
    spentMicros,
    reportedMicros: view.reportedMicros,
    leftMicros,
    utilization: spentMicros / totalMicros,
    ...(dailyMicros !== undefined && { dailyMicros }),
    spentTodayMicros: now < today.endsAt ? today.spentMicros : 0,
    allocations,
    unallocatedMicros: allocations.reduce((left, one) => left - one.leftMicros, leftMicros),
    thresholds: view.thresholds.map((percent) => ({ percent, isReached: percent <= reachedPercent })),
    pace: paceStatus(view, totalMicros, now),
  };
}

/** The day of an instant, since the epoch, as the campaign's clocks show it: its actor's own until that is over. */
export function dayOf({ today, timeZone }: BudgetView, now: number): number {
  return now < today.endsAt ? today.day : localDay(now, timeZone);
}

function paceStatus(view: BudgetView, totalMicros: number, now: number): PaceStatus {
  const { pacing, paceMicros, endsAt, launchedAt, spentMicros } = view;
  const todayMicros = now < view.today.endsAt ? paceMicros : shareOfLaterDay(view, totalMicros, now);
  const limit = todayMicros === undefined ? {} : { todayMicros };
  if (endsAt === undefined || launchedAt === undefined || endsAt <= launchedAt) return { pacing, ...limit };
  const elapsed = Math.min(Math.max(now - launchedAt, 0), endsAt - launchedAt);
  const minor = minorMicros(view.currency);
  const parts = BigInt(endsAt - launchedAt) * minor;
  const expectedMicros = Number(((BigInt(totalMicros) * BigInt(elapsed)) / parts) * minor);
  return { pacing, ...limit, expectedMicros, status: statusOf(spentMicros, expectedMicros, totalMicros) };
}

/** The actor works a day's share out with its first record: a day without one has none yet. */
function shareOfLaterDay(view: BudgetView, totalMicros: number, now: number): number | undefined {
  const { pacing, endsAt, currency, timeZone, spentMicros } = view;
  if (pacing !== 'even' || endsAt === undefined) return undefined;
  const day = dayOf(view, now);
  return shareOfDay({ totalMicros, currency, spentBeforeMicros: spentMicros, day, endsAt, timeZone });
}

/** On track is within a tenth of what is expected, or a hundredth of the total. */
function statusOf(spentMicros: number, expectedMicros: number, totalMicros: number): PacingStatus {
  const tolerance = Math.max(expectedMicros / 10, totalMicros / 100);
  if (spentMicros > expectedMicros + tolerance) return 'ahead';
  return spentMicros < expectedMicros - tolerance ? 'behind' : 'on_track';
}

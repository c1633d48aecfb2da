/** Lines that a campaign's figures are watched for: what is told when a figure reaches one. */
import type { Totals } from './campaign.ts';
import { MICROS } from './money.ts';
import { ratiosOf } from './ratios.ts';
import { TARGET_METRICS } from './targets.ts';

/** Every figure that is shown of a campaign and is no state of its budget. */
export const KPI_METRICS = [...TARGET_METRICS, 'spend', 'commission'] as const;
export type KpiMetric = (typeof KPI_METRICS)[number];

/** On which side of its value a threshold is reached; the value itself belongs to either. */
export const KPI_CONDITIONS = ['ABOVE', 'BELOW'] as const;
export type KpiCondition = (typeof KPI_CONDITIONS)[number];

export const KPI_SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type KpiSeverity = (typeof KPI_SEVERITIES)[number];

/** What reaching a threshold does besides being told: nothing, or the campaign is paused. */
export const KPI_ACTIONS = ['ALERT', 'PAUSE'] as const;
export type KpiAction = (typeof KPI_ACTIONS)[number];

export interface KpiThreshold {
  readonly metric: KpiMetric;
  readonly when: KpiCondition;
  /** Amounts in units of the campaign's currency. */
  readonly value: number;
  readonly severity: KpiSeverity;
  /** `PAUSE` only if the severity is `CRITICAL`. */
  readonly action: KpiAction;
  /** From how many events on the figure counts; `undefined`: `usualMinimum`. */
  readonly minimumEvents?: number;
}

/** What a figure's events are: those that it is divided by, or all that were accepted. */
const EVENTS_OF: Readonly<Record<KpiMetric, 'impressions' | 'clicks' | 'conversions' | 'accepted'>> = {
  impressions: 'accepted',
  clicks: 'accepted',
  unique_clicks: 'accepted',
  conversions: 'accepted',
  revenue: 'accepted',
  spend: 'accepted',
  commission: 'accepted',
  ctr: 'impressions',
  cvr: 'clicks',
  cpc: 'clicks',
  cpa: 'conversions',
  cpm: 'impressions',
  // They are divided by spend, which is no number of events.
  roas: 'accepted',
  roi: 'accepted',
};

/**
 * Fewer events say little of a rate: among so few, one more or less moves it by a tenth of itself or more where
 * one impression in a hundred is clicked, and one click in ten converts. Each step on is rarer than the one
 * before, so it needs fewer of them.
 */
const USUAL_MINIMA = { impressions: 1_000, clicks: 100, conversions: 10, accepted: 100 } as const;

const SUMS: ReadonlySet<KpiMetric> = new Set([
  'impressions',
  'clicks',
  'unique_clicks',
  'conversions',
  'revenue',
  'spend',
  'commission',
]);

/** From how many of its events on a threshold counts unless it says so. A sum that is above a value is so at once. */
export function usualMinimum({ metric, when }: Pick<KpiThreshold, 'metric' | 'when'>): number {
  return SUMS.has(metric) && when === 'ABOVE' ? 1 : USUAL_MINIMA[EVENTS_OF[metric]];
}

/** A figure of a campaign. Amounts in units of its currency; `null`: there is nothing to divide by. */
export function figureOf(totals: Totals, metric: KpiMetric): number | null {
  switch (metric) {
    case 'impressions':
    case 'clicks':
    case 'conversions':
      return totals[metric];
    case 'unique_clicks':
      return totals.uniqueClicks;
    case 'revenue':
      return Number(totals.revenueMicros) / MICROS;
    case 'spend':
      return Number(totals.spendMicros) / MICROS;
    case 'commission':
      return Number(totals.commissionMicros) / MICROS;
    default:
      return ratiosOf(totals)[metric];
  }
}

/** The figure if it has reached the threshold, the value itself included; `undefined` if it has not. */
export function reachedFigure(totals: Totals, threshold: KpiThreshold): number | undefined {
  const { metric, when, value, minimumEvents = usualMinimum(threshold) } = threshold;
  if (totals[EVENTS_OF[metric]] < minimumEvents) return undefined;
  const actual = figureOf(totals, metric);
  if (actual === null) return undefined;
  return (when === 'ABOVE' ? actual >= value : actual <= value) ? actual : undefined;
}

/** Whether two thresholds are the same line, whatever follows from reaching it. */
export function isSameLine(a: KpiThreshold, b: KpiThreshold): boolean {
  return a.metric === b.metric && a.when === b.when && a.value === b.value;
}

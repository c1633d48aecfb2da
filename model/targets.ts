/** What a campaign is to reach, and how near it has come. */
import type { CampaignObjective } from './campaign.ts';

/** Figures of which more is better. */
const GAINS = [
  'impressions',
  'clicks',
  'unique_clicks',
  'conversions',
  'revenue',
  'ctr',
  'cvr',
  'roas',
  'roi',
] as const;
/** Figures of which less is better. */
const COSTS = ['cpc', 'cpa', 'cpm'] as const;

export const TARGET_METRICS = [...GAINS, ...COSTS] as const;
export type TargetMetric = (typeof TARGET_METRICS)[number];

export interface Target {
  readonly metric: TargetMetric;
  /** More than zero; amounts in units of the campaign's currency. */
  readonly value: number;
}

/** What the targets of an objective must speak of, if there are any: one of these at least. */
const NEEDED: Partial<Readonly<Record<CampaignObjective, readonly TargetMetric[]>>> = {
  CONVERSION: ['conversions', 'cpa'],
  TRAFFIC: ['clicks', 'ctr'],
};

/** The metrics of which targets must name one for this objective; none of them: any will do. */
export function metricsNeeded(objective: CampaignObjective): readonly TargetMetric[] {
  return NEEDED[objective] ?? [];
}

/**
 * How well the targets are met, from 0 to 1: the mean of `min(1, actual / target)`, and of
 * `min(1, target / actual)` where less is better. A figure that does not exist yet counts 0.
 *
 * @param actualOf the campaign's figures; `null`: there is nothing to divide by
 * @returns `undefined` without targets
 */
export function successScore(
  targets: readonly Target[],
  actualOf: (metric: TargetMetric) => number | null,
): number | undefined {
  if (targets.length === 0) return undefined;
  const sum = targets.reduce((total, { metric, value }) => {
    const actual = actualOf(metric);
    if (actual === null || actual < 0) return total;
    const isCost = (COSTS as readonly string[]).includes(metric);
    if (isCost) return total + (actual === 0 ? 1 : Math.min(1, value / actual));
    return total + Math.min(1, actual / value);
  }, 0);
  return sum / targets.length;
}

/** How near a campaign has come to its targets. */
import type { Totals } from '../../model/campaign.ts';
import { MICROS } from '../../model/money.ts';
import { successScore, type Target, type TargetMetric } from '../../model/targets.ts';
import { ratiosOf } from './ratios.ts';

/** From 0 to 1; `undefined` for a campaign without targets. See `successScore`. */
export function scoreOf(targets: readonly Target[] | undefined, totals: Totals): number | undefined {
  const ratios = ratiosOf(totals);
  const actuals: Readonly<Record<TargetMetric, number | null>> = {
    impressions: totals.impressions,
    clicks: totals.clicks,
    unique_clicks: totals.uniqueClicks,
    conversions: totals.conversions,
    revenue: Number(totals.revenueMicros) / MICROS,
    ...ratios,
  };
  return successScore(targets ?? [], (metric) => actuals[metric]);
}

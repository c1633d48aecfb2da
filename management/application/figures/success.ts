/** How near a campaign has come to its targets. */
import type { Totals } from '../../../model/campaign.ts';
import { figureOf } from '../../../model/kpi-thresholds.ts';
import { successScore, type Target } from '../../../model/targets.ts';

/** From 0 to 1; `undefined` for a campaign without targets. See `successScore`. */
export function scoreOf(targets: readonly Target[] | undefined, totals: Totals): number | undefined {
  return successScore(targets ?? [], (metric) => figureOf(totals, metric));
}

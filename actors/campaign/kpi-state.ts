/** What a campaign keeps of its KPI thresholds: which are reached, and when its figures are looked at next. */
import type { CampaignDefinition } from '../../model/campaign.ts';
import { isSameLine, type KpiThreshold } from '../../model/kpi-thresholds.ts';
import { minuteOf } from './slices.ts';

export interface KpiState {
  /** Record time at which the figures are looked at next; `undefined`: nothing was counted since the last look. */
  dueAt: number | undefined;
  /** Of the definition's thresholds, in their order: when each was reached, record time; `null`: it is armed. */
  reachedAt: (number | null)[];
}

/** The state of a definition's thresholds; those that were there before are as they were. */
export function kpiStateOf(
  { kpiThresholds = [] }: CampaignDefinition,
  before: readonly KpiThreshold[] = [],
  state: KpiState = { dueAt: undefined, reachedAt: [] },
): KpiState {
  return {
    dueAt: kpiThresholds.length === 0 ? undefined : state.dueAt,
    reachedAt: kpiThresholds.map((threshold) => {
      const known = before.findIndex((other) => isSameLine(other, threshold));
      return state.reachedAt[known] ?? null;
    }),
  };
}

/** Notes that the figures are other than at the last look: they are looked at when the minute is over. */
export function lookAtKpis(kpis: KpiState, time: number): void {
  if (kpis.dueAt !== undefined || kpis.reachedAt.length === 0) return;
  kpis.dueAt = (minuteOf(time) + 1) * 60_000;
}

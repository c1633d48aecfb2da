/** What a campaign keeps of its KPI thresholds: which are reached, and when its figures are looked at next. */
import type { CampaignDefinition } from '../../model/campaign.ts';
import { isSameLine, type KpiThreshold } from '../../model/kpi-thresholds.ts';
import { minuteOf } from './slices.ts';

export interface KpiState {
  /** Whether somebody wants to know how the figures change: a threshold, or those who are told of them. */
  readonly isWatched: boolean;
  /** Record time at which the figures are looked at next; `undefined`: nothing was counted since the last look. */
  dueAt: number | undefined;
  /** Of the definition's thresholds, in their order: when each was reached, record time; `null`: it is armed. */
  reachedAt: (number | null)[];
}

/** The state of a definition's thresholds; those that were there before are as they were. */
export function kpiStateOf(
  definition: CampaignDefinition,
  before: readonly KpiThreshold[] = [],
  state: Pick<KpiState, 'dueAt' | 'reachedAt'> = { dueAt: undefined, reachedAt: [] },
): KpiState {
  const { kpiThresholds = [] } = definition;
  const isWatched = isWatchedBy(definition);
  return {
    isWatched,
    dueAt: isWatched ? state.dueAt : undefined,
    reachedAt: kpiThresholds.map((threshold) => {
      const known = before.findIndex((other) => isSameLine(other, threshold));
      return state.reachedAt[known] ?? null;
    }),
  };
}

/** Whether the figures of a campaign are looked at each minute. */
export function isWatchedBy({ kpiThresholds = [], publishedEvents = [] }: CampaignDefinition): boolean {
  return kpiThresholds.length > 0 || publishedEvents.includes('metrics');
}

/** Notes that the figures are other than at the last look: they are looked at when the minute is over. */
export function lookAtKpis(kpis: KpiState, time: number): void {
  if (kpis.dueAt !== undefined || !kpis.isWatched) return;
  kpis.dueAt = (minuteOf(time) + 1) * 60_000;
}

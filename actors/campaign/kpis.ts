/**
 * Watching a campaign's figures for its KPI thresholds, and for those who are told of them: at the turn of each record minute in which something was
 * counted, and not with every event. A threshold that is reached is told once, and is armed again when the
 * figure is found on the other side.
 */
import { type KpiThreshold, reachedFigure } from '../../model/kpi-thresholds.ts';
import type { Announce } from '../announcements.ts';
import { announceKpi, announceMetrics } from './announce.ts';
import { enter } from './lifecycle.ts';
import type { CampaignState } from './state.ts';

/** Who is said to have paused a campaign that has reached a threshold. */
const KPI = 'kpi_threshold';

/** When the figures are looked at next, in record time. Those of a campaign that is over change no more. */
export function kpisDueAt({ status, kpis }: CampaignState): number | undefined {
  return status === 'COMPLETED' || status === 'CANCELLED' ? undefined : kpis.dueAt;
}

/** Tells the thresholds that are reached and were not before, if it is time to look. */
export function tellKpis(state: CampaignState, time: number, sequence: number, announce: Announce): void {
  const { kpis, definition, totals } = state;
  const due = kpisDueAt(state);
  if (due === undefined || due > time) return;
  kpis.dueAt = undefined;
  if (definition.publishedEvents?.includes('metrics')) announceMetrics(state, announce);
  for (const [i, threshold] of (definition.kpiThresholds ?? []).entries()) {
    const actual = reachedFigure(totals, threshold);
    if (actual === undefined) kpis.reachedAt[i] = null;
    else if (kpis.reachedAt[i] === null) {
      kpis.reachedAt[i] = time;
      announceKpi(state, threshold, actual, announce);
      if (threshold.action === 'PAUSE' && state.status === 'ACTIVE')
        enter(state, 'PAUSED', reasonOf(threshold, actual), KPI, time, sequence, announce);
    }
  }
}

function reasonOf({ metric, when, value }: KpiThreshold, actual: number): string {
  return `${metric} is ${actual}: it was not to come to ${value} or ${when === 'ABOVE' ? 'more' : 'less'}`;
}

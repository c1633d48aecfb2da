/** KPI thresholds as the messages of `turnpike.v1` have them: from requests to drafts, and from the model to answers. */
import type { CampaignView } from '../../../model/campaign.ts';
import type { KpiMetric as MetricWord } from '../../../model/kpi-thresholds.ts';
import {
  KpiAction,
  KpiCondition,
  KpiMetric,
  KpiSeverity,
  type KpiThreshold,
} from '../../../proto/generated/turnpike/v1/kpi.ts';
import { protoTimestamp } from '../timestamp.ts';
import { wordOf } from '../words.ts';

const METRICS: Readonly<Record<MetricWord, KpiMetric>> = {
  impressions: KpiMetric.IMPRESSIONS,
  clicks: KpiMetric.CLICKS,
  unique_clicks: KpiMetric.UNIQUE_CLICKS,
  conversions: KpiMetric.CONVERSIONS,
  revenue: KpiMetric.REVENUE,
  spend: KpiMetric.SPEND,
  commission: KpiMetric.COMMISSION,
  ctr: KpiMetric.CTR,
  cvr: KpiMetric.CVR,
  roas: KpiMetric.ROAS,
  roi: KpiMetric.ROI,
  cpc: KpiMetric.CPC,
  cpa: KpiMetric.CPA,
  cpm: KpiMetric.CPM,
};

/** The thresholds of a message, in the spelling of drafts. They are yet to be checked. */
export function kpiThresholdFields(messages: readonly KpiThreshold[]): Record<string, unknown>[] {
  return messages.map(({ metric, when, value, severity, action, minimumEvents }) => {
    const actionWord = wordOf(KpiAction, action);
    return {
      metric: wordOf(KpiMetric, metric) ?? '',
      when: wordOf(KpiCondition, when) ?? '',
      value,
      severity: wordOf(KpiSeverity, severity) ?? '',
      ...(actionWord !== undefined && { action: actionWord }),
      ...(minimumEvents !== 0n && { minimum_events: Number(minimumEvents) }),
    };
  });
}

export function protoKpiThresholds({ kpiThresholds = [], kpiReachedAt = [] }: CampaignView): KpiThreshold[] {
  return kpiThresholds.map(({ metric, when, value, severity, action, minimumEvents = 0 }, i) => {
    const at = kpiReachedAt[i] ?? null;
    return {
      metric: METRICS[metric],
      when: KpiCondition[when],
      value,
      severity: KpiSeverity[severity],
      action: KpiAction[action],
      minimumEvents: BigInt(minimumEvents),
      reachedAt: at === null ? undefined : protoTimestamp(at),
    };
  });
}

/** KPI thresholds as REST shows them: what is watched for, and what was reached. */
import { type Static, Type } from 'typebox';
import type { CampaignView } from '../../../model/campaign.ts';
import { KPI_ACTIONS, KPI_CONDITIONS, KPI_METRICS, KPI_SEVERITIES } from '../../../model/kpi-thresholds.ts';
import { kpiThresholdDrafts } from '../../application/campaigns/kpi-draft.ts';
import { formatInstant } from '../../application/instant.ts';
import { instant, words } from '../schema-parts.ts';

export const KpiThresholdResources = Type.Array(
  Type.Object({
    metric: words(KPI_METRICS),
    when: words(KPI_CONDITIONS),
    value: Type.Number(),
    severity: words(KPI_SEVERITIES),
    action: words(KPI_ACTIONS),
    minimum_events: Type.Optional(Type.Integer()),
    reached_at: Type.Optional(instant('When the figure reached it; only while it is there.')),
  }),
  { description: 'Lines that figures are watched for.' },
);

export function kpiThresholdResources({
  kpiThresholds = [],
  kpiReachedAt = [],
}: CampaignView): Static<typeof KpiThresholdResources> {
  return kpiThresholdDrafts(kpiThresholds).map((threshold, i) => {
    const at = kpiReachedAt[i] ?? null;
    return { ...threshold, ...(at !== null && { reached_at: formatInstant(at) }) };
  });
}

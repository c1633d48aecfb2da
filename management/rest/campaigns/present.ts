/** From the model to what REST shows. */
import {
  type CampaignView,
  currencyOf,
  type FinalFigures,
  type Totals,
  totalsFromJson,
} from '../../../model/campaign.ts';
import { figuresJson } from '../../../model/figures-json.ts';
import { ratiosOf } from '../../../model/ratios.ts';
import { draftOf } from '../../application/campaigns/update.ts';
import type { Figures } from '../../application/figures/figures.ts';
import { scoreOf } from '../../application/figures/success.ts';
import { formatInstant } from '../../application/instant.ts';
import { madeOnce } from '../../application/made-once.ts';
import type { CampaignResource, FiguresOnly, FinalResource, MetricsResource } from '../schemas.ts';
import { kpiThresholdResources } from './kpis.ts';

export const campaignResource = madeOnce(
  (view: CampaignView): CampaignResource => ({
    id: view.campaignId,
    status: view.status,
    ...draftOf(view),
    type: view.type,
    objective: view.objective,
    ...(view.statusReason !== undefined && { status_reason: view.statusReason }),
    ...(view.statusChangedBy !== undefined && { status_changed_by: view.statusChangedBy }),
    ...(view.kpiThresholds && { kpi_thresholds: kpiThresholdResources(view) }),
    ...(view.final && { final: finalResource(view, view.final) }),
    write_key: view.writeKey,
    secret_keys: [...view.secretKeys],
    etag: view.etag,
    created_at: formatInstant(view.createdAt),
    updated_at: formatInstant(view.updatedAt),
  }),
);

/** A resource as text. */
export const jsonOf = madeOnce((resource: object) => JSON.stringify(resource));

function finalResource(view: CampaignView, { completedAt, totals: json }: FinalFigures): FinalResource {
  const totals = totalsFromJson(json);
  const successScore = scoreOf(view.targets, totals);
  return {
    completed_at: formatInstant(completedAt),
    ...figuresOf(totals, currencyOf(view) ?? 'USD'),
    ...(successScore !== undefined && { success_score: successScore }),
  };
}

export function metricsResource(figures: Figures): MetricsResource {
  const { campaignId, asOf, currency, totals, successScore, buckets } = figures;
  return {
    campaign_id: campaignId,
    as_of: formatInstant(asOf),
    ...figuresOf(totals, currency),
    ...(successScore !== undefined && { success_score: successScore }),
    ...(buckets && {
      buckets: buckets.map((bucket) => ({
        starts_at: formatInstant(bucket.startsAt),
        ...figuresOf(bucket.totals, currency),
      })),
    }),
  };
}

function figuresOf(totals: Totals, currency: string): FiguresOnly {
  return { ...figuresJson(totals, currency), ...ratiosOf(totals) };
}

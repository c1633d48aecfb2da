/** From the model to what REST shows. */
import type { CampaignView, Totals } from '../../model/campaign.ts';
import { moneyJson } from '../../model/money.ts';
import type { Figures } from '../application/figures.ts';
import { formatInstant } from '../application/instant.ts';
import { ratiosOf } from '../application/ratios.ts';
import { draftOf } from '../application/update.ts';
import type { CampaignResource, FiguresOnly, MetricsResource } from './schemas.ts';

export function campaignResource(view: CampaignView): CampaignResource {
  return {
    ...draftOf(view),
    id: view.campaignId,
    type: view.type,
    objective: view.objective,
    status: view.status,
    ...(view.statusReason !== undefined && { status_reason: view.statusReason }),
    ...(view.statusChangedBy !== undefined && { status_changed_by: view.statusChangedBy }),
    write_key: view.writeKey,
    secret_keys: [...view.secretKeys],
    etag: view.etag,
    created_at: formatInstant(view.createdAt),
    updated_at: formatInstant(view.updatedAt),
  };
}

export function metricsResource(figures: Figures): MetricsResource {
  const { campaignId, asOf, currency, totals, buckets } = figures;
  return {
    campaign_id: campaignId,
    as_of: formatInstant(asOf),
    ...figuresOf(totals, currency),
    ...(buckets && {
      buckets: buckets.map((bucket) => ({
        starts_at: formatInstant(bucket.startsAt),
        ...figuresOf(bucket.totals, currency),
      })),
    }),
  };
}

function figuresOf(totals: Totals, currency: string): FiguresOnly {
  return {
    received: totals.received,
    accepted: totals.accepted,
    duplicates: totals.duplicates,
    rejected: totals.rejected,
    pending: totals.pending,
    impressions: totals.impressions,
    clicks: totals.clicks,
    unique_clicks: totals.uniqueClicks,
    conversions: totals.conversions,
    revenue: moneyJson(totals.revenueMicros, currency),
    spend: moneyJson(totals.spendMicros, currency),
    commission: moneyJson(totals.commissionMicros, currency),
    ...ratiosOf(totals),
  };
}

/** From the model to what REST shows. */
import type { CampaignView, Totals } from '../../model/campaign.ts';
import { moneyJson } from '../../model/money.ts';
import type { Figures } from '../application/figures.ts';
import { formatInstant } from '../application/instant.ts';
import { ratiosOf } from '../application/ratios.ts';
import type { CampaignResource, FiguresOnly, MetricsResource } from './schemas.ts';

export function campaignResource(view: CampaignView): CampaignResource {
  const { budgetTotal, budgetDaily, cost } = view;
  return {
    id: view.campaignId,
    brand_id: view.brandId,
    name: view.name,
    type: view.type,
    objective: view.objective,
    status: view.status,
    ...(view.statusReason !== undefined && { status_reason: view.statusReason }),
    ...(view.statusChangedBy !== undefined && { status_changed_by: view.statusChangedBy }),
    ...(view.landingPageUrl !== undefined && { landing_page_url: view.landingPageUrl }),
    ...(view.fallbackUrl !== undefined && { fallback_url: view.fallbackUrl }),
    allowed_hosts: [...view.allowedHosts],
    allowed_origins: [...view.allowedOrigins],
    ...(budgetTotal && {
      budget: {
        total: moneyJson(budgetTotal.micros, budgetTotal.currency),
        ...(budgetDaily && { daily: moneyJson(budgetDaily.micros, budgetDaily.currency) }),
      },
    }),
    ...(cost && { cost: { model: cost.model, rate: moneyJson(cost.rate.micros, cost.rate.currency) } }),
    ...(view.startsAt !== undefined && { starts_at: formatInstant(view.startsAt) }),
    ...(view.endsAt !== undefined && { ends_at: formatInstant(view.endsAt) }),
    uniqueness: { key: view.uniqueness.key, window_seconds: view.uniqueness.windowMs / 1_000 },
    click_window_seconds: view.clickWindowMs / 1_000,
    key_policy: view.keyPolicy,
    rate_limit: view.rateLimit,
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

/** From the model to the messages of `turnpike.v1`. */
import { type AttributionRule, attributionOf } from '../../../model/attribution.ts';
import {
  type CampaignView,
  type Cap,
  currencyOf,
  type FinalFigures,
  isAmountCap,
  type Totals,
  totalsFromJson,
} from '../../../model/campaign.ts';
import { ratiosOf } from '../../../model/ratios.ts';
import type { TargetMetric as TargetWord } from '../../../model/targets.ts';
import { type Cost, isShare, priceJson } from '../../../model/terms.ts';
import {
  AttributionModel,
  type Attribution as ProtoAttribution,
} from '../../../proto/generated/turnpike/v1/attribution.ts';
import {
  BudgetPacing,
  CapMetric,
  CapPeriod,
  type Cap as ProtoCap,
  WhenExhausted,
} from '../../../proto/generated/turnpike/v1/budget.ts';
import {
  type Campaign,
  CampaignObjective,
  CampaignStatus,
  CampaignType,
  CostModel,
  KeyPolicy,
  LaunchNeed,
  type FinalFigures as ProtoFinalFigures,
  PublishedEvent,
  TargetMetric,
  UniquenessKey,
} from '../../../proto/generated/turnpike/v1/campaign.ts';
import type { CampaignMetrics, MetricTotals } from '../../../proto/generated/turnpike/v1/metrics.ts';
import type { Figures } from '../../application/figures/figures.ts';
import { scoreOf } from '../../application/figures/success.ts';
import { protoMoney } from '../money.ts';
import { protoTimestamp } from '../timestamp.ts';
import { protoCommission } from './commission.ts';
import { protoKpiThresholds } from './kpis.ts';
import { protoTargeting } from './targeting.ts';

const KEY_POLICIES = {
  open: KeyPolicy.OPEN,
  write_key: KeyPolicy.WRITE_KEY,
  signed: KeyPolicy.SIGNED,
};

export const PACINGS = { asap: BudgetPacing.ASAP, even: BudgetPacing.EVEN };

const WHEN_EXHAUSTED = { pending: WhenExhausted.PENDING, pause: WhenExhausted.PAUSE };

const CAP_METRICS = {
  impressions: CapMetric.IMPRESSIONS,
  clicks: CapMetric.CLICKS,
  conversions: CapMetric.CONVERSIONS,
  spend: CapMetric.SPEND,
  commission: CapMetric.COMMISSION,
};

const CAP_PERIODS = { day: CapPeriod.DAY, month: CapPeriod.MONTH, total: CapPeriod.TOTAL };

const LAUNCH_NEEDS = {
  landing_page_url: LaunchNeed.LANDING_PAGE_URL,
  cost: LaunchNeed.COST,
  dates: LaunchNeed.DATES,
  targeting: LaunchNeed.TARGETING,
  targets: LaunchNeed.TARGETS,
};

const PUBLISHED_EVENTS = {
  impression: PublishedEvent.IMPRESSION,
  click: PublishedEvent.CLICK,
  conversion: PublishedEvent.CONVERSION,
  metrics: PublishedEvent.METRICS,
};

const UNIQUENESS_KEYS = {
  none: UniquenessKey.NONE,
  address: UniquenessKey.ADDRESS,
  address_agent: UniquenessKey.ADDRESS_AGENT,
  cookie: UniquenessKey.COOKIE,
};

const TARGET_METRICS: Readonly<Record<TargetWord, TargetMetric>> = {
  impressions: TargetMetric.IMPRESSIONS,
  clicks: TargetMetric.CLICKS,
  unique_clicks: TargetMetric.UNIQUE_CLICKS,
  conversions: TargetMetric.CONVERSIONS,
  revenue: TargetMetric.REVENUE,
  ctr: TargetMetric.CTR,
  cvr: TargetMetric.CVR,
  roas: TargetMetric.ROAS,
  roi: TargetMetric.ROI,
  cpc: TargetMetric.CPC,
  cpa: TargetMetric.CPA,
  cpm: TargetMetric.CPM,
};

export function protoCampaign(view: CampaignView): Campaign {
  const { budgetTotal, budgetDaily, cost, commission } = view;
  return {
    id: view.campaignId,
    brandId: view.brandId,
    partnerId: view.partnerId ?? '',
    name: view.name,
    type: CampaignType[view.type],
    objective: CampaignObjective[view.objective],
    status: CampaignStatus[view.status],
    statusReason: view.statusReason ?? '',
    statusChangedBy: view.statusChangedBy ?? '',
    landingPageUrl: view.landingPageUrl ?? '',
    fallbackUrl: view.fallbackUrl ?? '',
    allowedHosts: [...view.allowedHosts],
    allowedOrigins: [...view.allowedOrigins],
    budget: budgetTotal && {
      total: protoMoney(budgetTotal.micros, budgetTotal.currency),
      daily: budgetDaily && protoMoney(budgetDaily.micros, budgetDaily.currency),
      thresholds: [...(view.budgetThresholds ?? [])],
      whenExhausted:
        view.whenExhausted === undefined ? WhenExhausted.UNSPECIFIED : WHEN_EXHAUSTED[view.whenExhausted],
      pacing: view.budgetPacing === undefined ? BudgetPacing.UNSPECIFIED : PACINGS[view.budgetPacing],
    },
    cost: cost && { model: CostModel[cost.model], ...protoPrice(cost) },
    commission: commission && protoCommission(commission, currencyOf(view) ?? 'USD'),
    startsAt: view.startsAt === undefined ? undefined : protoTimestamp(view.startsAt),
    endsAt: view.endsAt === undefined ? undefined : protoTimestamp(view.endsAt),
    timeZone: view.timeZone ?? '',
    caps: (view.caps ?? []).map((cap) => protoCap(cap, currencyOf(view) ?? 'USD')),
    targets: (view.targets ?? []).map(({ metric, value }) => ({ metric: TARGET_METRICS[metric], value })),
    kpiThresholds: protoKpiThresholds(view),
    fraud: view.fraud && { minimumSecondsToConvert: view.fraud.minimumToConvertMs / 1_000 },
    targeting: view.targeting && protoTargeting(view.targeting),
    final: view.final && protoFinal(view, view.final),
    uniqueness: {
      key: UNIQUENESS_KEYS[view.uniqueness.key],
      windowSeconds: seconds(view.uniqueness.windowMs),
    },
    clickWindowSeconds: seconds(view.clickWindowMs),
    attribution: protoAttribution(attributionOf(view)),
    keyPolicy: KEY_POLICIES[view.keyPolicy],
    launchNeeds: view.launchNeeds && { needs: view.launchNeeds.map((need) => LAUNCH_NEEDS[need]) },
    publishedEvents: (view.publishedEvents ?? []).map((type) => PUBLISHED_EVENTS[type]),
    rateLimit: view.rateLimit,
    writeKey: view.writeKey,
    secretKeys: [...view.secretKeys],
    etag: view.etag,
    createdAt: protoTimestamp(view.createdAt),
    updatedAt: protoTimestamp(view.updatedAt),
  };
}

function protoPrice(price: Cost) {
  const { percent = '' } = priceJson(price);
  const { rate } = isShare(price) ? {} : price;
  return { rate: rate && protoMoney(rate.micros, rate.currency), percent };
}

function protoAttribution({ model, halfLifeMs, viewWindowMs, minimumMs }: AttributionRule): ProtoAttribution {
  return {
    model: AttributionModel[model],
    halfLifeSeconds: seconds(halfLifeMs),
    viewWindowSeconds: seconds(viewWindowMs),
    minimumSecondsToConvert: seconds(minimumMs),
  };
}

function protoCap({ metric, period, limit }: Cap, currency: string): ProtoCap {
  const isAmount = isAmountCap(metric);
  return {
    metric: CAP_METRICS[metric],
    period: CAP_PERIODS[period],
    limit: isAmount ? 0n : BigInt(limit),
    amount: isAmount ? protoMoney(limit, currency) : undefined,
  };
}

function protoFinal(view: CampaignView, { completedAt, totals: json }: FinalFigures): ProtoFinalFigures {
  const totals = totalsFromJson(json);
  return {
    completedAt: protoTimestamp(completedAt),
    totals: protoTotals(totals, currencyOf(view) ?? 'USD'),
    successScore: scoreOf(view.targets, totals),
  };
}

export function protoMetrics(figures: Figures): CampaignMetrics {
  const { campaignId, asOf, currency, totals, successScore, buckets = [] } = figures;
  return {
    campaignId,
    asOf: protoTimestamp(asOf),
    totals: protoTotals(totals, currency),
    successScore,
    buckets: buckets.map((bucket) => ({
      startsAt: protoTimestamp(bucket.startsAt),
      totals: protoTotals(bucket.totals, currency),
    })),
  };
}

function protoTotals(totals: Totals, currency: string): MetricTotals {
  const ratios = ratiosOf(totals);
  return {
    received: BigInt(totals.received),
    accepted: BigInt(totals.accepted),
    duplicates: BigInt(totals.duplicates),
    rejected: BigInt(totals.rejected),
    pending: BigInt(totals.pending),
    impressions: BigInt(totals.impressions),
    clicks: BigInt(totals.clicks),
    uniqueClicks: BigInt(totals.uniqueClicks),
    conversions: BigInt(totals.conversions),
    revenue: protoMoney(totals.revenueMicros, currency),
    spend: protoMoney(totals.spendMicros, currency),
    commission: protoMoney(totals.commissionMicros, currency),
    ctr: ratios.ctr ?? undefined,
    cvr: ratios.cvr ?? undefined,
    cpc: ratios.cpc ?? undefined,
    cpa: ratios.cpa ?? undefined,
    cpm: ratios.cpm ?? undefined,
    roas: ratios.roas ?? undefined,
    roi: ratios.roi ?? undefined,
  };
}

function seconds(ms: number): bigint {
  return BigInt(Math.round(ms / 1_000));
}

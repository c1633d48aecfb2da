/** CreateCampaign's request as the draft that the application knows, and its faults in the request's spelling. */
import { TurnpikeError } from '../../../model/errors.ts';
import { AttributionModel } from '../../../proto/generated/turnpike/v1/attribution.ts';
import {
  BudgetPacing,
  CapMetric,
  CapPeriod,
  WhenExhausted,
} from '../../../proto/generated/turnpike/v1/budget.ts';
import {
  type Campaign,
  CampaignObjective,
  CampaignType,
  CostModel,
  KeyPolicy,
  LaunchNeed,
  PublishedEvent,
  TargetMetric,
  UniquenessKey,
} from '../../../proto/generated/turnpike/v1/campaign.ts';
import type {
  CreateCampaignRequest,
  UpdateCampaignRequest,
} from '../../../proto/generated/turnpike/v1/campaign_service.ts';
import type { Money } from '../../../proto/generated/turnpike/v1/money.ts';
import { CampaignDraft } from '../../application/campaigns/campaign-draft.ts';
import { checker } from '../../application/check.ts';
import { formatInstant } from '../../application/instant.ts';
import { invalid, refuse, Violations } from '../../application/violations.ts';
import { decimalOf, inMessages } from '../money.ts';
import { instantOf } from '../timestamp.ts';
import { wordOf } from '../words.ts';
import { commissionFields, wholeCommissionPatch } from './commission.ts';
import { kpiThresholdFields } from './kpis.ts';
import { targetingFields, targetingPatch, wholeTargetingPatch } from './targeting.ts';

const check = checker(CampaignDraft, 'campaign');

/** @throws TurnpikeError `invalid_argument`, its fields in the draft's spelling: see `respelled` */
export function draftOf({ campaignId, campaign }: CreateCampaignRequest): CampaignDraft {
  if (campaign === undefined) refuse([{ field: 'campaign', description: 'is required' }]);
  return check({ ...(campaignId && { campaign_id: campaignId }), ...fieldsOf(campaign) });
}

function fieldsOf(campaign: Campaign): Record<string, unknown> {
  const violations = new Violations();
  const startsAt = instantOf(campaign.startsAt, 'starts_at', violations);
  const endsAt = instantOf(campaign.endsAt, 'ends_at', violations);
  violations.refuse();
  const { attribution, budget, cost, commission, uniqueness } = campaign;
  return present({
    brand_id: campaign.brandId || undefined,
    partner_id: campaign.partnerId || undefined,
    name: campaign.name || undefined,
    type: wordOf(CampaignType, campaign.type),
    objective: wordOf(CampaignObjective, campaign.objective),
    landing_page_url: campaign.landingPageUrl || undefined,
    fallback_url: campaign.fallbackUrl || undefined,
    allowed_hosts: campaign.allowedHosts,
    allowed_origins: campaign.allowedOrigins,
    budget:
      budget &&
      present({
        total: moneyOf(budget.total),
        daily: moneyOf(budget.daily),
        thresholds: budget.thresholds.length > 0 ? budget.thresholds : undefined,
        when_exhausted: wordOf(WhenExhausted, budget.whenExhausted),
        pacing: wordOf(BudgetPacing, budget.pacing),
      }),
    caps: campaign.caps.map(({ metric, period, limit, amount }) =>
      present({
        metric: wordOf(CapMetric, metric) ?? '',
        period: wordOf(CapPeriod, period) ?? '',
        limit: Number(limit) || undefined,
        amount: moneyOf(amount),
      }),
    ),
    time_zone: campaign.timeZone || undefined,
    cost: cost && priceFields(wordOf(CostModel, cost.model), cost),
    commission: commission && commissionFields(commission),
    starts_at: startsAt === undefined ? undefined : formatInstant(startsAt),
    ends_at: endsAt === undefined ? undefined : formatInstant(endsAt),
    targets: campaign.targets.map(({ metric, value }) => ({
      metric: wordOf(TargetMetric, metric) ?? '',
      value,
    })),
    kpi_thresholds: kpiThresholdFields(campaign.kpiThresholds),
    fraud: campaign.fraud && present({ minimum_seconds_to_convert: campaign.fraud.minimumSecondsToConvert }),
    targeting: campaign.targeting && targetingFields(campaign.targeting),
    uniqueness:
      uniqueness &&
      present({
        key: wordOf(UniquenessKey, uniqueness.key),
        window_seconds: Number(uniqueness.windowSeconds) || undefined,
      }),
    click_window_seconds: Number(campaign.clickWindowSeconds) || undefined,
    attribution:
      attribution &&
      present({
        model: wordOf(AttributionModel, attribution.model),
        half_life_seconds: Number(attribution.halfLifeSeconds) || undefined,
        view_window_seconds: numberOf(attribution.viewWindowSeconds),
        minimum_seconds_to_convert: numberOf(attribution.minimumSecondsToConvert),
      }),
    key_policy: wordOf(KeyPolicy, campaign.keyPolicy),
    launch_needs: campaign.launchNeeds?.needs.map((need) => wordOf(LaunchNeed, need) ?? ''),
    published_events: campaign.publishedEvents.map((type) => wordOf(PublishedEvent, type) ?? ''),
    rate_limit: campaign.rateLimit,
  });
}

/** Fields of a draft that say something even where they are empty. */
const ALWAYS_SET = [
  'allowed_hosts',
  'allowed_origins',
  'caps',
  'targets',
  'kpi_thresholds',
  'published_events',
  'rate_limit',
];

/** Parts of which nothing that was before is left where the mask names them as a whole. */
const WHOLE: Readonly<Record<string, (patch: unknown) => Record<string, unknown>>> = {
  commission: wholeCommissionPatch,
  targeting: wholeTargetingPatch,
};

/**
 * UpdateCampaign's request as a merge patch.
 *
 * @throws TurnpikeError `invalid_argument`, its fields in the draft's spelling: see `respelled`
 */
export function patchOf({ campaign, updateMask }: UpdateCampaignRequest): Record<string, unknown> {
  if (campaign === undefined) refuse([{ field: 'campaign', description: 'is required' }]);
  const { targeting, ...others } = fieldsOf(campaign);
  const fields: Record<string, unknown> = {
    ...others,
    ...(targeting !== undefined && { targeting: targetingPatch(targeting) }),
  };
  if (updateMask === undefined || updateMask.length === 0) {
    const isEmpty = (value: unknown): boolean => value === 0 || (Array.isArray(value) && value.length === 0);
    return Object.fromEntries(
      Object.entries(fields).filter(([name, value]) => !(ALWAYS_SET.includes(name) && isEmpty(value))),
    );
  }
  const patch: Record<string, unknown> = {};
  for (const path of updateMask) {
    const [name = '', member, ...deeper] = path.split('.');
    if (!(name in CampaignDraft.properties) || name === 'campaign_id' || deeper.length > 0)
      refuse([{ field: 'update_mask', description: `cannot name ${path}` }]);
    const value = fields[name];
    const whole = WHOLE[name];
    if (whole && member === undefined && value) patch[name] = whole(value);
    else if (member === undefined) patch[name] = value ?? null;
    else {
      const merged = (patch[name] ?? {}) as Record<string, unknown>;
      patch[name] = { ...merged, [member]: (value as Record<string, unknown> | undefined)?.[member] ?? null };
    }
  }
  return patch;
}

function priceFields(
  model: string | undefined,
  { rate, percent }: { readonly rate?: Money | undefined; readonly percent: string },
): Record<string, unknown> {
  return present({ model, rate: moneyOf(rate), percent: percent || undefined });
}

function moneyOf(money: Money | undefined): { amount: string; currency: string } | undefined {
  return money && { amount: decimalOf(money), currency: money.currencyCode };
}

function numberOf(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

/** The fields that have a value: proto3 has no other way to say that one is absent. */
function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** An error with its fields named as CreateCampaignRequest does. */
export function respelled(error: unknown): unknown {
  if (!(error instanceof TurnpikeError) || error.failure.code !== 'invalid_argument') return error;
  const { violations } = error.failure;
  if (violations === undefined) return error;
  const spelled = violations.map((violation) => {
    if (FIELDS_OF_REQUESTS.includes(violation.field)) return violation;
    const { field, description } = inMessages(violation);
    return { field: `campaign.${field}`, description };
  });
  return invalid(spelled);
}

const FIELDS_OF_REQUESTS = ['campaign_id', 'request_id', 'campaign', 'campaign.id', 'update_mask'];

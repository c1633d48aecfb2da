/** From what a client sent to what a campaign is created with: the rules that a schema cannot say. */
import { PACINGS } from '../../../model/budget.ts';
import {
  CAMPAIGN_OBJECTIVES,
  CAMPAIGN_TYPES,
  CAP_METRICS,
  CAP_PERIODS,
  type CampaignDefinition,
  type CampaignObjective,
  type Cap,
  isAmountCap,
  KEY_POLICIES,
  LAUNCH_NEEDS,
  type LaunchNeed,
  PUBLISHED_EVENTS,
  type PublishedEvent,
  UNIQUENESS_KEYS,
  type UniquenessRule,
  WHEN_EXHAUSTED,
} from '../../../model/campaign.ts';
import { currencyOfPlan } from '../../../model/commission-plan.ts';
import { metricsNeeded, TARGET_METRICS, type Target, type TargetMetric } from '../../../model/targets.ts';
import { currencyOfPrice } from '../../../model/terms.ts';
import type { KeyPrefix } from '../identity.ts';
import { parseInstant } from '../instant.ts';
import { moneyOf } from '../money.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import { type Address, hostName, pageAddress, webOrigin } from './addresses.ts';
import { attributionRule } from './attribution-draft.ts';
import type { CampaignDraft } from './campaign-draft.ts';
import { commissionOf } from './commission-plan.ts';
import { fraudRuleOf } from './fraud-draft.ts';
import { kpiThresholdsOf } from './kpi-draft.ts';
import { costOf } from './prices.ts';
import { campaignTargeting } from './targeting.ts';

const DEFAULT_UNIQUENESS_WINDOW_MS = 3_600_000;
const DEFAULT_CLICK_WINDOW_MS = 30 * 86_400_000;

const MOST_OF_A_TARGET = 1e15;

/**
 * The definition that a draft stands for, with defaults filled in and keys minted.
 *
 * @throws TurnpikeError `invalid_argument` with everything that is wrong, in the draft's spelling
 */
export function definitionOf(
  draft: CampaignDraft,
  newKey: (prefix: KeyPrefix) => string,
): CampaignDefinition {
  const violations = new Violations();

  const type = wordOf(CAMPAIGN_TYPES, draft.type, 'type', violations);
  const objective = wordOf(CAMPAIGN_OBJECTIVES, draft.objective, 'objective', violations);
  const keyPolicy = wordOf(KEY_POLICIES, draft.key_policy ?? 'open', 'key_policy', violations);
  const uniqueness = uniquenessOf(draft, violations);
  const budgetTotal = draft.budget && moneyOf(draft.budget.total, 'budget.total', violations);
  const budgetDaily = draft.budget?.daily && moneyOf(draft.budget.daily, 'budget.daily', violations);
  if (budgetTotal && budgetDaily && budgetDaily.currency !== budgetTotal.currency) {
    violations.add('budget.daily.currency', `must be that of the total, ${budgetTotal.currency}`);
  }
  const cost = draft.cost && costOf(draft.cost, budgetTotal?.currency, violations);
  const costCurrency = budgetTotal?.currency ?? currencyOfPrice(cost);
  const commission = draft.commission && commissionOf(draft.commission, costCurrency, violations);
  const currency = costCurrency ?? currencyOfPlan(commission);
  const { thresholds, when_exhausted: when, pacing } = draft.budget ?? {};
  const budgetPacing = pacing && wordOf(PACINGS, pacing, 'budget.pacing', violations);
  if (budgetPacing === 'even' && draft.ends_at === undefined)
    violations.add('budget.pacing', 'must be asap for a campaign without ends_at');
  const whenExhausted = when && wordOf(WHEN_EXHAUSTED, when, 'budget.when_exhausted', violations);
  const caps = capsOf(draft, currency, violations);
  const timeZone = timeZoneOf(draft, violations);
  const targets = targetsOf(draft, objective, violations);
  const kpiThresholds = kpiThresholdsOf(draft.kpi_thresholds ?? [], violations);
  const fraud = draft.fraud && fraudRuleOf(draft.fraud);
  const targeting = draft.targeting && campaignTargeting(draft.targeting, currency, violations);
  const launchNeeds = launchNeedsOf(draft, violations);
  const publishedEvents = publishedOf(draft, violations);
  const landingPageUrl = pageOf(draft.landing_page_url, 'landing_page_url', violations);
  const fallbackUrl = pageOf(draft.fallback_url, 'fallback_url', violations);
  const clickWindowMs =
    draft.click_window_seconds === undefined ? DEFAULT_CLICK_WINDOW_MS : draft.click_window_seconds * 1_000;
  const definition = {
    brandId: plainText(draft.brand_id, 'brand_id', violations),
    ...(draft.partner_id !== undefined && { partnerId: draft.partner_id }),
    name: plainText(draft.name, 'name', violations),
    allowedHosts: addressesOf(draft.allowed_hosts, hostName, 'allowed_hosts', violations),
    allowedOrigins: addressesOf(draft.allowed_origins, webOrigin, 'allowed_origins', violations),
    ...(landingPageUrl !== undefined && { landingPageUrl }),
    ...(fallbackUrl !== undefined && { fallbackUrl }),
    ...(budgetTotal && { budgetTotal }),
    ...(budgetDaily && { budgetDaily }),
    ...(thresholds && { budgetThresholds: [...new Set(thresholds)].sort((a, b) => a - b) }),
    ...(whenExhausted && { whenExhausted }),
    ...(budgetPacing && { budgetPacing }),
    ...(caps.length > 0 && { caps }),
    ...(timeZone !== undefined && { timeZone }),
    ...(cost && { cost }),
    ...(commission && { commission }),
    ...timesOf(draft, violations),
    ...(targets.length > 0 && { targets }),
    ...(kpiThresholds.length > 0 && { kpiThresholds }),
    ...(fraud && { fraud }),
    ...(targeting && { targeting }),
    clickWindowMs,
    attribution: attributionRule(draft.attribution, clickWindowMs, violations),
    ...(launchNeeds && { launchNeeds }),
    ...(publishedEvents.length > 0 && { publishedEvents }),
    writeKey: newKey('wk_'),
    secretKeys: keyPolicy === 'signed' ? [newKey('sk_')] : [],
    rateLimit: draft.rate_limit ?? 0,
  };
  violations.refuse();
  return {
    ...definition,
    type: type as NonNullable<typeof type>,
    objective: objective as NonNullable<typeof objective>,
    keyPolicy: keyPolicy as NonNullable<typeof keyPolicy>,
    uniqueness,
  };
}

/** What a launch needs, each once and in their order. */
function launchNeedsOf(
  { launch_needs: named }: CampaignDraft,
  violations: Violations,
): LaunchNeed[] | undefined {
  const needs = named?.map((name, i) => wordOf(LAUNCH_NEEDS, name, `launch_needs[${i}]`, violations));
  return needs && LAUNCH_NEEDS.filter((need) => needs.includes(need));
}

/** Types of events, each once and in their order. */
function publishedOf(
  { published_events: named = [] }: CampaignDraft,
  violations: Violations,
): PublishedEvent[] {
  const types = named.map((name, i) => wordOf(PUBLISHED_EVENTS, name, `published_events[${i}]`, violations));
  return PUBLISHED_EVENTS.filter((type) => types.includes(type));
}

/** @param currency the campaign's, if it has one */
function capsOf({ caps = [] }: CampaignDraft, currency: string | undefined, violations: Violations): Cap[] {
  const read = new Map<string, Cap>();
  for (const [i, cap] of caps.entries()) {
    const field = `caps[${i}]`;
    const metric = wordOf(CAP_METRICS, cap.metric, `${field}.metric`, violations);
    const period = wordOf(CAP_PERIODS, cap.period, `${field}.period`, violations);
    const isAmount = metric !== undefined && isAmountCap(metric);
    const amount = isAmount && cap.amount && moneyOf(cap.amount, `${field}.amount`, violations);
    if (amount && amount.currency !== currency)
      violations.add(
        `${field}.amount.currency`,
        `must be the budget's currency, ${currency ?? 'which is not set'}`,
      );
    const limit = isAmount ? (amount || undefined)?.micros : cap.limit;
    if (isAmount && !cap.amount) violations.add(`${field}.amount`, `is required for ${metric}`);
    else if (!isAmount && limit === undefined) violations.add(`${field}.limit`, 'is required');
    if (metric === undefined || period === undefined || limit === undefined) continue;
    const name = `${metric} in a ${period}`;
    if (read.has(name)) violations.add(field, `must not cap ${metric} by ${period} again`);
    read.set(name, { metric, period, limit });
  }
  return [...read.values()];
}

/** The name of the time zone as the rules of zones have it; none for UTC. */
function timeZoneOf({ time_zone: name }: CampaignDraft, violations: Violations): string | undefined {
  if (name === undefined) return undefined;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
    return timeZone === 'UTC' ? undefined : timeZone;
  } catch {
    return violations.add('time_zone', 'must be an IANA name such as America/Bogota');
  }
}

/** The targets, in the order of their metrics. */
function targetsOf(
  { targets = [] }: CampaignDraft,
  objective: CampaignObjective | undefined,
  violations: Violations,
): Target[] {
  const read = new Map<TargetMetric, Target>();
  for (const [i, target] of targets.entries()) {
    const metric = wordOf(TARGET_METRICS, target.metric, `targets[${i}].metric`, violations);
    const value = Number(target.value);
    if (!(value > 0 && value <= MOST_OF_A_TARGET))
      violations.add(`targets[${i}].value`, `must be a number above 0, up to ${MOST_OF_A_TARGET}`);
    if (metric === undefined) continue;
    if (read.has(metric)) violations.add(`targets[${i}].metric`, `must not name ${metric} again`);
    read.set(metric, { metric, value });
  }
  const needed = objective ? metricsNeeded(objective) : [];
  if (read.size > 0 && needed.length > 0 && !needed.some((metric) => read.has(metric)))
    violations.add('targets', `must have one for ${needed.join(' or ')}, as the objective is ${objective}`);
  return TARGET_METRICS.flatMap((metric) => read.get(metric) ?? []);
}

function uniquenessOf(draft: CampaignDraft, violations: Violations): UniquenessRule {
  const { key = 'none', window_seconds: seconds } = draft.uniqueness ?? {};
  return {
    key: wordOf(UNIQUENESS_KEYS, key, 'uniqueness.key', violations) ?? 'none',
    windowMs: seconds === undefined ? DEFAULT_UNIQUENESS_WINDOW_MS : seconds * 1_000,
  };
}

function timesOf(draft: CampaignDraft, violations: Violations): { startsAt?: number; endsAt?: number } {
  const startsAt = instantOf(draft.starts_at, 'starts_at', violations);
  const endsAt = instantOf(draft.ends_at, 'ends_at', violations);
  if (startsAt !== undefined && endsAt !== undefined && endsAt <= startsAt) {
    violations.add('ends_at', 'must be later than starts_at');
  }
  return { ...(startsAt !== undefined && { startsAt }), ...(endsAt !== undefined && { endsAt }) };
}

/** The instant of an RFC 3339 text; a violation if it is none. */
export function instantOf(
  text: string | undefined,
  field: string,
  violations: Violations,
): number | undefined {
  if (text === undefined) return undefined;
  return (
    parseInstant(text) ??
    violations.add(field, 'must be RFC 3339, such as 2026-12-01T00:00:00Z, from 1970 on')
  );
}

function pageOf(text: string | undefined, field: string, violations: Violations): string | undefined {
  return text === undefined ? undefined : keptOr(pageAddress(text), field, violations);
}

function addressesOf(
  texts: readonly string[] | undefined,
  read: (text: string) => Address,
  field: string,
  violations: Violations,
): string[] {
  const kept = new Set<string>();
  for (const [i, text] of (texts ?? []).entries()) {
    const address = keptOr(read(text), `${field}[${i}]`, violations);
    if (address !== undefined) kept.add(address);
  }
  return [...kept];
}

function keptOr(address: Address, field: string, violations: Violations): string | undefined {
  return 'kept' in address ? address.kept : violations.add(field, address.fix);
}

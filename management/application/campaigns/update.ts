/** What a campaign becomes by a patch: the whole of it is checked again, by the rules of its creation. */

import { attributionOf } from '../../../model/attribution.ts';
import {
  type CampaignDefinition,
  type CampaignView,
  type Cap,
  currencyOf,
  isAmountCap,
} from '../../../model/campaign.ts';
import { moneyJson } from '../../../model/money.ts';
import { targetingJson } from '../../../model/targeting-json.ts';
import { priceJson } from '../../../model/terms.ts';
import { checker } from '../check.ts';
import type { KeyPrefix } from '../identity.ts';
import { formatInstant } from '../instant.ts';
import { isObject, merged } from '../merge-patch.ts';
import { refuse } from '../violations.ts';
import { attributionJson } from './attribution-draft.ts';
import { CampaignDraft } from './campaign-draft.ts';
import { commissionJson } from './commission-json.ts';
import { definitionOf } from './definition.ts';
import { fraudDraft } from './fraud-draft.ts';
import { kpiThresholdDrafts } from './kpi-draft.ts';

const check = checker(CampaignDraft, 'body');

/** What clients are shown of a campaign and cannot change like this. */
const READ_ONLY: Readonly<Record<string, { readonly of: keyof CampaignView; readonly fix: string }>> = {
  id: { of: 'campaignId', fix: 'cannot be changed' },
  campaign_id: { of: 'campaignId', fix: 'cannot be changed' },
  status: { of: 'status', fix: 'is changed by :schedule, :activate, :pause, :resume, :complete and :cancel' },
  write_key: { of: 'writeKey', fix: 'cannot be chosen' },
};

/**
 * The definition that a patch makes of a campaign.
 *
 * @param patch a merge patch in the spelling of drafts
 * @throws TurnpikeError `invalid_argument` with everything that is wrong
 */
export function patchedDefinition(
  view: CampaignView,
  patch: unknown,
  newKey: (prefix: KeyPrefix) => string,
): CampaignDefinition {
  if (!isObject(patch)) refuse([{ field: 'body', description: 'must be a JSON object: a merge patch' }]);
  const forbidden = Object.entries(READ_ONLY).filter(
    ([field, { of }]) => field in patch && patch[field] !== view[of],
  );
  if (forbidden.length > 0) refuse(forbidden.map(([field, { fix }]) => ({ field, description: fix })));
  const { campaign_id: _, ...draft } = check(merged(draftOf(view), patch));
  return definitionOf(draft, newKey);
}

/** The draft that a campaign could have been created with. */
export function draftOf(view: CampaignDefinition) {
  const { budgetTotal, budgetDaily, cost, commission } = view;
  return {
    brand_id: view.brandId,
    ...(view.partnerId !== undefined && { partner_id: view.partnerId }),
    name: view.name,
    type: view.type,
    objective: view.objective,
    ...(view.landingPageUrl !== undefined && { landing_page_url: view.landingPageUrl }),
    ...(view.fallbackUrl !== undefined && { fallback_url: view.fallbackUrl }),
    allowed_hosts: [...view.allowedHosts],
    allowed_origins: [...view.allowedOrigins],
    ...(budgetTotal && {
      budget: {
        total: moneyJson(budgetTotal.micros, budgetTotal.currency),
        ...(budgetDaily && { daily: moneyJson(budgetDaily.micros, budgetDaily.currency) }),
        ...(view.budgetThresholds && { thresholds: [...view.budgetThresholds] }),
        ...(view.whenExhausted && { when_exhausted: view.whenExhausted }),
        ...(view.budgetPacing && { pacing: view.budgetPacing }),
      },
    }),
    ...(cost && { cost: priceJson(cost) }),
    ...(commission && { commission: commissionJson(commission, currencyOf(view) ?? 'USD') }),
    ...(view.startsAt !== undefined && { starts_at: formatInstant(view.startsAt) }),
    ...(view.endsAt !== undefined && { ends_at: formatInstant(view.endsAt) }),
    ...(view.caps && { caps: view.caps.map((cap) => capDraft(cap, currencyOf(view) ?? 'USD')) }),
    ...(view.timeZone !== undefined && { time_zone: view.timeZone }),
    ...(view.targets && { targets: view.targets.map(({ metric, value }) => ({ metric, value })) }),
    ...(view.fraud && { fraud: fraudDraft(view.fraud) }),
    ...(view.kpiThresholds && { kpi_thresholds: kpiThresholdDrafts(view.kpiThresholds) }),
    ...(view.targeting && { targeting: targetingJson(view.targeting) }),
    uniqueness: { key: view.uniqueness.key, window_seconds: view.uniqueness.windowMs / 1_000 },
    click_window_seconds: view.clickWindowMs / 1_000,
    attribution: attributionJson(attributionOf(view)),
    key_policy: view.keyPolicy,
    ...(view.launchNeeds && { launch_needs: [...view.launchNeeds] }),
    ...(view.publishedEvents && { published_events: [...view.publishedEvents] }),
    rate_limit: view.rateLimit,
  };
}

function capDraft({ metric, period, limit }: Cap, currency: string) {
  return { metric, period, ...(isAmountCap(metric) ? { amount: moneyJson(limit, currency) } : { limit }) };
}

/** The campaign that a partner gets to begin with, if its contract says so. */
import { createHash } from 'node:crypto';
import { type CampaignType, type CampaignView, launchNeedsOf } from '../../../model/campaign.ts';
import { type FieldViolation, TurnpikeError } from '../../../model/errors.ts';
import { type Money, moneyJson } from '../../../model/money.ts';
import type { PartnerKind, PartnerView } from '../../../model/partner.ts';
import type { Campaigns } from '../campaigns/campaigns.ts';
import type { CommandContext } from '../command.ts';

export interface Welcome {
  readonly campaignId: string;
  /** The campaign; absent: the partner may not have it, and `refusal` says why. */
  readonly campaign?: CampaignView;
  /** What it still lacks to be launched. */
  readonly missing: readonly FieldViolation[];
  readonly refusal?: string;
}

const TYPES: Readonly<Record<PartnerKind, CampaignType>> = {
  AFFILIATE: 'AFFILIATE',
  INFLUENCER: 'INFLUENCER',
  LOYALTY: 'LOYALTY',
  B2B: 'B2B',
  AGENCY: 'MIXED',
};

/**
 * Creates the campaign as a draft, once for a partner: its id follows from the partner's.
 *
 * @throws TurnpikeError what commands throw
 */
export async function welcomeCampaign(
  campaigns: Campaigns,
  partner: PartnerView,
  { budget, brandId }: { readonly budget: Money; readonly brandId: string },
  context: CommandContext,
): Promise<Welcome> {
  const campaignId = welcomeIdOf(partner.partnerId);
  try {
    const campaign = await created(campaigns, partner, campaignId, budget, brandId, context);
    return { campaignId, campaign, missing: missingOf(campaign) };
  } catch (error) {
    // What the contract itself forbids stays forbidden, however often the event comes.
    if (error instanceof TurnpikeError && error.failure.code === 'failed_precondition')
      return { campaignId, missing: [], refusal: error.message };
    throw error;
  }
}

/** The campaign that a partner gets: its id, whatever the partner is called. */
export function welcomeIdOf(partnerId: string): string {
  return `welcome-${createHash('sha256').update(partnerId).digest('hex').slice(0, 24)}`;
}

async function created(
  campaigns: Campaigns,
  partner: PartnerView,
  campaignId: string,
  budget: Money,
  brandId: string,
  context: CommandContext,
): Promise<CampaignView> {
  const { dailyBudget } = partner.limits;
  const daily = dailyBudget && Math.min(dailyBudget.micros, budget.micros);
  const draft = {
    campaign_id: campaignId,
    brand_id: brandId,
    partner_id: partner.partnerId,
    name: `Welcome, ${partner.name}`.slice(0, 200),
    type: TYPES[partner.kind],
    objective: 'TRAFFIC',
    budget: {
      total: moneyJson(budget.micros, budget.currency),
      ...(dailyBudget?.currency === budget.currency &&
        daily !== undefined && { daily: moneyJson(daily, budget.currency) }),
    },
  };
  try {
    return await campaigns.create(draft, context);
  } catch (error) {
    if (!(error instanceof TurnpikeError) || error.failure.code !== 'already_exists') throw error;
    return campaigns.get(campaignId);
  }
}

function missingOf(campaign: CampaignView): FieldViolation[] {
  const needs = launchNeedsOf(campaign);
  const missing: FieldViolation[] = [];
  if (campaign.status !== 'DRAFT') return missing;
  if (needs.includes('landing_page_url') && campaign.landingPageUrl === undefined)
    missing.push({ field: 'landing_page_url', description: 'say where clicks lead' });
  if (needs.includes('cost') && campaign.cost === undefined)
    missing.push({ field: 'cost', description: 'say what is paid for, and its rate' });
  return missing;
}

/** Summaries: what of an actor is kept wherever it is listed or decided by; fed by the actors. */
import type { CampaignSummary } from './campaign.ts';
import type { PartnerSummary } from './partner.ts';

/** Whose it is, its id tells. */
export type Summary = CampaignSummary | PartnerSummary;

export function isCampaignSummary(summary: Summary): summary is CampaignSummary {
  return 'campaignId' in summary;
}

/** What is shown of a campaign, and said where there is none. */
import type { CampaignView } from '../../model/campaign.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { maskKey } from './identity.ts';
import { madeOnce } from './made-once.ts';

/** The campaign as it may be shown at any time: without its secrets. */
export const withoutSecrets = madeOnce(
  (view: CampaignView): CampaignView => ({ ...view, secretKeys: view.secretKeys.map(maskKey) }),
);

export function noPartner(partnerId: string): TurnpikeError {
  return new TurnpikeError({ code: 'not_found', message: `there is no partner ${partnerId}`, partnerId });
}

export function noPayout(payoutId: string): never {
  throw new TurnpikeError({ code: 'not_found', message: `there is no payout ${payoutId}`, payoutId });
}

export function noCampaign(campaignId: string): TurnpikeError {
  return new TurnpikeError({ code: 'not_found', message: `there is no campaign ${campaignId}` });
}

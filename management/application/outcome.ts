/** From actors' answers to results and failures. */
import type { CampaignView } from '../../model/campaign.ts';
import type { CommandAnswer } from '../../model/command.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { maskKey } from './identity.ts';

/** The view of a command that was carried out. @throws TurnpikeError why it was not */
export function viewOf(answer: CommandAnswer): CampaignView {
  if (!answer.ok) throw new TurnpikeError(answer.failure);
  // The gateway carries answers of every kind of actor; a campaign's answers with its view.
  return answer.view as CampaignView;
}

/** The campaign as it may be shown at any time: without its secrets. */
export function withoutSecrets(view: CampaignView): CampaignView {
  return { ...view, secretKeys: view.secretKeys.map(maskKey) };
}

export function noCampaign(campaignId: string): TurnpikeError {
  return new TurnpikeError({ code: 'not_found', message: `there is no campaign ${campaignId}` });
}

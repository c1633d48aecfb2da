/** What requests of all services have in common. */
import { CAMPAIGN_ID_PATTERN } from '../application/campaigns/campaign-draft.ts';
import { refuse } from '../application/violations.ts';

const CAMPAIGN_ID = new RegExp(CAMPAIGN_ID_PATTERN);

/**
 * The campaign that a request names.
 *
 * @param field where it does
 * @throws TurnpikeError `invalid_argument` if it names none
 */
export function named(campaignId: string, field = 'campaign_id'): string {
  if (!CAMPAIGN_ID.test(campaignId)) {
    refuse([{ field, description: `must match ${CAMPAIGN_ID_PATTERN}` }]);
  }
  return campaignId;
}

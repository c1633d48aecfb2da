/** What the partner that is to run a campaign lets be said of it before it is launched. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { CampaignDefinition } from '../../../model/campaign.ts';
import { TurnpikeError } from '../../../model/errors.ts';
import { refusedTerms, termsOf } from '../../../model/partner-terms.ts';
import { refuse } from '../violations.ts';

/**
 * Checks a campaign against its partner, if it has one.
 *
 * @throws TurnpikeError `invalid_argument` if there is no such partner; `failed_precondition` with everything that
 *   its permissions and limits forbid
 */
export async function checkPartner(
  gateway: Pick<ActorGateway, 'query'>,
  definition: CampaignDefinition,
): Promise<void> {
  const { partnerId } = definition;
  if (partnerId === undefined) return;
  const partner = await gateway.query(partnerId, { kind: 'partner' });
  if (!partner)
    refuse([{ field: 'partner_id', description: `names no partner: register ${partnerId} first` }]);
  const violations = refusedTerms(partner, termsOf(definition), false);
  if (violations.length === 0) return;
  const text = violations.map(({ field, description }) => `${field} ${description}`).join('; ');
  throw new TurnpikeError({
    code: 'failed_precondition',
    message: `partner ${partnerId} may not run this campaign: ${text}`,
    violations,
  });
}

/** The kinds of actor, each with what makes it. */
import type { FingerprintKey } from '../model/fingerprint.ts';
import { accountActors } from './account/actor.ts';
import type { ActorFactories } from './actor.ts';
import { campaignActors } from './campaign/actor.ts';
import { partnerActors } from './partner/actor.ts';
import { payoutActors } from './payout/actor.ts';

/** @param key the cluster's fingerprint key */
export function actorFactories(key: FingerprintKey): ActorFactories {
  return {
    campaign: campaignActors(key),
    partner: partnerActors(),
    account: accountActors(),
    payout: payoutActors(),
  };
}

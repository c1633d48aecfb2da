/** Lists: the directory knows the order, the actors the campaigns. */
import { limits } from '../../../limits.ts';
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { CampaignView } from '../../../model/campaign.ts';
import type { CampaignDirectory } from '../../../model/campaign-directory.ts';
import { withoutSecrets } from '../outcome.ts';
import { type CampaignFilter, matches, nextCampaigns, pageToken, placeOf } from '../page.ts';

export interface ListQuery {
  readonly filter: CampaignFilter;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface CampaignPage {
  readonly campaigns: readonly CampaignView[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** Campaigns asked for at the same time: enough to hide the waiting, few enough to leave room for others. */
const QUERIES_AT_ONCE = 50;

/**
 * A page of a list. The directory says which campaigns come next; each is then asked of its actor, so that it is
 * shown whole and as it is now. One that no longer fits the filter is left out, and the page is shorter.
 *
 * @throws TurnpikeError `invalid_argument` (the token), and what `ActorGateway.query` throws
 */
export async function listPage(
  gateway: ActorGateway,
  directory: CampaignDirectory,
  { filter, pageSize, pageToken: token }: ListQuery,
): Promise<CampaignPage> {
  const after = token === undefined ? undefined : placeOf(token, filter);
  const candidates = nextCampaigns(directory.values(), filter, after, pageSize + 1);
  const campaigns: CampaignView[] = [];
  let bytes = 0;
  let taken = 0;
  while (taken < Math.min(pageSize, candidates.length) && bytes < limits.pageBytes) {
    const batch = candidates.slice(taken, Math.min(taken + QUERIES_AT_ONCE, pageSize));
    const views = await Promise.all(
      batch.map(({ campaignId }) => gateway.query(campaignId, { kind: 'campaign' })),
    );
    for (const view of views) {
      if (view === undefined || !matches(view, filter)) continue;
      campaigns.push(withoutSecrets(view));
      bytes += JSON.stringify(view).length;
    }
    taken += batch.length;
  }
  const last = candidates[taken - 1];
  const more = last !== undefined && taken < candidates.length;
  return { campaigns, ...(more && { nextPageToken: pageToken(last, filter) }) };
}

/** Pages of a list: which campaigns come next, and the token that says where a page ended. */
import type { CampaignStatus, CampaignSummary, CampaignType } from '../../model/campaign.ts';
import { decodePageToken, encodePageToken } from './page-token.ts';

/** What a list is restricted to. */
export interface CampaignFilter {
  readonly brandId?: string;
  /** Run by this partner. */
  readonly partnerId?: string;
  readonly type?: CampaignType;
  readonly status?: CampaignStatus;
}

/** A place in the order of lists: newest first, then by id. */
export interface Place {
  readonly createdAt: number;
  readonly campaignId: string;
}

/** Negative if `a` is listed before `b`. */
function compare(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.campaignId === b.campaignId) return 0;
  return a.campaignId < b.campaignId ? -1 : 1;
}

/** Whether a campaign belongs in the list. */
export function matches(
  campaign: Pick<CampaignSummary, 'brandId' | 'partnerId' | 'type' | 'status'>,
  filter: CampaignFilter,
): boolean {
  return (
    (filter.brandId === undefined || filter.brandId === campaign.brandId) &&
    (filter.partnerId === undefined || filter.partnerId === campaign.partnerId) &&
    (filter.type === undefined || filter.type === campaign.type) &&
    (filter.status === undefined || filter.status === campaign.status)
  );
}

/**
 * The next `count` campaigns after a place. It looks at every campaign once, and sorts only as many as a
 * page holds, again and again: no index to keep, and a page of 50 out of 100,000 takes milliseconds.
 */
export function nextCampaigns(
  campaigns: Iterable<CampaignSummary>,
  filter: CampaignFilter,
  after: Place | undefined,
  count: number,
): CampaignSummary[] {
  let best: CampaignSummary[] = [];
  let worst: CampaignSummary | undefined;
  for (const campaign of campaigns) {
    if (!matches(campaign, filter)) continue;
    if (after && compare(campaign, after) <= 0) continue;
    if (worst && compare(campaign, worst) >= 0) continue;
    best.push(campaign);
    if (best.length < 2 * count) continue;
    best = best.sort(compare).slice(0, count);
    worst = best.at(-1);
  }
  return best.sort(compare).slice(0, count);
}

/** What the list is, for its tokens. */
function listOf(filter: CampaignFilter): readonly unknown[] {
  return [filter.brandId, filter.type, filter.status, filter.partnerId].map((part) => part ?? null);
}

/** The token of the page that begins after `place`; opaque to clients. */
export function pageToken({ createdAt, campaignId }: Place, filter: CampaignFilter): string {
  return encodePageToken(listOf(filter), [createdAt, campaignId]);
}

/** @throws TurnpikeError `invalid_argument` if it is not a token of a list with this filter */
export function placeOf(token: string, filter: CampaignFilter): Place {
  const [createdAt, campaignId] = decodePageToken(token, listOf(filter), [0, ''] as const);
  return { createdAt, campaignId };
}

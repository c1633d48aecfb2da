/** The contents of a partner: what their ids may be, and lists of them. */
import { limits } from '../../../limits.ts';
import type { ContentAssociation } from '../../../model/partner.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import { plainText } from '../text.ts';
import { Violations } from '../violations.ts';

export interface ContentListQuery {
  /** Only contents of this campaign. */
  readonly campaignId?: string;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface ContentPage {
  readonly contents: readonly ContentAssociation[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** @throws TurnpikeError `invalid_argument` for what no event could name */
export function checkContentId(contentId: string): void {
  const violations = new Violations();
  if (contentId.length === 0 || contentId.length > limits.idLength)
    violations.add('content_id', `must have 1 to ${limits.idLength} characters`);
  else plainText(contentId, 'content_id', violations);
  violations.refuse();
}

/**
 * A page of a partner's contents. They only grow in number, so a place among them stays what it is.
 *
 * @throws TurnpikeError `invalid_argument` (the token)
 */
export function contentPage(
  partnerId: string,
  contents: readonly ContentAssociation[],
  { campaignId, pageSize, pageToken }: ContentListQuery,
): ContentPage {
  const list = ['contents', partnerId, campaignId ?? null];
  const [from] = pageToken === undefined ? [0] : decodePageToken(pageToken, list, [0] as const);
  const own = contents.filter((content) => campaignId === undefined || content.campaignId === campaignId);
  const upTo = from + pageSize;
  return {
    contents: own.slice(from, upTo),
    ...(upTo < own.length && { nextPageToken: encodePageToken(list, [upTo]) }),
  };
}

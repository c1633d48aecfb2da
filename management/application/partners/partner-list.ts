/** Lists of partners: the directory knows the order, the actors the partners. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import type { PartnerKind, PartnerStatus, PartnerSummary, PartnerView } from '../../../model/partner.ts';
import type { PartnerDirectory } from '../../../model/partner-directory.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';

export interface PartnerListQuery {
  readonly filter: { readonly kind?: PartnerKind; readonly status?: PartnerStatus };
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface PartnerPage {
  readonly partners: readonly PartnerView[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** Partners asked for at the same time. */
const QUERIES_AT_ONCE = 50;

type Place = Pick<PartnerSummary, 'createdAt' | 'partnerId'>;

/**
 * A page of partners, the newest first, each as it is now. One that no longer fits the filter is left out, and the
 * page is shorter.
 *
 * @throws TurnpikeError `invalid_argument` (the token), and what `ActorGateway.query` throws
 */
export async function partnerPage(
  gateway: Pick<ActorGateway, 'query'>,
  directory: PartnerDirectory,
  { filter, pageSize, pageToken }: PartnerListQuery,
): Promise<PartnerPage> {
  const list = ['partners', filter.kind ?? null, filter.status ?? null];
  const after = pageToken === undefined ? undefined : placeOf(pageToken, list);
  const fits = ({ kind, status }: Pick<PartnerView, 'kind' | 'status'>): boolean =>
    (filter.kind ?? kind) === kind && (filter.status ?? status) === status;
  const following = [...directory.values()]
    .filter((partner) => fits(partner) && (after === undefined || compare(partner, after) > 0))
    .sort(compare);
  const page = following.slice(0, pageSize);
  const partners: PartnerView[] = [];
  for (let from = 0; from < page.length; from += QUERIES_AT_ONCE) {
    const some = page.slice(from, from + QUERIES_AT_ONCE);
    const views = await Promise.all(
      some.map(({ partnerId }) => gateway.query(partnerId, { kind: 'partner' })),
    );
    partners.push(...views.filter((view) => view !== undefined).filter(fits));
  }
  const last = page.at(-1);
  const isLast = page.length === following.length;
  return {
    partners,
    ...(last && !isLast && { nextPageToken: encodePageToken(list, [last.createdAt, last.partnerId]) }),
  };
}

/** @throws TurnpikeError `invalid_argument` */
function placeOf(token: string, list: readonly unknown[]): Place {
  const [createdAt, partnerId] = decodePageToken(token, list, [0, ''] as const);
  return { createdAt, partnerId };
}

/** Negative if `a` is listed before `b`. */
function compare(a: Place, b: Place): number {
  if (a.createdAt !== b.createdAt) return b.createdAt - a.createdAt;
  if (a.partnerId === b.partnerId) return 0;
  return a.partnerId < b.partnerId ? -1 : 1;
}

/** Lists of commissions: the warehouse knows what was earned, the accounts what has become of it. */
import type { ActorGateway } from '../../../model/actor-gateway.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import { refuse, type Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import {
  COMMISSION_STATUSES,
  type Commission,
  type CommissionReaders,
  type CommissionStatus,
  commissionsOf,
} from './commission.ts';
import {
  type CommissionFilter,
  type CommissionPlace,
  type CommissionRow,
  commissionsQuery,
} from './commission-query.ts';

export interface CommissionListQuery {
  /** Names a partner, a campaign, or both. */
  readonly filter: CommissionFilter & { readonly status?: CommissionStatus };
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface CommissionPage {
  /** The newest first. */
  readonly commissions: readonly Commission[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** Commissions looked at for one page: where few have the status that is asked for, the page is short. */
const LOOKED_AT = 5_000;

/**
 * A page of commissions. The first page includes every conversion that was answered before the call.
 *
 * @throws TurnpikeError `invalid_argument`, `unavailable`, `deadline_exceeded`
 */
export async function commissionPage(
  readers: CommissionReaders & { readonly gateway: Pick<ActorGateway, 'settled'> },
  { filter, pageSize, pageToken }: CommissionListQuery,
): Promise<CommissionPage> {
  const { status, ...rest } = filter;
  if (rest.partnerId === undefined && rest.campaignId === undefined)
    refuse([{ field: 'partner_id', description: 'is required, unless campaign_id is given' }]);
  const list = [
    'commissions',
    rest.partnerId ?? null,
    rest.campaignId ?? null,
    rest.from ?? null,
    rest.to ?? null,
    status ?? null,
  ];
  let after = pageToken === undefined ? undefined : placeOf(pageToken, list);
  // What lies behind a place is there already. What was reversed may have been by anybody's partition.
  if (after === undefined) await readers.gateway.settled();
  const found: Commission[] = [];
  for (let lookedAt = 0; lookedAt < LOOKED_AT; lookedAt += pageSize) {
    const { text, parameters } = commissionsQuery(rest, after, pageSize + 1);
    const rows = await readers.warehouse.query<CommissionRow>(text, parameters);
    const page = rows.slice(0, pageSize);
    const commissions = await commissionsOf(readers, page);
    for (const [index, commission] of commissions.entries()) {
      after = placeOfRow(page[index] as CommissionRow);
      if ((status ?? commission.status) !== commission.status) continue;
      found.push(commission);
      if (found.length < pageSize) continue;
      const isLast = index === page.length - 1 && rows.length <= pageSize;
      return { commissions: found, ...(!isLast && { nextPageToken: tokenOf(after, list) }) };
    }
    if (rows.length <= pageSize) return { commissions: found };
  }
  return { commissions: found, ...(after && { nextPageToken: tokenOf(after, list) }) };
}

/** What was written to restrict a list; empty text and none restrict nothing. Times are milliseconds. */
export interface WrittenCommissionFilter {
  readonly partnerId?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly status?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The filter that was written; violations name the fields at fault. */
export function commissionFilterOf(
  { partnerId, campaignId, status: word, from, to }: WrittenCommissionFilter,
  violations: Violations,
): CommissionListQuery['filter'] {
  const status = word ? wordOf(COMMISSION_STATUSES, word, 'status', violations) : undefined;
  if (from !== undefined && to !== undefined && from >= to) violations.add('from', 'must be earlier than to');
  return {
    ...(partnerId && { partnerId }),
    ...(campaignId && { campaignId }),
    ...(status && { status }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

function placeOfRow({ recorded_ms, partition, sequence, row, touch }: CommissionRow): CommissionPlace {
  return { recordedAt: Number(recorded_ms), partition, sequence: Number(sequence), row, touch };
}

function tokenOf(
  { recordedAt, partition, sequence, row, touch }: CommissionPlace,
  list: readonly unknown[],
): string {
  return encodePageToken(list, [recordedAt, partition, sequence, row, touch]);
}

/** @throws TurnpikeError `invalid_argument` */
function placeOf(token: string, list: readonly unknown[]): CommissionPlace {
  const [recordedAt, partition, sequence, row, touch] = decodePageToken(token, list, [
    0, 0, 0, 0, 0,
  ] as const);
  return { recordedAt, partition, sequence, row, touch };
}

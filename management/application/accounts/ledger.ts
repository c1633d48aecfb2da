/** What was posted to the books of a partner, from the warehouse. */
import { LEDGER_CAUSES, type LedgerAccount, type LedgerCause } from '../../../model/account.ts';
import { isCurrency } from '../../../model/money.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import type { Amount } from '../amount.ts';
import { decodePageToken, encodePageToken } from '../page-token.ts';
import type { Violations } from '../violations.ts';
import { wordOf } from '../words.ts';
import { type LedgerFilter, type PostingPlace, type PostingRow, postingsQuery } from './ledger-query.ts';

/** A posting: an amount that was moved from one account to another. */
export interface LedgerEntry {
  /** Partition, sequence and number of the posting: unique in the cluster. */
  readonly id: string;
  /** Record time, milliseconds since the epoch. */
  readonly at: number;
  readonly cause: LedgerCause;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  readonly amount: Amount;
  readonly campaignId?: string;
  /** Of the commissions that it is about, milliseconds since the epoch. */
  readonly releaseAt?: number;
  readonly payoutId?: string;
  /** Of the conversion whose commission was reversed. */
  readonly decisionId?: string;
  /** The block of another actor's partition whose message gave rise to it: up to which sequence. */
  readonly source?: { readonly partition: number; readonly sequence: string };
}

export interface LedgerQuery {
  readonly filter: LedgerFilter;
  /** 1 to `limits.pageSize`. */
  readonly pageSize: number;
  readonly pageToken?: string;
}

export interface LedgerPage {
  /** The newest first. */
  readonly entries: readonly LedgerEntry[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** What was written to restrict a list of entries; empty text and none restrict nothing. */
export interface WrittenLedgerFilter {
  readonly currency?: string | undefined;
  readonly cause?: string | undefined;
  readonly campaignId?: string | undefined;
  readonly payoutId?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The filter that was written; violations name the fields at fault. */
export function ledgerFilterOf(written: WrittenLedgerFilter, violations: Violations): LedgerFilter {
  const { campaignId, payoutId, from, to } = written;
  const currency = written.currency?.toUpperCase();
  if (currency && !isCurrency(currency))
    violations.add('currency', 'must be an ISO 4217 code in use, such as USD');
  const cause = written.cause ? wordOf(LEDGER_CAUSES, written.cause, 'cause', violations) : undefined;
  if (from !== undefined && to !== undefined && from >= to) violations.add('from', 'must be earlier than to');
  return {
    ...(currency && { currency }),
    ...(cause && { cause }),
    ...(campaignId && { campaignId }),
    ...(payoutId && { payoutId }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
  };
}

/**
 * A page of what was posted to the books of a partner.
 *
 * @param settled waits until the warehouse has everything that was answered before the call
 * @throws TurnpikeError `invalid_argument` (the token), `unavailable`, `deadline_exceeded`
 */
export async function ledgerPage(
  warehouse: Pick<Warehouse, 'query'>,
  settled: () => Promise<void>,
  partnerId: string,
  { filter, pageSize, pageToken }: LedgerQuery,
): Promise<LedgerPage> {
  const list = ['ledger', partnerId, filter];
  const after = pageToken === undefined ? undefined : placeOf(pageToken, list);
  // What lies behind a place is there already.
  if (after === undefined) await settled();
  const { text, parameters } = postingsQuery(partnerId, filter, after, pageSize + 1);
  const rows = await warehouse.query<PostingRow>(text, parameters);
  const page = rows.slice(0, pageSize);
  const last = page.at(-1);
  return {
    entries: page.map(entryOf),
    ...(last &&
      page.length < rows.length && {
        nextPageToken: encodePageToken(list, [Number(last.sequence), last.posting]),
      }),
  };
}

export function entryOf(row: PostingRow): LedgerEntry {
  const { campaign_id: campaignId, payout_id: payoutId, decision_id: decisionId, currency } = row;
  return {
    id: `${row.partition.toString(36)}-${Number(row.sequence).toString(36)}-${row.posting.toString(36)}`,
    at: Number(row.recorded_ms),
    // What the warehouse holds was written by actors.
    cause: row.cause as LedgerCause,
    from: row.from_account as LedgerAccount,
    to: row.to_account as LedgerAccount,
    amount: { micros: BigInt(row.amount_micros), currency },
    ...(campaignId !== '' && { campaignId }),
    ...(row.release_ms !== '0' && { releaseAt: Number(row.release_ms) }),
    ...(payoutId !== '' && { payoutId }),
    ...(decisionId !== '' && { decisionId }),
    ...(row.source_sequence !== '0' && {
      source: { partition: row.source_partition, sequence: row.source_sequence },
    }),
  };
}

/** @throws TurnpikeError `invalid_argument` */
function placeOf(token: string, list: readonly unknown[]): PostingPlace {
  const [sequence, posting] = decodePageToken(token, list, [0, 0] as const);
  return { sequence, posting };
}

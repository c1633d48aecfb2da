/** The query of the warehouse for what was posted to the books of partners. */
import type { LedgerCause } from '../../../model/account.ts';
import type { QueryParameter } from '../../../storage/warehouse/port.ts';
import type { WarehouseQuery } from '../tracking/tracking-query.ts';

/** A posting: both of its legs. 64-bit integers arrive as decimal strings; absent texts are empty. */
export interface PostingRow {
  readonly partition: number;
  readonly sequence: string;
  readonly posting: number;
  /** Milliseconds since the epoch. */
  readonly recorded_ms: string;
  readonly currency: string;
  readonly cause: string;
  readonly from_account: string;
  readonly to_account: string;
  readonly amount_micros: string;
  readonly campaign_id: string;
  /** 0: it is about no release. */
  readonly release_ms: string;
  readonly payout_id: string;
  readonly decision_id: string;
  readonly source_partition: number;
  /** 0: no message gave rise to it. */
  readonly source_sequence: string;
}

export interface LedgerFilter {
  readonly currency?: string;
  readonly cause?: LedgerCause;
  readonly campaignId?: string;
  readonly payoutId?: string;
  /** Milliseconds since the epoch; `to` is not included. */
  readonly from?: number;
  readonly to?: number;
}

/** A place among the postings of a partner, all of which lie in one partition. */
export interface PostingPlace {
  readonly sequence: number;
  readonly posting: number;
}

/** Postings with both of their legs; to be grouped by partition, sequence and posting. */
export const SELECT_POSTINGS = `
  SELECT partition, sequence, posting,
    toUnixTimestamp64Milli(any(record_time)) AS recorded_ms,
    any(currency) AS currency, any(cause) AS cause,
    anyIf(account, leg = 0) AS from_account, anyIf(account, leg = 1) AS to_account,
    sumIf(amount_micros, leg = 1) AS amount_micros,
    any(campaign_id) AS campaign_id, toUnixTimestamp64Milli(any(release_at)) AS release_ms,
    any(payout_id) AS payout_id, any(decision_id) AS decision_id,
    any(source_partition) AS source_partition, any(source_sequence) AS source_sequence`;

/**
 * Postings of a partner, the newest first.
 *
 * @param after the place that the page begins after
 */
export function postingsQuery(
  partnerId: string,
  { currency, cause, campaignId, payoutId, from, to }: LedgerFilter,
  after: PostingPlace | undefined,
  count: number,
): WarehouseQuery {
  const conditions = ['entries.partner_id = {partner:String}'];
  const parameters: Record<string, QueryParameter> = { partner: partnerId, count };
  const add = (condition: string, values: Readonly<Record<string, QueryParameter>>): void => {
    conditions.push(condition);
    Object.assign(parameters, values);
  };
  if (currency !== undefined) add('entries.currency = {currency:String}', { currency });
  if (cause !== undefined) add('entries.cause = {cause:String}', { cause });
  if (campaignId !== undefined) add('entries.campaign_id = {campaign:String}', { campaign: campaignId });
  if (payoutId !== undefined) add('entries.payout_id = {payout:String}', { payout: payoutId });
  if (from !== undefined) add(`record_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')`, { from });
  if (to !== undefined) add(`record_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`, { to });
  if (after !== undefined) add('(sequence, posting) < ({sequence:UInt64}, {posting:UInt64})', { ...after });
  return {
    text: `${SELECT_POSTINGS}
  FROM ledger_entries AS entries
  WHERE ${conditions.join('\n    AND ')}
  GROUP BY partition, sequence, posting
  ORDER BY sequence DESC, posting DESC
  LIMIT {count:UInt32}`,
    parameters,
  };
}

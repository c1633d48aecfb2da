/** The queries of the warehouse about the steps of a commission. */
import { OTHER_CAMPAIGNS } from '../../../model/account.ts';
import { SELECT_POSTINGS } from '../accounts/ledger-query.ts';
import type { WarehouseQuery } from '../tracking/tracking-query.ts';

/** The conversion that a commission is earned by. */
export interface ConversionRow {
  readonly event_id: string;
  readonly transaction_id: string;
  readonly recorded_ms: string;
  readonly occurred_ms: string;
}

/** Whose commission, of which campaign and release. */
export interface CommissionLot {
  readonly partnerId: string;
  readonly campaignId: string;
  /** Milliseconds since the epoch. */
  readonly releaseAt: number;
}

export function conversionQuery(
  campaignId: string,
  recordedAt: number,
  {
    partition,
    sequence,
    row,
  }: { readonly partition: number; readonly sequence: number; readonly row: number },
): WarehouseQuery {
  return {
    text: `
  SELECT event_id, transaction_id, toUnixTimestamp64Milli(record_time) AS recorded_ms,
    toUnixTimestamp64Milli(occurred_at) AS occurred_ms
  FROM decided_events
  WHERE campaign_id = {campaign:String} AND record_time = fromUnixTimestamp64Milli({at:Int64}, 'UTC')
    AND partition = {partition:UInt16} AND sequence = {sequence:UInt64} AND \`row\` = {row:UInt32}
  LIMIT 1`,
    parameters: { campaign: campaignId, at: recordedAt, partition, sequence, row },
  };
}

const LOT = `entries.partner_id = {partner:String}
    AND entries.campaign_id IN ({campaign:String}, {others:String})`;

/** The posting by which a commission was assigned: that of the first block which includes its conversion. */
export function assignedQuery(
  lot: CommissionLot,
  { partition, sequence }: { readonly partition: number; readonly sequence: number },
): WarehouseQuery {
  return {
    text: `${SELECT_POSTINGS}
  FROM ledger_entries AS entries
  WHERE ${LOT} AND entries.cause = 'assigned'
    AND entries.release_at = fromUnixTimestamp64Milli({release:Int64}, 'UTC')
    AND entries.source_partition = {from:UInt16} AND entries.source_sequence >= {sequence:UInt64}
  GROUP BY partition, sequence, posting
  ORDER BY sequence, posting
  LIMIT 1`,
    parameters: { ...parametersOf(lot), from: partition, sequence },
  };
}

/**
 * What was posted of a commission's lot since it was assigned: its approval, and what was set aside of it for
 * payouts. Lots that were put together have the latest of their releases.
 *
 * @param since sequence of the record that assigned it
 */
export function lotPostingsQuery(
  lot: CommissionLot,
  cause: 'approved' | 'reserved',
  since: number,
  count: number,
): WarehouseQuery {
  return {
    text: `${SELECT_POSTINGS}
  FROM ledger_entries AS entries
  WHERE ${LOT} AND entries.cause = {cause:String}
    AND entries.release_at >= fromUnixTimestamp64Milli({release:Int64}, 'UTC')
    AND entries.sequence >= {since:UInt64}
  GROUP BY partition, sequence, posting
  ORDER BY release_ms, sequence, posting
  LIMIT {count:UInt32}`,
    parameters: { ...parametersOf(lot), cause, since, count },
  };
}

/** What was posted about a conversion that was refunded, or a payout. */
export function relatedPostingsQuery(
  partnerId: string,
  about: { readonly decisionId: string } | { readonly payoutId: string },
  count: number,
): WarehouseQuery {
  const [column, id] =
    'decisionId' in about ? ['decision_id', about.decisionId] : ['payout_id', about.payoutId];
  return {
    text: `${SELECT_POSTINGS}
  FROM ledger_entries AS entries
  WHERE entries.partner_id = {partner:String} AND entries.${column} = {id:String}
  GROUP BY partition, sequence, posting
  ORDER BY sequence, posting
  LIMIT {count:UInt32}`,
    parameters: { partner: partnerId, id, count },
  };
}

function parametersOf({ partnerId, campaignId, releaseAt }: CommissionLot) {
  return { partner: partnerId, campaign: campaignId, others: OTHER_CAMPAIGNS, release: releaseAt };
}

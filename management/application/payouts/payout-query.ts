/** The query of the warehouse for payouts: when they were asked for, and what has become of them. */
import type { PayoutStatus } from '../../../model/payout.ts';
import type { QueryParameter } from '../../../storage/warehouse/port.ts';
import type { WarehouseQuery } from '../tracking/tracking-query.ts';

export interface PayoutRow {
  readonly payout_id: string;
  /** Milliseconds since the epoch; 64-bit integers arrive as decimal strings. */
  readonly created_ms: string;
}

export interface PayoutFilter {
  readonly partnerId?: string;
  readonly status?: PayoutStatus;
}

/** A place in the list: the newest first, then by id. */
export interface PayoutPlace {
  readonly createdAt: number;
  readonly payoutId: string;
}

/**
 * Payouts, the newest first, from their domain events. A payout lies in one partition, so its latest event is that
 * of the greatest sequence.
 *
 * @param after the place that the page begins after
 */
export function payoutsQuery(
  { partnerId, status }: PayoutFilter,
  after: PayoutPlace | undefined,
  count: number,
): WarehouseQuery {
  const parameters: Record<string, QueryParameter> = { count };
  const rows = [`campaign_id = ''`, `payout_id != ''`, `startsWith(type, 'payout.')`];
  const groups: string[] = [];
  if (partnerId !== undefined) {
    rows.push('partner_id = {partner:String}');
    parameters.partner = partnerId;
  }
  if (status !== undefined) {
    groups.push(`argMax(type, (sequence, id)) = {type:String}`);
    parameters.type = `payout.${status.toLowerCase()}`;
  }
  if (after !== undefined) {
    groups.push('(created_ms, payout_id) < ({created:Int64}, {payout:String})');
    Object.assign(parameters, { created: after.createdAt, payout: after.payoutId });
  }
  return {
    text: `
  SELECT payout_id, toUnixTimestamp64Milli(min(record_time)) AS created_ms
  FROM domain_events
  WHERE ${rows.join('\n    AND ')}
  GROUP BY payout_id${groups.length === 0 ? '' : `\n  HAVING ${groups.join('\n    AND ')}`}
  ORDER BY created_ms DESC, payout_id DESC
  LIMIT {count:UInt32}`,
    parameters,
  };
}

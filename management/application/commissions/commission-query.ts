/** The queries of the warehouse about commissions of conversions, and what became of them. */
import type { QueryParameter } from '../../../storage/warehouse/port.ts';
import type { WarehouseQuery } from '../tracking/tracking-query.ts';

/** What a partner has earned by a conversion. 64-bit integers arrive as decimal strings; absent texts are empty. */
export interface CommissionRow {
  readonly campaign_id: string;
  readonly partition: number;
  readonly sequence: string;
  readonly row: number;
  /** Which of the conversion's touches it is earned for. */
  readonly touch: number;
  /** Milliseconds since the epoch. */
  readonly recorded_ms: string;
  readonly occurred_ms: string;
  readonly release_ms: string;
  readonly partner_id: string;
  readonly content_id: string;
  readonly share_ppm: number;
  readonly revenue_micros: string;
  readonly commission_micros: string;
}

/** That a partner's commissions of a conversion were reversed. */
export interface ReversalRow {
  readonly partner_id: string;
  readonly decision_id: string;
  readonly recorded_ms: string;
}

export interface CommissionFilter {
  readonly partnerId?: string;
  readonly campaignId?: string;
  /** By when they were earned, milliseconds since the epoch; `to` is not included. */
  readonly from?: number;
  readonly to?: number;
}

/** A place in the list. */
export interface CommissionPlace {
  readonly recordedAt: number;
  readonly partition: number;
  readonly sequence: number;
  readonly row: number;
  readonly touch: number;
}

const SELECT = `
  SELECT campaign_id, partition, sequence, \`row\`, touch,
    toUnixTimestamp64Milli(record_time) AS recorded_ms, toUnixTimestamp64Milli(occurred_at) AS occurred_ms,
    toUnixTimestamp64Milli(release_at) AS release_ms,
    partner_id, content_id, share_ppm, revenue_micros, commission_micros
  FROM credits`;

/**
 * Commissions of conversions, the newest first.
 *
 * @param after the place that the page begins after
 */
export function commissionsQuery(
  { partnerId, campaignId, from, to }: CommissionFilter,
  after: CommissionPlace | undefined,
  count: number,
): WarehouseQuery {
  const conditions = ['commission_micros > 0'];
  const parameters: Record<string, QueryParameter> = { count };
  const add = (condition: string, values: Readonly<Record<string, QueryParameter>>): void => {
    conditions.push(condition);
    Object.assign(parameters, values);
  };
  if (campaignId !== undefined) add('campaign_id = {campaign:String}', { campaign: campaignId });
  if (partnerId !== undefined) add('partner_id = {partner:String}', { partner: partnerId });
  if (from !== undefined) add(`record_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')`, { from });
  if (to !== undefined) add(`record_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`, { to });
  if (after !== undefined) {
    add(`record_time <= fromUnixTimestamp64Milli({at:Int64}, 'UTC')`, { at: after.recordedAt });
    add(
      '(recorded_ms, partition, sequence, `row`, touch) < ' +
        '({at:Int64}, {partition:UInt64}, {sequence:UInt64}, {row:UInt64}, {touch:UInt64})',
      { partition: after.partition, sequence: after.sequence, row: after.row, touch: after.touch },
    );
  }
  return {
    text: `${SELECT}
  WHERE ${conditions.join('\n    AND ')}
  ORDER BY recorded_ms DESC, partition DESC, sequence DESC, \`row\` DESC, touch DESC
  LIMIT {count:UInt32}`,
    parameters,
  };
}

/** The commission of one touch of a conversion. */
export function commissionQuery(place: Omit<CommissionPlace, 'recordedAt'>): WarehouseQuery {
  const { partition, sequence, row, touch } = place;
  return {
    text: `${SELECT}
  WHERE partition = {partition:UInt16} AND sequence = {sequence:UInt64}
    AND \`row\` = {row:UInt32} AND touch = {touch:UInt8}
    AND commission_micros > 0
  LIMIT 1`,
    parameters: { partition, sequence, row, touch },
  };
}

/**
 * Which of some partners' commissions of some conversions were reversed.
 *
 * @param partners at least one, as `decisions`
 */
export function reversalsQuery(partners: readonly string[], decisions: readonly string[]): WarehouseQuery {
  return {
    text: `
  SELECT partner_id, decision_id, toUnixTimestamp64Milli(min(record_time)) AS recorded_ms
  FROM ledger_entries
  WHERE partner_id IN {partners:Array(String)} AND cause = 'reversed' AND decision_id IN {decisions:Array(String)}
  GROUP BY partner_id, decision_id`,
    parameters: { partners, decisions },
  };
}

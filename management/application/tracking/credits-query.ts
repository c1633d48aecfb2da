/** The queries of the warehouse about the touches that conversions are credited to. */
import type { QueryParameter } from '../../../storage/warehouse/port.ts';
import type { EventRow, WarehouseQuery } from './tracking-query.ts';

/** A credit of one conversion. 64-bit integers arrive as decimal strings; absent texts are empty. */
export interface CreditRow {
  readonly sequence: string;
  readonly row: number;
  readonly partner_id: string;
  readonly content_id: string;
  readonly kind: string;
  /** Milliseconds since the epoch. */
  readonly touched_ms: string;
  readonly model: string;
  readonly share_ppm: number;
  readonly revenue_micros: string;
  readonly commission_micros: string;
}

/** What a partner is credited with. */
export interface PartnerCreditsRow {
  readonly partner_id: string;
  readonly share_ppm: string;
  readonly clicks: string;
  readonly views: string;
  readonly direct: string;
  readonly revenue_micros: string;
  readonly commission_micros: string;
}

/** Names a conversion among those of its campaign, which lie in one partition. */
export function conversionOf({ sequence, row }: { readonly sequence: string; readonly row: number }): string {
  return `${sequence}/${row}`;
}

/**
 * The credits of conversions of one campaign, in the order of their touches.
 *
 * @param conversions at least one
 */
export function creditsQuery(campaignId: string, conversions: readonly EventRow[]): WarehouseQuery {
  const times = conversions.map(({ recorded_ms }) => Number(recorded_ms));
  return {
    text: `
  SELECT toString(sequence) AS sequence, \`row\`, partner_id, content_id, kind,
    toUnixTimestamp64Milli(touched_at) AS touched_ms,
    model, share_ppm, revenue_micros, commission_micros
  FROM credits
  WHERE campaign_id = {campaign:String}
    AND record_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
    AND record_time <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
    AND concat(toString(credits.sequence), '/', toString(\`row\`)) IN {conversions:Array(String)}
  ORDER BY credits.sequence, \`row\`, touch`,
    parameters: {
      campaign: campaignId,
      from: Math.min(...times),
      to: Math.max(...times),
      conversions: conversions.map(conversionOf),
    },
  };
}

/** Of which conversions, by when they were recorded: milliseconds since the epoch, `to` not included. */
export interface CreditsFilter {
  readonly from?: number;
  readonly to?: number;
}

/**
 * What the partners of a campaign are credited with, in the order of their ids.
 *
 * @param after the partner that the page begins after; without: from the first
 */
export function partnerCreditsQuery(
  campaignId: string,
  { from, to }: CreditsFilter,
  after: string | undefined,
  count: number,
): WarehouseQuery {
  const conditions = ['campaign_id = {campaign:String}'];
  const parameters: Record<string, QueryParameter> = { campaign: campaignId, count };
  const add = (condition: string, values: Readonly<Record<string, QueryParameter>>): void => {
    conditions.push(condition);
    Object.assign(parameters, values);
  };
  if (from !== undefined) add(`record_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')`, { from });
  if (to !== undefined) add(`record_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`, { to });
  if (after !== undefined) add('partner_id > {after:String}', { after });
  return {
    text: `
  SELECT partner_id,
    sum(toUInt64(share_ppm)) AS share_ppm,
    countIf(kind = 'click') AS clicks,
    countIf(kind = 'view') AS views,
    countIf(kind = 'direct') AS direct,
    sum(toInt128(revenue_micros)) AS revenue_micros,
    sum(toInt128(commission_micros)) AS commission_micros
  FROM credits
  WHERE ${conditions.join('\n    AND ')}
  GROUP BY partner_id
  ORDER BY partner_id
  LIMIT {count:UInt32}`,
    parameters,
  };
}

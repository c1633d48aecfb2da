/** The one query of the warehouse that management asks: a campaign's aggregates, in equal stretches of time. */
import { emptyTotals, type Totals } from '../../../model/campaign.ts';

/** Counts are summed in the warehouse; 64-bit integers arrive as decimal strings. */
export interface AggregateRow {
  /** Seconds since the epoch. */
  readonly starts_at: string | number;
  readonly received: string;
  readonly accepted: string;
  readonly duplicates: string;
  readonly rejected: string;
  readonly pending: string;
  readonly impressions: string;
  readonly clicks: string;
  readonly unique_clicks: string;
  readonly conversions: string;
  readonly revenue_micros: string;
  readonly spend_micros: string;
  readonly commission_micros: string;
}

/**
 * Parameters: `campaign`; `from` and `to` (not included), seconds since the epoch, compared with the minutes
 * in which events were recorded; `step`, seconds. `FINAL` picks the latest version of each aggregate. Amounts are
 * summed in 128 bits: sums of many large ones outgrow 64.
 */
export const FIGURES_QUERY = `
  SELECT
    intDiv(toUnixTimestamp(record_minute), {step:UInt32}) * {step:UInt32} AS starts_at,
    sum(received) AS received,
    sum(accepted) AS accepted,
    sum(duplicates) AS duplicates,
    sum(rejected) AS rejected,
    sum(pending) AS pending,
    sum(impressions) AS impressions,
    sum(clicks) AS clicks,
    sum(unique_clicks) AS unique_clicks,
    sum(conversions) AS conversions,
    sum(toInt128(revenue_micros)) AS revenue_micros,
    sum(toInt128(spend_micros)) AS spend_micros,
    sum(toInt128(commission_micros)) AS commission_micros
  FROM aggregates FINAL
  WHERE campaign_id = {campaign:String}
    AND record_minute >= toDateTime({from:UInt32})
    AND record_minute < toDateTime({to:UInt32})
  GROUP BY starts_at
  ORDER BY starts_at`;

/** The sum of rows. */
export function totalsOf(rows: readonly AggregateRow[]): Totals {
  const totals = emptyTotals();
  for (const row of rows) {
    totals.received += Number(row.received);
    totals.accepted += Number(row.accepted);
    totals.duplicates += Number(row.duplicates);
    totals.rejected += Number(row.rejected);
    totals.pending += Number(row.pending);
    totals.impressions += Number(row.impressions);
    totals.clicks += Number(row.clicks);
    totals.uniqueClicks += Number(row.unique_clicks);
    totals.conversions += Number(row.conversions);
    totals.revenueMicros += BigInt(row.revenue_micros);
    totals.spendMicros += BigInt(row.spend_micros);
    totals.commissionMicros += BigInt(row.commission_micros);
  }
  return totals;
}

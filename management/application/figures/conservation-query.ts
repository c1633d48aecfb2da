/** The query of the warehouse that the conservation report asks besides that of the figures. */

/** How many decided events of a stretch of time have a reason. */
export interface ReasonRow {
  /** Seconds since the epoch. */
  readonly starts_at: string | number;
  readonly reason: number;
  readonly events: string | number;
}

/**
 * Parameters: `campaign`; `from` and `to` (not included), whole minutes in seconds since the epoch, so that
 * the rows are those of the aggregates' minutes; `step`, seconds; `unknown`, the reason of events that came
 * before the campaign was created: they have rows, and belong to no campaign.
 */
export const REASONS_QUERY = `
  SELECT
    intDiv(toUnixTimestamp(record_time), {step:UInt32}) * {step:UInt32} AS starts_at,
    reason,
    count() AS events
  FROM decided_events
  WHERE campaign_id = {campaign:String}
    AND record_time >= toDateTime64({from:UInt32}, 3, 'UTC')
    AND record_time < toDateTime64({to:UInt32}, 3, 'UTC')
    AND reason != {unknown:UInt16}
  GROUP BY starts_at, reason
  ORDER BY starts_at, reason`;

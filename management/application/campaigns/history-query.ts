/** The query of the warehouse about what has happened to a campaign. */

export interface HistoryRow {
  readonly id: string;
  readonly type: string;
  /** Record time, milliseconds since the epoch; 64-bit integers arrive as decimal strings. */
  readonly recorded_ms: string;
  readonly sequence: string;
  /** Which of the events that the record gave rise to. */
  readonly index: number;
  /** JSON. */
  readonly data: string;
}

/** A place behind that of every event: sequence and index. */
export const LATEST: readonly [sequence: number, index: number] = [Number.MAX_SAFE_INTEGER, 0];

/**
 * The domain events of a campaign, the newest first.
 *
 * Parameters: `campaign`; `sequence` and `index`, the place that the page begins after; `count`. A campaign
 * lies in one partition, whose sequences grow with its record time, and an event's id ends with its index.
 */
export const HISTORY_QUERY = `
  SELECT
    id,
    type,
    toUnixTimestamp64Milli(record_time) AS recorded_ms,
    sequence,
    toUInt32(splitByChar('-', id)[-1]) AS index,
    data
  FROM domain_events
  WHERE campaign_id = {campaign:String}
    AND sequence <= {sequence:UInt64}
    AND (sequence, index) < ({sequence:UInt64}, {index:UInt64})
  ORDER BY sequence DESC, index DESC
  LIMIT {count:UInt32}`;

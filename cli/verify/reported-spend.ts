/** Spend that was reported: in the aggregates, but in no decided event. What was told of it accounts for it. */
import { limits } from '../../limits.ts';
import type { DomainEventType } from '../../model/domain-event.ts';
import { parseMicros } from '../../model/money.ts';
import { rowOfAmounts } from './aggregate-rows.ts';
import type { Row } from './row-reader.ts';
import type { Sources } from './sources.ts';

const MINUTE = 60;
const RECORDED: DomainEventType = 'budget.spend_recorded';

interface RecordedSpend {
  readonly campaign_id: string;
  /** Seconds since the epoch. */
  readonly minute: string | number;
  readonly amount: string;
}

const RECORDED_QUERY = `
  SELECT campaign_id, intDiv(toUnixTimestamp(record_time), ${MINUTE}) * ${MINUTE} AS minute,
    JSONExtractString(data, 'amount', 'amount') AS amount
  FROM domain_events
  WHERE partition = {partition:UInt16} AND type = '${RECORDED}'
    AND record_time >= toDateTime64({from:UInt32}, 3, 'UTC') AND record_time < toDateTime64({to:UInt32}, 3, 'UTC')`;

/** The aggregates that the reports of the minutes from `from` to `to` (not included), in seconds, alone would make. */
export async function readReportedSpend(
  { warehouse }: Pick<Sources, 'warehouse'>,
  partition: number,
  from: number,
  to: number,
): Promise<Row[]> {
  const spends = await warehouse.query<RecordedSpend>(RECORDED_QUERY, { partition, from, to });
  return spends.map(({ campaign_id: campaignId, minute, amount }) =>
    rowOfAmounts(campaignId, '', Number(minute), Number(minute), {
      spend_micros: String(parseMicros(amount, limits.amountMicros) ?? 0),
    }),
  );
}

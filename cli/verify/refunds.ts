/** Conversions that were refunded: out of the aggregates, but in their decided events. What was told of it accounts for it. */
import { limits } from '../../limits.ts';
import type { DomainEventType } from '../../model/domain-event.ts';
import { parseMicros } from '../../model/money.ts';
import { rowOfAmounts } from './aggregate-rows.ts';
import type { Row } from './row-reader.ts';
import type { Sources } from './sources.ts';

const MINUTE = 60;
const REFUNDED: DomainEventType = 'conversion.refunded';

interface RefundRow {
  readonly campaign_id: string;
  /** Seconds since the epoch. */
  readonly minute: string | number;
  readonly partner_id: string;
  readonly occurred_at: string;
  readonly revenue: string;
  readonly spend: string;
  readonly commission: string;
}

const amount = (name: string): string => `JSONExtractString(data, '${name}', 'amount') AS ${name}`;

const REFUNDS_QUERY = `
  SELECT campaign_id, intDiv(toUnixTimestamp(record_time), ${MINUTE}) * ${MINUTE} AS minute,
    JSONExtractString(data, 'partner_id') AS partner_id,
    JSONExtractString(data, 'occurred_at') AS occurred_at,
    ${amount('revenue')}, ${amount('spend')}, ${amount('commission')}
  FROM domain_events
  WHERE partition = {partition:UInt16} AND type = '${REFUNDED}'
    AND record_time >= toDateTime64({from:UInt32}, 3, 'UTC') AND record_time < toDateTime64({to:UInt32}, 3, 'UTC')`;

/** The aggregates that the refunds of the minutes from `from` to `to` (not included), in seconds, alone would make. */
export async function readRefunds(
  { warehouse }: Pick<Sources, 'warehouse'>,
  partition: number,
  from: number,
  to: number,
): Promise<Row[]> {
  const refunds = await warehouse.query<RefundRow>(REFUNDS_QUERY, { partition, from, to });
  return refunds.map((refund) =>
    rowOfAmounts(
      refund.campaign_id,
      refund.partner_id,
      Number(refund.minute),
      Date.parse(refund.occurred_at) / 1_000,
      {
        revenue_micros: takenBack(refund.revenue),
        spend_micros: takenBack(refund.spend),
        commission_micros: takenBack(refund.commission),
      },
    ),
  );
}

function takenBack(text: string): string {
  return String(-(parseMicros(text, limits.amountMicros) ?? 0));
}

/** Reads the embedded warehouse of a server that has ended: what is really there, not what it says of itself. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatMicros } from '../../model/money.ts';
import { cleanEnvironment } from './environment.ts';
import { PROJECT_ROOT } from './project.ts';

const run = promisify(execFile);

/**
 * Runs a query over the data folder of a server that is not running. It happens in a process of its own:
 * the engine may be opened once per process.
 */
export async function queryWarehouse<Row>(
  dataDirectory: string,
  text: string,
  parameters: Readonly<Record<string, string | number>>,
): Promise<Row[]> {
  const script = join(PROJECT_ROOT, 'test/support/query-warehouse.mjs');
  const { stdout } = await run(
    process.execPath,
    [script, join(dataDirectory, 'warehouse'), text, JSON.stringify(parameters)],
    { env: cleanEnvironment(), maxBuffer: 256 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as Row[];
}

export interface WarehouseTotals {
  readonly received: number;
  readonly accepted: number;
  readonly clicks: number;
  readonly spend: string;
  readonly revenue: string;
  /** Rows of accepted events. */
  readonly acceptedRows: number;
  /** Different event ids among them. */
  readonly distinctEventIds: number;
}

/** A campaign's sums in both tables. Amounts are of a currency with two decimals. */
export async function warehouseTotals(dataDirectory: string, campaignId: string): Promise<WarehouseTotals> {
  const parameters = { campaign: campaignId };
  const [sums] = await queryWarehouse<Record<string, string>>(
    dataDirectory,
    `SELECT toString(sum(received)) received, toString(sum(accepted)) accepted, toString(sum(clicks)) clicks,
       toString(sum(spend_micros)) spend, toString(sum(revenue_micros)) revenue
     FROM aggregates FINAL WHERE campaign_id = {campaign:String}`,
    parameters,
  );
  const [rows] = await queryWarehouse<Record<string, string>>(
    dataDirectory,
    `SELECT toString(count()) rows, toString(uniqExact(event_id)) ids, toString(sum(spend_micros)) spend
     FROM decided_events WHERE campaign_id = {campaign:String} AND reason < 200`,
    parameters,
  );
  if (!sums || !rows) throw new Error('sums without a row');
  if (sums.spend !== rows.spend)
    throw new Error(`aggregates say ${sums.spend} was spent, rows ${rows.spend}`);
  return {
    received: Number(sums.received),
    accepted: Number(sums.accepted),
    clicks: Number(sums.clicks),
    spend: formatMicros(BigInt(sums.spend as string), 'USD'),
    revenue: formatMicros(BigInt(sums.revenue as string), 'USD'),
    acceptedRows: Number(rows.rows),
    distinctEventIds: Number(rows.ids),
  };
}

export interface DecidedEvent {
  readonly type: number;
  readonly reason: number;
  readonly event_id: string;
  readonly partner_id: string;
  readonly click_id: string;
  readonly transaction_id: string;
}

/** The decided events of a campaign. */
export function decidedEvents(dataDirectory: string, campaignId: string): Promise<DecidedEvent[]> {
  return queryWarehouse<DecidedEvent>(
    dataDirectory,
    `SELECT type, reason, event_id, partner_id, click_id, transaction_id
     FROM decided_events WHERE campaign_id = {campaign:String} ORDER BY partition, sequence, row`,
    { campaign: campaignId },
  );
}

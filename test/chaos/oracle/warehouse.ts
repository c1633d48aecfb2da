/** Reads the tables of the warehouse from its server, past everything of the product. */
import { request } from 'undici';
import type { Figures } from '../load/management-clients.ts';
import type { DecidedRow, HappenedRow } from './evidence.ts';

const TIMEOUT_MS = 120_000;

/** Rows as arrays of strings and numbers, in the order of the columns asked for. */
export async function select(port: number, query: string): Promise<(string | number)[][]> {
  const answer = await request(`http://127.0.0.1:${port}/?output_format_json_quote_64bit_integers=1`, {
    method: 'POST',
    body: `${query} FORMAT JSONCompactEachRow`,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`the warehouse answered ${answer.statusCode}: ${text}`);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as (string | number)[]);
}

/** All decided events of the campaigns of a run. */
export async function decidedRows(port: number, partitions: number): Promise<DecidedRow[]> {
  const rows: DecidedRow[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const found = await select(
      port,
      `SELECT partition, sequence, row, campaign_id, event_id, type, reason, value_micros, spend_micros,
         click_id, toUnixTimestamp64Milli(record_time)
       FROM decided_events WHERE partition = ${partition}`,
    );
    for (const row of found) rows.push(rowOf(row));
  }
  return rows;
}

function rowOf(columns: readonly (string | number)[]): DecidedRow {
  const [partition, sequence, row, campaignId, eventId, type, reason, value, spend, clickId, time] = columns;
  return {
    partition: Number(partition),
    sequence: String(sequence),
    row: Number(row),
    campaignId: String(campaignId),
    eventId: String(eventId),
    type: Number(type),
    reason: Number(reason),
    valueMicros: BigInt(value ?? 0),
    spendMicros: BigInt(spend ?? 0),
    clickId: String(clickId),
    recordTime: Number(time),
  };
}

/** What has happened to campaigns, in its order for each. */
export async function happenedRows(port: number): Promise<HappenedRow[]> {
  const rows = await select(
    port,
    'SELECT campaign_id, sequence, id, type FROM domain_events ORDER BY campaign_id, sequence, id',
  );
  return rows.map(([campaignId, sequence, id, type]) => ({
    campaignId: String(campaignId),
    sequence: BigInt(sequence ?? 0),
    id: String(id),
    type: String(type),
  }));
}

/** Sums of the aggregates by campaign. */
export async function aggregateSums(port: number): Promise<Map<string, Figures>> {
  const rows = await select(
    port,
    `SELECT campaign_id, sum(received), sum(accepted), sum(duplicates), sum(rejected), sum(pending),
       sum(impressions), sum(clicks), sum(conversions), sum(revenue_micros), sum(spend_micros)
     FROM aggregates FINAL GROUP BY campaign_id`,
  );
  return new Map(rows.map(([campaignId, ...sums]) => [String(campaignId), figuresOf(sums)]));
}

function figuresOf(sums: readonly (string | number)[]): Figures {
  const [received, accepted, duplicates, rejected, pending, impressions, clicks, conversions] = sums.map(
    Number,
  ) as [number, number, number, number, number, number, number, number];
  return {
    received,
    accepted,
    duplicates,
    rejected,
    pending,
    impressions,
    clicks,
    conversions,
    revenueMicros: BigInt(sums[8] ?? 0),
    spendMicros: BigInt(sums[9] ?? 0),
  };
}

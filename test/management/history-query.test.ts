import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  HISTORY_QUERY,
  type HistoryRow,
  LATEST,
} from '../../management/application/campaigns/history-query.ts';
import { domainEventId } from '../../model/domain-event.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { encodeRows } from '../support/warehouse-rows.ts';

/** A campaign whose id looks like that of an event. */
const CAMPAIGN = 'summer-9-1';
const NOON = Date.parse('2026-11-22T12:00:00.250Z');

const event = (sequence: number, index: number, campaign_id = CAMPAIGN) => ({
  campaign_id,
  partition: 3,
  sequence,
  id: domainEventId('campaign', campaign_id, sequence, index),
  type: 'campaign.paused',
  record_time: NOON + sequence,
  data: `{"at":"${sequence}.${index}"}`,
});

let folder: TemporaryFolder;
let warehouse: Warehouse;
beforeAll(async () => {
  folder = temporaryFolder('history');
  warehouse = openWarehouse({ chdbDirectory: folder.path });
  await warehouse.migrate();
  const blocks = {
    first: [event(7, 0), event(7, 1), event(90, 0, 'summer')],
    second: [...Array.from({ length: 12 }, (_, index) => event(100, index)), event(1_000, 0)],
  };
  for (const [token, rows] of Object.entries(blocks)) {
    const data = encodeRows('domain_events', rows);
    await warehouse.insert({ table: 'domain_events', rows: rows.length, data, token });
  }
});
afterAll(async () => {
  await warehouse?.close();
  folder?.[Symbol.dispose]();
});

const ask = (campaign: string, [sequence, index]: readonly [number, number], count: number) =>
  warehouse.query<HistoryRow>(HISTORY_QUERY, { campaign, sequence, index, count });
const EXPECTED = ['1000.0', ...Array.from({ length: 12 }, (_, at) => `100.${11 - at}`), '7.1', '7.0'];

test('gives what happened to the campaign, the newest first', async () => {
  const rows = await ask(CAMPAIGN, LATEST, 100);
  expect(rows.map(({ data }) => JSON.parse(data).at)).toEqual(EXPECTED);
  expect(rows[0]).toEqual({
    id: 'summer-9-1-rs-0',
    type: 'campaign.paused',
    recorded_ms: String(NOON + 1_000),
    sequence: '1000',
    index: 0,
    data: '{"at":"1000.0"}',
  });
});

test.each([1, 4, 15])('gives each event once in pages of %i', async (size) => {
  const seen: string[] = [];
  let after = LATEST;
  for (;;) {
    const page = await ask(CAMPAIGN, after, size);
    const last = page.at(-1);
    if (last === undefined) break;
    seen.push(...page.map(({ data }) => JSON.parse(data).at as string));
    after = [Number(last.sequence), last.index];
  }
  expect(seen).toEqual(EXPECTED);
});

test('gives nothing of a campaign that nothing happened to', async () => {
  expect(await ask("nobody' OR 1=1 --", LATEST, 10)).toEqual([]);
});

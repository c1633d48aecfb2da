import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWaiting } from '../../management/delivery/waiting-query.ts';
import { behind, type Place } from '../../management/delivery/webhook.ts';
import { cloudEventOf, domainEventId } from '../../model/domain-event.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { encodeRows } from '../support/warehouse-rows.ts';

const NOON = Date.parse('2026-11-22T12:00:00.250Z');

const event = (partition: number, sequence: number, index: number) => ({
  campaign_id: `c${partition}-1`,
  partition,
  sequence,
  id: domainEventId('campaign', `c${partition}-1`, sequence, index),
  type: 'campaign.paused',
  record_time: NOON + sequence,
  data: `{"at":"${sequence}.${index}","money":{"amount":"1.50"}}`,
});

let folder: TemporaryFolder;
let warehouse: Warehouse;
beforeAll(async () => {
  folder = temporaryFolder('waiting');
  warehouse = openWarehouse({ chdbDirectory: folder.path });
  await warehouse.migrate();
  const rows = [
    ...Array.from({ length: 12 }, (_, index) => event(0, 100, index)),
    ...[event(0, 7, 0), event(0, 1_000, 0), event(1, 50, 0), event(1, 60, 0), event(2, 55, 0)],
  ];
  const data = encodeRows('domain_events', rows);
  await warehouse.insert({ table: 'domain_events', rows: rows.length, data, token: 'one' });
});
afterAll(async () => {
  await warehouse?.close();
  folder?.[Symbol.dispose]();
});

const read = async (after: Readonly<Record<number, Place>>, count = 100): Promise<string[]> => {
  const places = new Map(Object.entries(after).map(([partition, place]) => [Number(partition), place]));
  const events = await readWaiting(warehouse, places, count);
  return events.map(({ partition, place }) => `${partition}:${place.join('.')}`);
};

test('gives what lies behind the place of each partition, in its order, and nothing of others', async () => {
  expect(await read({ 0: [100, 9], 1: behind(50) })).toEqual(['1:60.0', '0:100.10', '0:100.11', '0:1000.0']);
  expect(await read({ 1: [0, 0] })).toEqual(['1:50.0', '1:60.0']);
});

test('names whom an event happened to', async () => {
  const names = [
    { campaign_id: '', partner_id: 'ana' },
    { campaign_id: '', partner_id: 'ana', payout_id: 'po_1' },
  ];
  const rows = names.map((name, index) => ({ ...event(7, 5, index), ...name }));
  const data = encodeRows('domain_events', rows);
  await warehouse.insert({ table: 'domain_events', rows: rows.length, data, token: 'two' });
  const events = await readWaiting(warehouse, new Map([[7, behind(0)]]), 100);
  expect(events.map(({ subject }) => subject)).toEqual(['ana', 'po_1']);
});

test('leaves no gap where there is more than is asked for', async () => {
  expect(await read({ 0: behind(0), 1: behind(0), 2: behind(0) }, 5)).toEqual([
    '0:7.0',
    '1:50.0',
    '2:55.0',
    '1:60.0',
    '0:100.0',
  ]);
});

test('gives events as they are published', async () => {
  const [first] = await readWaiting(warehouse, new Map([[2, behind(1)]]), 1);
  const published = cloudEventOf({
    id: 'c2-1-1j-0',
    type: 'campaign.paused',
    actorId: 'c2-1',
    time: NOON + 55,
    data: { at: '55.0', money: { amount: '1.50' } },
  });
  expect(first).toMatchObject({ id: 'c2-1-1j-0', subject: 'c2-1', time: NOON + 55 });
  expect(first?.body).toBe(JSON.stringify(published));
});

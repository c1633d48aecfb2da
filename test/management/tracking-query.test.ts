import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CreditRow,
  creditsQuery,
  type PartnerCreditsRow,
  partnerCreditsQuery,
} from '../../management/application/tracking/credits-query.ts';
import {
  type EventPlace,
  type EventRow,
  type EventsFilter,
  eventQuery,
  eventsQuery,
  findQuery,
  type WarehouseQuery,
} from '../../management/application/tracking/tracking-query.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { encodeRows, type RowValues } from '../support/warehouse-rows.ts';

const START = Date.parse('2026-11-30T23:59:59.900Z');

/** A row of the campaign `summer`, recorded `ms` after the start. */
const event = (event_id: string, ms: number, sequence: number, row: number, values: RowValues = {}) => ({
  campaign_id: 'summer',
  event_id,
  partition: 3,
  sequence,
  row,
  record_time: START + ms,
  occurred_at: START + ms - 5,
  type: 1,
  reason: 100,
  ...values,
});

// Two blocks, in two months: two parts, which are read together. Some share their record time.
const NOVEMBER = [
  event('a', 0, 7, 0, { partner_id: 'ann' }),
  event('b', 0, 7, 1, { type: 2, reason: 210, click_id: 'c1', flags: 129 }),
  event('c', 0, 7, 2, { type: 3, reason: 400, value_micros: 12_500_000, currency: 'USD' }),
  event('d', 0, 8, 0, { reason: 302, ip: '203.0.113.0', user_agent: 'curl', flags: 1 }),
];
const DECEMBER = [
  event('e', 100, 9, 0, { partner_id: 'ann', type: 3, spend_micros: 250_000 }),
  event('a', 100, 9, 1, { reason: 200 }),
  event('f', 250, 10, 0),
  { ...event('a', 100, 9, 2), campaign_id: 'winter' },
];

/** A credit of a conversion: the order in which they are inserted is not that of the touches. */
const credit = (ms: number, sequence: number, touch: number, values: RowValues) => ({
  campaign_id: 'summer',
  partition: 3,
  sequence,
  row: 0,
  touch,
  record_time: START + ms,
  touched_at: START - 1_000 + touch,
  kind: 'click',
  model: 'LINEAR',
  share_ppm: 500_000,
  revenue_micros: 9_000_000_000_000_000,
  commission_micros: 3,
  ...values,
});
const CREDITS = [
  credit(100, 9, 1, { partner_id: 'ben', commission_micros: 4 }),
  credit(100, 9, 0, { partner_id: 'ann', content_id: 'post' }),
  credit(250, 10, 0, { partner_id: 'ann', kind: 'view', share_ppm: 1_000_000 }),
  credit(250, 11, 0, { kind: 'direct', share_ppm: 1_000_000, revenue_micros: 0 }),
  { ...credit(100, 9, 0, { partner_id: 'zoe' }), campaign_id: 'winter' },
];

let folder: TemporaryFolder;
let warehouse: Warehouse;
beforeAll(async () => {
  folder = temporaryFolder('tracking');
  warehouse = openWarehouse({ chdbDirectory: folder.path });
  await warehouse.migrate();
  for (const [token, rows] of Object.entries({ NOVEMBER, DECEMBER })) {
    const data = encodeRows('decided_events', rows);
    await warehouse.insert({ table: 'decided_events', rows: rows.length, data, token });
  }
  const data = encodeRows('credits', CREDITS);
  await warehouse.insert({ table: 'credits', rows: CREDITS.length, data, token: 'CREDITS' });
});
afterAll(async () => {
  await warehouse?.close();
  folder?.[Symbol.dispose]();
});

const ask = ({ text, parameters }: WarehouseQuery): Promise<EventRow[]> =>
  warehouse.query<EventRow>(text, parameters);
const ids = (rows: readonly EventRow[]): string[] => rows.map(({ event_id }) => event_id);
const list = async (filter: EventsFilter, after?: EventPlace, count = 100): Promise<string[]> =>
  ids(await ask(eventsQuery('summer', filter, after, count)));
const placeOf = (row: EventRow): EventPlace => ({
  recordedAt: Number(row.recorded_ms),
  partition: row.partition,
  sequence: Number(row.sequence),
  row: row.row,
});

describe('the query of events', () => {
  test('gives those of the campaign, the newest first', async () => {
    expect(await list({})).toEqual(['f', 'a', 'e', 'd', 'c', 'b', 'a']);
  });

  test.each([1, 2, 3])('gives each event once in pages of %i', async (size) => {
    const seen: string[] = [];
    let after: EventPlace | undefined;
    for (;;) {
      const page = await ask(eventsQuery('summer', {}, after, size));
      const last = page.at(-1);
      if (last === undefined) break;
      seen.push(...ids(page));
      after = placeOf(last);
    }
    expect(seen).toEqual(['f', 'a', 'e', 'd', 'c', 'b', 'a']);
  });

  test.each<[string, EventsFilter, string[]]>([
    ['type', { type: 'conversion' }, ['e', 'c']],
    ['accepted', { status: 'accepted' }, ['f', 'e', 'a']],
    ['duplicate', { status: 'duplicate' }, ['a', 'b']],
    ['rejected', { status: 'rejected' }, ['d']],
    ['pending', { status: 'pending' }, ['c']],
    ['reason', { reason: 210 }, ['b']],
    ['flag', { flag: 'bot' }, ['d', 'b']],
    ['flag of the campaign', { flag: 'flood' }, ['b']],
    ['partner', { partnerId: 'ann' }, ['e', 'a']],
    ['from', { from: START + 100 }, ['f', 'a', 'e']],
    ['to', { to: START + 100 }, ['d', 'c', 'b', 'a']],
    ['range', { from: START + 1, to: START + 250 }, ['a', 'e']],
    ['all of it', { type: 'conversion', status: 'accepted', partnerId: 'ann', from: START }, ['e']],
    ['what contradicts itself', { status: 'pending', reason: 100 }, []],
    ['hostile text', { partnerId: "' OR 1 = 1 --" }, []],
  ])('restricts them by %s', async (_what, filter, expected) => {
    expect(await list(filter)).toEqual(expected);
  });

  test('takes a place that no event has, however far off', async () => {
    const most = Number.MAX_SAFE_INTEGER;
    const far = { recordedAt: START + 100, partition: most, sequence: most, row: most };
    expect(await list({}, far)).toEqual(['a', 'e', 'd', 'c', 'b', 'a']);
    expect(await list({}, { recordedAt: 0, partition: 0, sequence: 0, row: 0 })).toEqual([]);
  });

  test('gives rows whole', async () => {
    const [row] = await ask(eventsQuery('summer', { reason: 400 }, undefined, 1));
    expect(row).toMatchObject({
      campaign_id: 'summer',
      event_id: 'c',
      partition: 3,
      sequence: '7',
      row: 2,
      recorded_ms: String(START),
      occurred_ms: String(START - 5),
      type: 3,
      reason: 400,
      value_micros: '12500000',
      currency: 'USD',
      partner_id: '',
    });
  });
});

describe('the query of an event', () => {
  test('gives all that was decided on it, in order, within its campaign', async () => {
    const rows = await ask(eventQuery('summer', 'a', 10));
    expect(rows.map(({ sequence, row, reason }) => [sequence, row, reason])).toEqual([
      ['7', 0, 100],
      ['9', 1, 200],
    ]);
    expect(await ask(eventQuery('winter', 'a', 10))).toHaveLength(1);
    expect(await ask(eventQuery('winter', 'b', 10))).toEqual([]);
  });
});

describe('the query of an event of an unknown campaign', () => {
  test('gives what was decided first on one of its type', async () => {
    const [row, ...more] = await ask(findQuery('a', 'impression'));
    expect(row).toMatchObject({ campaign_id: 'summer', sequence: '7', row: 0 });
    expect(more).toEqual([]);
    expect(await ask(findQuery('a', 'conversion'))).toEqual([]);
  });
});

describe('the query of credits', () => {
  const places = (...sequences: number[]): EventRow[] =>
    sequences.map((sequence) => {
      const recorded_ms = String(START + (sequence === 9 ? 100 : 250));
      return { recorded_ms, sequence: String(sequence), row: 0 } as EventRow;
    });
  const credits = ({ text, parameters }: WarehouseQuery): Promise<CreditRow[]> =>
    warehouse.query<CreditRow>(text, parameters);

  test('gives those of the conversions that are asked for, in the order of their touches', async () => {
    const found = await credits(creditsQuery('summer', places(9, 10)));
    expect(found.map((row) => [row.sequence, row.partner_id, row.share_ppm])).toEqual([
      ['9', 'ann', 500_000],
      ['9', 'ben', 500_000],
      ['10', 'ann', 1_000_000],
    ]);
    expect(found[0]).toEqual({
      sequence: '9',
      row: 0,
      partner_id: 'ann',
      content_id: 'post',
      kind: 'click',
      touched_ms: String(START - 1_000),
      model: 'LINEAR',
      share_ppm: 500_000,
      revenue_micros: '9000000000000000',
      commission_micros: '3',
    });
  });

  test('sums them by partner, in the stretch of time that is asked for', async () => {
    const partners = async (...options: Parameters<typeof partnerCreditsQuery>) => {
      const { text, parameters } = partnerCreditsQuery(...options);
      return warehouse.query<PartnerCreditsRow>(text, parameters);
    };
    const all = await partners('summer', {}, undefined, 10);
    expect(all.map((row) => [row.partner_id, row.share_ppm, row.clicks, row.views, row.direct])).toEqual([
      ['', '1000000', '0', '0', '1'],
      ['ann', '1500000', '1', '1', '0'],
      ['ben', '500000', '1', '0', '0'],
    ]);
    expect(all[1]).toMatchObject({ revenue_micros: '18000000000000000', commission_micros: '6' });
    expect((await partners('summer', {}, '', 1)).map((row) => row.partner_id)).toEqual(['ann']);
    const some = await partners('summer', { from: START + 100, to: START + 250 }, undefined, 10);
    expect(some.map((row) => [row.partner_id, row.share_ppm])).toEqual([
      ['ann', '500000'],
      ['ben', '500000'],
    ]);
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { REASONS_QUERY, type ReasonRow } from '../../management/application/figures/conservation-query.ts';
import { REASONS } from '../../model/decision.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { encodeRows } from '../support/warehouse-rows.ts';

const seconds = (text: string): number => Date.parse(text) / 1_000;

let folder: TemporaryFolder;
let warehouse: Warehouse;
beforeAll(async () => {
  folder = temporaryFolder('conservation');
  warehouse = openWarehouse({ chdbDirectory: folder.path });
  await warehouse.migrate();
  const rows = [
    ['summer', '2026-11-22T10:59:59.999Z', 100],
    ['summer', '2026-11-22T11:00:00.000Z', 100],
    ['summer', '2026-11-22T11:00:30.000Z', 100],
    ['summer', '2026-11-22T11:59:59.999Z', 302],
    ['summer', '2026-11-22T11:00:00.000Z', REASONS.unknown_campaign],
    ['summer', '2026-11-22T12:00:00.000Z', 400],
    ['winter', '2026-11-22T11:00:00.000Z', 100],
  ] as const;
  await warehouse.insert({
    table: 'decided_events',
    rows: rows.length,
    data: encodeRows(
      'decided_events',
      rows.map(([campaign, time, reason]) => ({
        campaign_id: campaign,
        record_time: Date.parse(time),
        reason,
      })),
    ),
    token: 'reasons',
  });
});
afterAll(async () => {
  await warehouse?.close();
  folder?.[Symbol.dispose]();
});

const ask = async (from: number, to: number, step: number): Promise<number[][]> => {
  const parameters = { campaign: 'summer', from, to, step, unknown: REASONS.unknown_campaign };
  const rows = await warehouse.query<ReasonRow>(REASONS_QUERY, parameters);
  return rows.map(({ starts_at, reason, events }) => [Number(starts_at), reason, Number(events)]);
};

test('counts the rows of a campaign by reason, in stretches of record time', async () => {
  const [ten, eleven, twelve] = ['10', '11', '12'].map((hour) => seconds(`2026-11-22T${hour}:00:00Z`));
  expect(await ask(0, 0xffff_ffff, 3_600)).toEqual([
    [ten, 100, 1],
    [eleven, 100, 2],
    [eleven, 302, 1],
    [twelve, 400, 1],
  ]);
});

test('takes the rows from the first moment of a range to the one before its end', async () => {
  const range = ['2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z'].map(seconds) as [number, number];
  expect(await ask(...range, 0xffff_ffff)).toEqual([
    [0, 100, 2],
    [0, 302, 1],
  ]);
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { REASONS_QUERY, type ReasonRow } from '../../management/application/figures/conservation-query.ts';
import { REASONS } from '../../model/decision.ts';
import { RowBinaryWriter } from '../../model/row-binary.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type ColumnType, DECIDED_EVENTS } from '../../storage/warehouse/schema.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';

/** Writes what stands for nothing in a column of this type. */
function writeEmpty(writer: RowBinaryWriter, type: ColumnType): void {
  switch (type) {
    case 'UInt8':
      writer.uint8(0);
      break;
    case 'UInt16':
      writer.uint16(0);
      break;
    case 'UInt32':
    case 'DateTime':
      writer.uint32(0);
      break;
    case 'UInt64':
    case 'Int64':
    case 'DateTime64(3)':
      writer.uint64(0);
      break;
    case 'String':
    case 'LowCardinality(String)':
      writer.string('');
      break;
  }
}

function encode(rows: readonly (readonly [campaign: string, time: string, reason: number])[]): Uint8Array {
  const writer = new RowBinaryWriter();
  for (const [campaign, time, reason] of rows)
    for (const { name, type } of DECIDED_EVENTS) {
      if (name === 'campaign_id') writer.string(campaign);
      else if (name === 'record_time') writer.dateTime64(Date.parse(time));
      else if (name === 'reason') writer.uint16(reason);
      else writeEmpty(writer, type);
    }
  return writer.take();
}

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
    data: encode(rows),
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

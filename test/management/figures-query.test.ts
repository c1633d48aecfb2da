import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AggregateRow,
  FIGURES_QUERY,
  totalsOf,
} from '../../management/application/figures/figures-query.ts';
import { openWarehouse } from '../../storage/warehouse/clickhouse.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { encodeRows } from '../support/warehouse-rows.ts';

/** What a row of `aggregates` says here; the other counts are 0. */
interface Row {
  readonly campaign: string;
  readonly partner?: string;
  readonly minute: string;
  readonly received: bigint;
  readonly spend?: bigint;
  readonly version: bigint;
}

const seconds = (text: string): number => Date.parse(text) / 1_000;

function encode(rows: readonly Row[]): Uint8Array {
  return encodeRows(
    'aggregates',
    rows.map(({ campaign, partner = '', minute, received, spend = 0n, version }) => ({
      campaign_id: campaign,
      partner_id: partner,
      record_minute: Date.parse(minute),
      received,
      spend_micros: spend,
      version,
    })),
  );
}

describe('the query of figures', () => {
  let folder: TemporaryFolder;
  let warehouse: Warehouse;
  const insert = (token: string, rows: readonly Row[]): Promise<void> =>
    warehouse.insert({ table: 'aggregates', rows: rows.length, data: encode(rows), token });
  const ask = (from: string, to: string, step: number) =>
    warehouse.query<AggregateRow>(FIGURES_QUERY, {
      campaign: 'summer',
      from: seconds(from),
      to: seconds(to),
      step,
    });

  beforeAll(async () => {
    folder = temporaryFolder('figures');
    warehouse = openWarehouse({ chdbDirectory: folder.path });
    await warehouse.migrate();
    await insert('1', [
      { campaign: 'summer', minute: '2026-11-22T10:59:00Z', received: 1n, version: 1n },
      { campaign: 'summer', minute: '2026-11-22T11:00:00Z', received: 10n, spend: 2n ** 62n, version: 2n },
      { campaign: 'summer', partner: 'ann', minute: '2026-11-22T11:00:00Z', received: 100n, version: 2n },
      { campaign: 'winter', minute: '2026-11-22T11:00:00Z', received: 1_000n, version: 2n },
    ]);
    await insert('2', [
      { campaign: 'summer', partner: 'ann', minute: '2026-11-22T11:00:00Z', received: 200n, version: 3n },
      {
        campaign: 'summer',
        minute: '2026-11-23T00:00:00Z',
        received: 5n,
        spend: 2n ** 63n - 1n,
        version: 4n,
      },
    ]);
  });
  afterAll(async () => {
    await warehouse?.close();
    folder?.[Symbol.dispose]();
  });

  test.each([
    [60, ['2026-11-22T10:59:00Z', '2026-11-22T11:00:00Z', '2026-11-23T00:00:00Z'], [1, 210, 5]],
    [3_600, ['2026-11-22T10:00:00Z', '2026-11-22T11:00:00Z', '2026-11-23T00:00:00Z'], [1, 210, 5]],
    [86_400, ['2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z'], [211, 5]],
    [0xffff_ffff, ['1970-01-01T00:00:00Z'], [216]],
  ])('sums the latest values of a campaign in stretches of %i seconds', async (step, starts, received) => {
    const rows = await ask('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', step);
    expect(rows.map((row) => Number(row.starts_at))).toEqual(starts.map(seconds));
    expect(rows.map((row) => Number(row.received))).toEqual(received);
  });

  test('includes the minutes that begin in the range', async () => {
    const received = async (from: string, to: string) => totalsOf(await ask(from, to, 60)).received;
    expect(await received('2026-11-22T10:59:00Z', '2026-11-22T11:00:00Z')).toBe(1);
    expect(await received('2026-11-22T10:59:01Z', '2026-11-22T11:00:01Z')).toBe(210);
    expect(await received('2026-11-22T11:01:00Z', '2026-11-23T00:00:00Z')).toBe(0);
  });

  test('keeps amounts exact beyond what 64 bits hold', async () => {
    const rows = await ask('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', 0xffff_ffff);
    expect(totalsOf(rows).spendMicros).toBe(2n ** 62n + 2n ** 63n - 1n);
  });

  test('gives nothing for a campaign that nothing happened to', async () => {
    const rows = await warehouse.query<AggregateRow>(FIGURES_QUERY, {
      campaign: "nobody' OR 1=1",
      from: 0,
      to: 0xffff_ffff,
      step: 60,
    });
    expect(rows).toEqual([]);
  });
});

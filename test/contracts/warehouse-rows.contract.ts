/** What every warehouse must do with rows: they come back as they were written. A part of `warehouse.contract.ts`. */
import { describe, expect, test } from 'vitest';
import type { Column } from '../../model/columns/column.ts';
import { NativeBlock } from '../../model/columns/native-block.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { COLUMNS } from '../../storage/warehouse/schema.ts';
import { block, NOON } from './support/warehouse-rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TEXTS = [
  'plain',
  'ñandú, 漢字, \u{1f3af}',
  `quotes ' " \` and \\ backslash`,
  'tab\tline\nreturn\rnul\0 end',
  '; \n\n DROP TABLE aggregates; --',
  'x'.repeat(127),
  'y'.repeat(128),
  'é'.repeat(20_000),
];

/** @param given the warehouse, and a campaign of the test's own */
export function describeWarehouseRows(
  given: () => { readonly warehouse: Warehouse; readonly campaign: string },
): void {
  describe('a row', () => {
    test('of decided events comes back as it was written, in every column', async () => {
      const { warehouse, campaign } = given();
      const row: Record<string, string | number> = { campaign_id: campaign };
      for (const [i, column] of COLUMNS.decided_events.entries()) {
        if (column.name === 'campaign_id') continue;
        const values: Record<typeof column.type, string | number> = {
          UInt8: 200 + (i % 50),
          UInt16: 65_000 + i,
          UInt32: 4_294_967_000 + i,
          UInt64: '18446744073709551615',
          Int64: `-900719925474099${i}`,
          DateTime: NOON,
          'DateTime64(3)': NOON + i,
          String: `${TEXTS[i % TEXTS.length]} ${i}`,
          'LowCardinality(String)': `${TEXTS[i % TEXTS.length]} ${i}`,
        };
        row[column.name] = values[column.type];
      }
      await warehouse.insert(block('decided_events', `${campaign}/1`, [row]));
      const [found] = await warehouse.query<Record<string, string | number>>(
        'SELECT * FROM decided_events WHERE campaign_id = {campaign:String}',
        { campaign },
      );
      for (const { name, type } of COLUMNS.decided_events) {
        const written = row[name] as string | number;
        const expected =
          type === 'DateTime64(3)'
            ? new Date(written).toISOString().replace('T', ' ').replace('Z', '')
            : written;
        expect(found?.[name], name).toBe(expected);
      }
    });

    test('of aggregates comes back as it was written, with times in seconds', async () => {
      const { warehouse, campaign } = given();
      const row = {
        campaign_id: campaign,
        partner_id: 'a partner',
        record_minute: NOON + MINUTE,
        event_hour: NOON - HOUR,
        received: 9_007_199_254_740_991,
        revenue_micros: -9_007_199_254_740_991,
        spend_micros: -9_223_372_036_854_775_808n,
        version: 1,
      };
      await warehouse.insert(block('aggregates', `${campaign}/1`, [row]));
      const found = await warehouse.query(
        'SELECT * FROM aggregates FINAL WHERE campaign_id = {campaign:String}',
        { campaign },
      );
      expect(found).toEqual([
        expect.objectContaining({
          partner_id: 'a partner',
          record_minute: '2026-06-15 12:01:00',
          event_hour: '2026-06-15 11:00:00',
          received: '9007199254740991',
          revenue_micros: '-9007199254740991',
          spend_micros: '-9223372036854775808',
          version: '1',
        }),
      ]);
    });

    test('of ledger entries comes back as it was written, with amounts of 64 bits both ways', async () => {
      const { warehouse, campaign } = given();
      const amounts = ['9223372036854775807', '-9223372036854775807'];
      const rows = amounts.map((amount, leg) => ({
        campaign_id: campaign,
        partner_id: 'añá',
        currency: 'USD',
        sequence: 12,
        posting: 4_294_967_295,
        leg,
        account: leg === 0 ? 'held' : 'payable',
        amount_micros: amount,
        cause: 'approved',
        release_at: NOON + HOUR,
        source_partition: 1_023,
        source_sequence: '18446744073709551615',
      }));
      await warehouse.insert(block('ledger_entries', `${campaign}/1`, rows));
      await warehouse.insert(block('ledger_entries', `${campaign}/1`, rows));
      const found = await warehouse.query(
        'SELECT * FROM ledger_entries WHERE campaign_id = {campaign:String} ORDER BY leg',
        { campaign },
      );
      expect(found).toEqual(
        amounts.map((amount, leg) =>
          expect.objectContaining({
            partner_id: 'añá',
            posting: 4_294_967_295,
            leg,
            amount_micros: amount,
            release_at: '2026-06-15 13:00:00.000',
            payout_id: '',
            source_partition: 1_023,
            source_sequence: '18446744073709551615',
          }),
        ),
      );
    });

    test.each(TEXTS.map((text) => [JSON.stringify(text).slice(0, 40), text]))(
      'with the text %s is found by it',
      async (_, text) => {
        const { warehouse, campaign } = given();
        const rows = [
          { campaign_id: campaign, event_id: text, properties: text },
          { campaign_id: campaign, event_id: 'other' },
        ];
        await warehouse.insert(block('decided_events', `${campaign}/1`, rows));
        const found = await warehouse.query(
          'SELECT event_id, properties FROM decided_events WHERE campaign_id = {campaign:String} AND event_id = {text:String}',
          { campaign, text },
        );
        expect(found).toEqual([{ event_id: text, properties: text }]);
      },
    );
  });

  describe('a column of texts', () => {
    const columns = Object.fromEntries(COLUMNS.decided_events.map((column) => [column.name, column]));

    test.each([
      ['properties', 3],
      ['properties', 300],
      ['goal', 3],
      ['goal', 300],
      ['goal', 70_000],
    ])('%s may have each of %i texts once, and the rows only their numbers', async (name, count) => {
      const { warehouse, campaign } = given();
      const texts = Array.from({ length: count }, (_, i) => `${TEXTS[1]} ${i}`);
      const rows = count + 2;
      const native = new NativeBlock(rows);
      native.symbols(columns.campaign_id as Column, [campaign], new Uint32Array(rows).fill(1));
      native.numbers(
        columns.row as Column,
        Uint32Array.from({ length: rows }, (_, row) => row),
      );
      native.symbols(
        columns[name] as Column,
        texts,
        Uint32Array.from({ length: rows }, (_, row) => row % (count + 1)),
      );
      const data = native.take();
      await warehouse.insert({ table: 'decided_events', token: `${campaign}/1`, rows, data });
      const found = await warehouse.query<{ row: number; text: string }>(
        `SELECT \`row\`, ${name} AS text FROM decided_events WHERE campaign_id = {campaign:String} ORDER BY \`row\``,
        { campaign },
      );
      const expected = ['', ...texts, ''].map((text, row) => ({ row, text }));
      expect(found).toEqual(expected);
    });
  });
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowBinaryWriter } from '../../model/row-binary.ts';
import type { QueryParameter } from '../../storage/warehouse/port.ts';
import { AGGREGATES, COLUMNS } from '../../storage/warehouse/schema.ts';
import { columnIndex, queryRows, rowsOfBlock, selected } from './row-reader.ts';

test('reads every row that a block holds, value by value', () => {
  const amount = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  const row = fc.record({
    texts: fc.tuple(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.string()),
    seconds: fc.tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff)),
    counts: fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 9, maxLength: 9 }),
    amounts: fc.tuple(amount, amount, amount),
    version: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  });
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const writer = new RowBinaryWriter();
      for (const { texts, seconds, counts, amounts, version } of rows) {
        for (const text of texts) writer.string(text);
        for (const second of seconds) writer.uint32(second);
        for (const count of counts) writer.uint64(count);
        for (const one of amounts) writer.int64(one);
        writer.uint64(version);
      }
      const read = [...rowsOfBlock('aggregates', writer.take())];
      expect(read).toEqual(
        rows.map(({ texts, seconds, counts, amounts, version }) =>
          [...texts, ...seconds, ...counts, ...amounts, version].map(String),
        ),
      );
    }),
  );
});

test('asks for every column under the name of its place, and for times as numbers', async () => {
  expect(selected('aggregates')).toMatch(/^`campaign_id` AS v0, .*toUnixTimestamp\(record_minute\) AS v2/);
  const asked: [string, Readonly<Record<string, QueryParameter>> | undefined][] = [];
  const warehouse = {
    query: async <Row>(
      text: string,
      parameters?: Readonly<Record<string, QueryParameter>>,
    ): Promise<Row[]> => {
      asked.push([text, parameters]);
      return [Object.fromEntries(AGGREGATES.map((_, index) => [`v${index}`, index]))] as Row[];
    },
  };
  expect(await queryRows(warehouse, 'aggregates', 'SELECT', { from: 1 })).toEqual([
    AGGREGATES.map((_, index) => String(index)),
  ]);
  expect(asked).toEqual([['SELECT', { from: 1 }]]);
});

test('knows where a column stands', () => {
  expect(columnIndex('decided_events', 'sequence')).toBe(1);
  expect(columnIndex('aggregates', 'version')).toBe(COLUMNS.aggregates.length - 1);
  expect(() => columnIndex('aggregates', 'sequence')).toThrow('aggregates has no column sequence');
});

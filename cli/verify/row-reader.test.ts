import { expect, test } from 'vitest';
import { TableRows } from '../../model/columns/table-rows.ts';
import type { QueryParameter } from '../../storage/warehouse/port.ts';
import { AGGREGATES, COLUMNS } from '../../storage/warehouse/schema.ts';
import { columnIndex, queryRows, rowsOfBlock, selected } from './row-reader.ts';

test('reads every row that a block holds, value by value', () => {
  const rows = new TableRows(AGGREGATES);
  const counts = new Array(9).fill(7);
  rows.add('summer', 'ann', 60_000, 3_600_000, ...counts, -1n, 2n ** 62n, 0, 5);
  rows.add('winter', '', 0, 0, ...counts, 0, 0, 0, 6);
  const sevens = new Array(9).fill('7');
  expect(rowsOfBlock('aggregates', rows.take())).toEqual([
    ['summer', 'ann', '60', '3600', ...sevens, '-1', '4611686018427387904', '0', '5'],
    ['winter', '', '0', '0', ...sevens, '0', '0', '0', '6'],
  ]);
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

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Column } from './column.ts';
import { readNative } from './native-reader.ts';
import { TableRows, type Value } from './table-rows.ts';

const COLUMNS: readonly Column[] = [
  { name: 'byte', type: 'UInt8' },
  { name: 'short', type: 'UInt16' },
  { name: 'word', type: 'UInt32' },
  { name: 'count', type: 'UInt64' },
  { name: 'amount', type: 'Int64' },
  { name: 'minute', type: 'DateTime' },
  { name: 'time', type: 'DateTime64(3)' },
  { name: 'text', type: 'String' },
  { name: 'symbol', type: 'LowCardinality(String)' },
];

function written(columns: readonly Column[], rows: readonly (readonly Value[])[]): Uint8Array {
  const table = new TableRows(columns);
  for (const row of rows) table.add(...row);
  return table.take();
}

describe('rows of a table', () => {
  test('are read as they were written', () => {
    const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.constantFrom('', 'a', 'b'));
    const row = fc.tuple(
      fc.nat(0xff),
      fc.nat(0xffff),
      fc.nat(0xffff_ffff),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.nat(0xffff_ffff),
      fc.maxSafeInteger(),
      text,
      text,
    );
    fc.assert(
      fc.property(fc.array(row), (rows) => {
        const given = rows.map((values) =>
          values.map((value, i) => (i === 5 ? Number(value) * 1_000 + 999 : value)),
        );
        const expected = rows.map((values) => values.map((value, i) => (i === 6 ? BigInt(value) : value)));
        expect(readNative(COLUMNS, written(COLUMNS, given))).toEqual(expected);
      }),
    );
  });

  test('take integers of 64 bits as numbers, where these are exact', () => {
    const columns: Column[] = [{ name: 'amount', type: 'Int64' }];
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        const data = written(
          columns,
          values.map((value) => [value]),
        );
        expect(readNative(columns, data)).toEqual(values.map((value) => [BigInt(value)]));
      }),
    );
  });

  test('may have more symbols than a byte, or two, can number', () => {
    const columns: Column[] = [{ name: 'symbol', type: 'LowCardinality(String)' }];
    for (const count of [255, 256, 65_535, 65_536]) {
      const rows = Array.from({ length: count }, (_, i) => [`${i}`]);
      expect(readNative(columns, written(columns, rows))).toEqual(rows);
    }
  });

  test('leave out columns that are empty in all of them', () => {
    const empty = [0, 0, 0, 0, 0, 0, 0, '', ''];
    expect([...written(COLUMNS, [empty, empty])]).toEqual([0, 2]);
    expect(readNative(COLUMNS, written(COLUMNS, [empty]))).toEqual([[0, 0, 0, 0n, 0n, 0, 0n, '', '']]);
  });

  test('have as many values as their table has columns', () => {
    const table = new TableRows(COLUMNS);
    expect(() => table.add(1, 2)).toThrow('a row has 2 values, and its table 9 columns');
  });
});

describe('a block', () => {
  test('with a column that its table has not is refused', () => {
    const data = written([{ name: 'other', type: 'UInt8' }], [[1]]);
    expect(() => readNative(COLUMNS, data)).toThrow(
      'a block has a column other UInt8 that its table has not',
    );
  });

  test('that goes on behind its last column is refused', () => {
    const data = Buffer.concat([written([{ name: 'byte', type: 'UInt8' }], [[1]]), Buffer.of(0)]);
    expect(() => readNative(COLUMNS, data)).toThrow('does not end where it should');
  });
});

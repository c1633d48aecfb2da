/** Rows of the warehouse's tables, written without actors. */
import { RowBinaryWriter } from '../../model/row-binary.ts';
import type { Table } from '../../storage/warehouse/port.ts';
import { COLUMNS, type ColumnType } from '../../storage/warehouse/schema.ts';

/** A row by its columns; those that are left out are empty. Times are milliseconds since the epoch. */
export type RowValues = Readonly<Record<string, string | number>>;

/** Rows in ClickHouse's RowBinary, in the order of the table's columns. */
export function encodeRows(table: Table, rows: readonly RowValues[]): Uint8Array {
  const writer = new RowBinaryWriter();
  for (const row of rows) for (const { name, type } of COLUMNS[table]) write(writer, type, row[name]);
  return writer.take();
}

function write(writer: RowBinaryWriter, type: ColumnType, value: string | number = 0): void {
  switch (type) {
    case 'String':
    case 'LowCardinality(String)':
      writer.string(String(value || ''));
      return;
    case 'UInt8':
      writer.uint8(Number(value));
      return;
    case 'UInt16':
      writer.uint16(Number(value));
      return;
    case 'UInt32':
      writer.uint32(Number(value));
      return;
    case 'DateTime':
      writer.dateTime(Number(value));
      return;
    case 'UInt64':
      writer.uint64(Number(value));
      return;
    case 'Int64':
      writer.int64(Number(value));
      return;
    case 'DateTime64(3)':
      writer.dateTime64(Number(value));
      return;
  }
}

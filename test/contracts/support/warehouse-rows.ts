/** Rows of the warehouse for tests: what is not said has the column's empty value. */
import { RowBinaryWriter } from '../../../model/row-binary.ts';
import type { Table, WarehouseBlock } from '../../../storage/warehouse/port.ts';
import { COLUMNS, type Column } from '../../../storage/warehouse/schema.ts';

export type RowValue = number | bigint | string;
export type RowValues = Readonly<Record<string, RowValue>>;

/** Midday of a day in the middle of a month: no row comes near a partition's edge by chance. */
export const NOON = Date.UTC(2026, 5, 15, 12);

export function block(table: Table, token: string, rows: readonly RowValues[]): WarehouseBlock {
  const writer = new RowBinaryWriter();
  for (const row of rows) for (const column of COLUMNS[table]) write(writer, column, row[column.name]);
  return { table, token, rows: rows.length, data: writer.take() };
}

function write(writer: RowBinaryWriter, { name, type }: Column, value: RowValue | undefined): void {
  switch (type) {
    case 'UInt8':
      writer.uint8(Number(value ?? 0));
      break;
    case 'UInt16':
      writer.uint16(Number(value ?? 0));
      break;
    case 'UInt32':
      writer.uint32(Number(value ?? 0));
      break;
    case 'UInt64':
      writer.uint64(integer(value));
      break;
    case 'Int64':
      writer.int64(integer(value));
      break;
    case 'DateTime':
      writer.dateTime(Number(value ?? NOON));
      break;
    case 'DateTime64(3)':
      writer.dateTime64(Number(value ?? NOON));
      break;
    case 'String':
    case 'LowCardinality(String)':
      writer.string(String(value ?? ''));
      break;
    default:
      throw new Error(`column ${name} has the type ${type satisfies never}`);
  }
}

function integer(value: RowValue | undefined): number | bigint {
  if (typeof value === 'string') return BigInt(value);
  return value ?? 0;
}

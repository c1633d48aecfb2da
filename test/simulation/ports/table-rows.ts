/** Rows of the tables, as they come in blocks. */
import { readNative } from '../../../model/columns/native-reader.ts';
import type { Value } from '../../../model/columns/table-rows.ts';
import type { Table } from '../../../storage/warehouse/port.ts';
import { COLUMNS, type ColumnType } from '../../../storage/warehouse/schema.ts';

/** A value per column: 64-bit integers as `bigint`, times as milliseconds since the epoch. */
export type Row = Readonly<Record<string, Value>>;

export function readRows(table: Table, data: Uint8Array): Row[] {
  const columns = COLUMNS[table];
  return readNative(columns, data).map((values) =>
    Object.fromEntries(
      columns.map(({ name, type }, index) => [name, milliseconds(type, values[index] as Value)]),
    ),
  );
}

function milliseconds(type: ColumnType, value: Value): Value {
  if (type === 'DateTime') return Number(value) * 1_000;
  return type === 'DateTime64(3)' ? Number(value) : value;
}

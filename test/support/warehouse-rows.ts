/** Rows of the warehouse's tables, written without actors. */
import { type Column, widthOf } from '../../model/columns/column.ts';
import { TableRows, type Value } from '../../model/columns/table-rows.ts';
import type { Table } from '../../storage/warehouse/port.ts';
import { COLUMNS } from '../../storage/warehouse/schema.ts';

/**
 * A row by its columns; those that are left out are empty. Times are milliseconds since the epoch; integers may be
 * given in decimal.
 */
export type RowValues = Readonly<Record<string, Value>>;

/** Rows as the warehouse takes them. */
export function encodeRows(table: Table, rows: readonly RowValues[]): Uint8Array {
  const written = new TableRows(COLUMNS[table]);
  for (const row of rows) written.add(...COLUMNS[table].map((column) => valueIn(column, row[column.name])));
  return written.take();
}

function valueIn({ type }: Column, value: Value | undefined): Value {
  if (widthOf(type) === 0) return value ?? '';
  return typeof value === 'string' ? BigInt(value) : (value ?? 0);
}

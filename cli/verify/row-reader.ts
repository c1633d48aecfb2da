/** Rows as text, value by value in the order of the table's columns: those that a block holds, and those of a query. */
import { readNative } from '../../model/columns/native-reader.ts';
import type { QueryParameter, Table, Warehouse } from '../../storage/warehouse/port.ts';
import { COLUMNS, type ColumnType } from '../../storage/warehouse/schema.ts';

/** The values of a row in the order of the columns; times as milliseconds or seconds since the epoch. */
export type Row = readonly string[];

/** Where a column stands in the rows of a table. @throws Error if there is none of this name */
export function columnIndex(table: Table, name: string): number {
  const index = COLUMNS[table].findIndex((column) => column.name === name);
  if (index < 0) throw new Error(`${table} has no column ${name}`);
  return index;
}

/** Reads what a block would insert. */
export function rowsOfBlock(table: Table, data: Uint8Array): Row[] {
  return readNative(COLUMNS[table], data).map((row) => row.map(String));
}

/** The columns of a table for a query, named by their place: names of their own would hide the columns. */
export function selected(table: Table): string {
  return COLUMNS[table].map(({ name, type }, index) => `${asNumber(name, type)} AS v${index}`).join(', ');
}

/** Runs a query whose columns are those of `selected`. */
export async function queryRows(
  warehouse: Pick<Warehouse, 'query'>,
  table: Table,
  text: string,
  parameters: Readonly<Record<string, QueryParameter>>,
): Promise<Row[]> {
  const names = COLUMNS[table].map((_, index) => `v${index}`);
  const rows = await warehouse.query<Record<string, string | number>>(text, parameters);
  return rows.map((row) => names.map((name) => String(row[name])));
}

/** Times come as numbers, whatever way a server writes them. */
function asNumber(name: string, type: ColumnType): string {
  if (type === 'DateTime') return `toUnixTimestamp(${name})`;
  return type === 'DateTime64(3)' ? `toUnixTimestamp64Milli(${name})` : `\`${name}\``;
}

/** Rows of the warehouse for tests: what is not said has the column's empty value, and times are midday. */
import type { Table, WarehouseBlock } from '../../../storage/warehouse/port.ts';
import { COLUMNS } from '../../../storage/warehouse/schema.ts';
import { encodeRows, type RowValues as Values } from '../../support/warehouse-rows.ts';

export type RowValues = Values;

/** Midday of a day in the middle of a month: no row comes near a partition's edge by chance. */
export const NOON = Date.UTC(2026, 5, 15, 12);

export function block(table: Table, token: string, rows: readonly RowValues[]): WarehouseBlock {
  const times = COLUMNS[table]
    .filter(({ type }) => type.startsWith('DateTime'))
    .map(({ name }) => [name, NOON]);
  const midday = Object.fromEntries(times) as Values;
  const data = encodeRows(
    table,
    rows.map((row) => ({ ...midday, ...row })),
  );
  return { table, token, rows: rows.length, data };
}

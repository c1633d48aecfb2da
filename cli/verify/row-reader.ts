/** Rows as text, value by value in the order of the table's columns: those that a block holds, and those of a query. */
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

/** Reads what a block would insert: `RowBinary`, as `model/row-binary.ts` writes it. */
export function* rowsOfBlock(table: Table, data: Uint8Array): Generator<Row> {
  const reader = new Reader(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const columns = COLUMNS[table];
  while (!reader.isAtEnd) yield columns.map(({ type }) => reader.value(type));
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

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(type: ColumnType): string {
    const bytes = this.#bytes;
    switch (type) {
      case 'UInt8':
        return String(bytes.readUInt8(this.#skip(1)));
      case 'UInt16':
        return String(bytes.readUInt16LE(this.#skip(2)));
      case 'UInt32':
      case 'DateTime':
        return String(bytes.readUInt32LE(this.#skip(4)));
      case 'UInt64':
        return String(bytes.readBigUInt64LE(this.#skip(8)));
      case 'Int64':
      case 'DateTime64(3)':
        return String(bytes.readBigInt64LE(this.#skip(8)));
      case 'String':
      case 'LowCardinality(String)': {
        const length = this.#varint();
        const start = this.#skip(length);
        return bytes.toString('utf8', start, start + length);
      }
    }
  }

  #skip(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

/** Reads `RowBinary` as the real engine does: by the columns of the table. */
import type { Table } from '../../../storage/warehouse/port.ts';
import { COLUMNS, type ColumnType } from '../../../storage/warehouse/schema.ts';

/** A value per column: 64-bit integers as `bigint`, times as milliseconds since the epoch. */
export type Row = Readonly<Record<string, string | number | bigint>>;

export function readRows(table: Table, data: Uint8Array): Row[] {
  const reader = new Reader(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const rows: Row[] = [];
  while (!reader.isAtEnd) {
    const row: Record<string, string | number | bigint> = {};
    for (const { name, type } of COLUMNS[table]) row[name] = reader.value(type);
    rows.push(row);
  }
  return rows;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(type: ColumnType): string | number | bigint {
    const bytes = this.#bytes;
    switch (type) {
      case 'UInt8':
        return bytes.readUInt8(this.#skip(1));
      case 'UInt16':
        return bytes.readUInt16LE(this.#skip(2));
      case 'UInt32':
        return bytes.readUInt32LE(this.#skip(4));
      case 'UInt64':
        return bytes.readBigUInt64LE(this.#skip(8));
      case 'Int64':
        return bytes.readBigInt64LE(this.#skip(8));
      case 'DateTime':
        return bytes.readUInt32LE(this.#skip(4)) * 1_000;
      case 'DateTime64(3)':
        return Number(bytes.readBigInt64LE(this.#skip(8)));
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

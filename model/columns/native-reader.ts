/** Reads the rows of a block as `NativeBlock` writes it, by the columns of its table. */
import { type Column, type ColumnType, engineType, widthOf } from './column.ts';
import type { Value } from './table-rows.ts';

/**
 * The rows of a block, each with its values in the order of the columns: 64-bit integers as `bigint`, `DateTime` in
 * seconds and `DateTime64(3)` in milliseconds since the epoch.
 *
 * @throws Error if the block has a column that the table has not
 */
export function readNative(columns: readonly Column[], data: Uint8Array): Value[][] {
  const reader = new Reader(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
  const count = reader.length();
  const rows = reader.length();
  const found = new Map<string, Value[]>();
  for (let i = 0; i < count; i++) {
    const [name, type] = [reader.text(), reader.text()];
    const column = columns.find((one) => one.name === name);
    const written = column && writtenAs(column.type).find((one) => engineType(one) === type);
    if (written === undefined) throw new Error(`a block has a column ${name} ${type} that its table has not`);
    found.set(name, reader.column(written, rows));
  }
  if (!reader.isAtEnd) throw new Error('a block does not end where it should');
  const values = columns.map(({ name, type }) => found.get(name) ?? new Array<Value>(rows).fill(empty(type)));
  return Array.from({ length: rows }, (_, row) => values.map((column) => column[row] as Value));
}

/** Texts may come either way. */
function writtenAs(type: ColumnType): readonly ColumnType[] {
  return widthOf(type) === 0 ? ['String', 'LowCardinality(String)'] : [type];
}

function empty(type: ColumnType): Value {
  switch (type) {
    case 'String':
    case 'LowCardinality(String)':
      return '';
    case 'UInt64':
    case 'Int64':
    case 'DateTime64(3)':
      return 0n;
    default:
      return 0;
  }
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

  length(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  text(): string {
    const length = this.length();
    const start = this.#skip(length);
    return this.#bytes.toString('utf8', start, start + length);
  }

  column(type: ColumnType, rows: number): Value[] {
    if (type === 'LowCardinality(String)') return this.#symbols(rows);
    return Array.from({ length: rows }, () => this.#value(type));
  }

  #symbols(rows: number): Value[] {
    if (this.#uint64() !== 1) throw new Error('symbols of an unknown version');
    const width = this.#uint64() & 0xff;
    const dictionary = Array.from({ length: this.#uint64() }, () => this.text());
    if (this.#uint64() !== rows) throw new Error('a column of symbols has not as many rows as its block');
    const type = (['UInt8', 'UInt16', 'UInt32'] as const)[width];
    if (type === undefined) throw new Error(`indexes of the unknown width ${width}`);
    return Array.from({ length: rows }, () => dictionary[this.#value(type) as number] as string);
  }

  #uint64(): number {
    return Number(this.#bytes.readBigUInt64LE(this.#skip(8)));
  }

  #value(type: Exclude<ColumnType, 'LowCardinality(String)'>): Value {
    const bytes = this.#bytes;
    switch (type) {
      case 'UInt8':
        return bytes.readUInt8(this.#skip(1));
      case 'UInt16':
        return bytes.readUInt16LE(this.#skip(2));
      case 'UInt32':
      case 'DateTime':
        return bytes.readUInt32LE(this.#skip(4));
      case 'UInt64':
        return bytes.readBigUInt64LE(this.#skip(8));
      case 'Int64':
      case 'DateTime64(3)':
        return bytes.readBigInt64LE(this.#skip(8));
      case 'String':
        return this.text();
    }
  }

  #skip(count: number): number {
    const at = this.#at;
    this.#at += count;
    return at;
  }
}

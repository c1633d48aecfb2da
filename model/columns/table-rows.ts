/** Rows of a table that are given one by one, of which there are few: `NativeBlock` says what becomes of them. */
import { type Column, widthOf } from './column.ts';
import { NativeBlock, setWords } from './native-block.ts';

/** Times are milliseconds since the epoch, which a `DateTime` cuts to the second. */
export type Value = string | number | bigint;

export class TableRows {
  readonly #columns: readonly Column[];
  #rows: (readonly Value[])[] = [];

  constructor(columns: readonly Column[]) {
    this.#columns = columns;
  }

  /** Rows so far. */
  get length(): number {
    return this.#rows.length;
  }

  /** Adds a row: its values in the order of the columns. */
  add(...values: readonly Value[]): void {
    if (values.length !== this.#columns.length)
      throw new Error(`a row has ${values.length} values, and its table ${this.#columns.length} columns`);
    this.#rows.push(values);
  }

  /** The rows as `Native`; they start anew. */
  take(): Uint8Array {
    const rows = this.#rows;
    this.#rows = [];
    const block = new NativeBlock(rows.length);
    for (const [index, column] of this.#columns.entries()) writeColumn(block, column, rows, index);
    return block.take();
  }
}

function writeColumn(
  block: NativeBlock,
  column: Column,
  rows: readonly (readonly Value[])[],
  index: number,
): void {
  const { type } = column;
  if (type === 'String') writeTexts(block, column, rows, index);
  else if (type === 'LowCardinality(String)') writeSymbols(block, column, rows, index);
  else writeNumbers(block, column, rows, index);
}

function writeNumbers(
  block: NativeBlock,
  column: Column,
  rows: readonly (readonly Value[])[],
  index: number,
): void {
  const width = widthOf(column.type);
  if (width === 8) {
    const words = new Uint32Array(2 * rows.length);
    const bigints = new BigInt64Array(words.buffer);
    for (let at = 0; at < rows.length; at++) {
      const value = rows[at]?.[index] as number | bigint;
      if (typeof value === 'bigint') bigints[at] = value;
      else setWords(words, at, value);
    }
    block.numbers(column, words);
    return;
  }
  const values = new (width === 1 ? Uint8Array : width === 2 ? Uint16Array : Uint32Array)(rows.length);
  const unit = column.type === 'DateTime' ? 1_000 : 1;
  rows.forEach((row, at) => {
    values[at] = Math.floor(Number(row[index]) / unit);
  });
  block.numbers(column, values);
}

function writeTexts(
  block: NativeBlock,
  column: Column,
  rows: readonly (readonly Value[])[],
  index: number,
): void {
  if (rows.every((row) => row[index] === '')) return;
  const texts = block.texts(column);
  for (const row of rows) texts.text(row[index] as string);
}

function writeSymbols(
  block: NativeBlock,
  column: Column,
  rows: readonly (readonly Value[])[],
  index: number,
): void {
  const symbols = new Map([['', 0]]);
  const indexes = new Uint32Array(rows.length);
  rows.forEach((row, at) => {
    const text = row[index] as string;
    const known = symbols.get(text);
    indexes[at] = known ?? symbols.size;
    if (known === undefined) symbols.set(text, symbols.size);
  });
  block.symbols(column, [...symbols.keys()].slice(1), indexes);
}

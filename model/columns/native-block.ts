/**
 * Writes rows by column, in ClickHouse's `Native` format: the engine takes columns as they lie, where it would have to
 * take rows apart value by value. Parsing a row of 43 columns costs it 0.3 µs so, and 3 µs as `RowBinary`.
 *
 *     columns, rows: lengths
 *     for each column: name, type: texts | its values
 *         numbers: little-endian, one after the other
 *         texts: each with its length in front
 *         symbols: u64 version = 1 | u64 width of an index and flags | u64 count, texts | u64 rows, indexes
 *
 * Columns may come in any order, and what is empty in all rows is left out: the engine fills it with zeros and empty
 * texts. (From `NativeReader` and `SerializationLowCardinality` of ClickHouse, as a client of revision 0.)
 */
import { ByteWriter } from './byte-writer.ts';
import { type Column, type ColumnType, engineType } from './column.ts';

/** Fewer columns than this have their number in one byte, which can be written afterwards. */
const MAX_COLUMNS = 128;
const SYMBOLS_VERSION = 1;
/** The column brings its own dictionary, and nothing else knows it. */
const OWN_DICTIONARY = 0x600;
const TWO_32 = 0x1_0000_0000;

/** Values of 1, 2 or 4 bytes; of 8, as two words each, the lower one first. */
export type Numbers = Uint8Array | Uint16Array | Uint32Array;

/** Takes the texts of a column. */
export type TextWriter = Pick<ByteWriter, 'text' | 'slice' | 'zeros'>;

export class NativeBlock {
  readonly #writer: ByteWriter;
  readonly #rows: number;
  #columns = 0;

  /** @param capacity bytes that are likely to be needed */
  constructor(rows: number, capacity?: number) {
    this.#rows = rows;
    this.#writer = new ByteWriter(capacity);
    this.#writer.uint8(0);
    this.#writer.length(rows);
  }

  /** A column of numbers or times: one for each row. */
  numbers(column: Column, values: Numbers): void {
    if (isZero(values)) return;
    this.#begin(column, column.type);
    this.#writer.bytes(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }

  /** A column of texts: as many as there are rows are to be written to what is returned. */
  texts(column: Column): TextWriter {
    this.#begin(column, 'String');
    return this.#writer;
  }

  /**
   * A column of texts of which there are few: each is written once. Whether the table has it as `String` or
   * `LowCardinality(String)` is the same: the engine makes the one of the other.
   *
   * @param symbols the texts whose indexes are 1, 2, 3, …; 0 is the empty text
   * @param indexes one for each row
   */
  symbols(column: Column, symbols: readonly string[], indexes: Uint32Array): void {
    if (symbols.length === 0) return;
    this.#begin(column, 'LowCardinality(String)');
    const writer = this.#writer;
    const width = symbols.length < 0x1_00 ? 0 : symbols.length < 0x1_0000 ? 1 : 2;
    writer.uint64(SYMBOLS_VERSION);
    writer.uint64(OWN_DICTIONARY | width);
    writer.uint64(symbols.length + 1);
    writer.text('');
    for (const symbol of symbols) writer.text(symbol);
    writer.uint64(this.#rows);
    const narrow = width === 0 ? new Uint8Array(indexes) : width === 1 ? new Uint16Array(indexes) : indexes;
    writer.bytes(new Uint8Array(narrow.buffer, narrow.byteOffset, narrow.byteLength));
  }

  /** The block. Nothing may be added afterwards. */
  take(): Uint8Array {
    const bytes = this.#writer.take();
    bytes[0] = this.#columns;
    return bytes;
  }

  #begin({ name }: Column, type: ColumnType): void {
    this.#columns++;
    if (this.#columns === MAX_COLUMNS) throw new Error('a block has too many columns');
    this.#writer.text(name);
    this.#writer.text(engineType(type));
  }
}

/** Sets a value of 8 bytes. @param value a safe integer */
export function setWords(words: Uint32Array, index: number, value: number): void {
  // In two's complement: what does not fit a word is cut off by storing it there.
  words[2 * index] = value | 0;
  words[2 * index + 1] = Math.floor(value / TWO_32);
}

function isZero(values: Numbers): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) return false;
  return true;
}

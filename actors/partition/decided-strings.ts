/**
 * Puts the strings of a block's events into columns. Rows refer to the strings of their batch by index, so no string is
 * made of most: symbols cost a look-up for each different one of a batch, other texts are copied as bytes, and what a
 * row does not have costs nothing.
 */
import type { Column } from '../../model/columns/column.ts';
import type { NativeBlock, TextWriter } from '../../model/columns/native-block.ts';
import { STRING_FIELDS } from '../../model/event.ts';
import { type BatchStrings, bitCount, type EventBatch } from '../../model/event-batch.ts';
import type { Stretch } from './stretch.ts';

/** From so many rows on that share a text, it is cheaper as a symbol. */
const ROWS_A_SYMBOL = 2;

/**
 * Writes the string fields of all rows.
 *
 * @param columns one for each of `STRING_FIELDS`
 * @param batchRow where each row is in its batch; within a stretch they ascend
 */
export function writeStrings(
  block: NativeBlock,
  columns: readonly Column[],
  stretches: readonly Stretch[],
  batchRow: Uint32Array,
): void {
  const parts = stretches.map(({ batch, from }, index) => {
    const to = stretches[index + 1]?.from ?? batchRow.length;
    return new Part(batch, from, to);
  });
  const fields = new Fields(columns.length, batchRow);
  for (const part of parts) fields.add(part);
  const symbols = new Symbols();
  for (const [field, column] of columns.entries()) {
    const references = fields.columns[field];
    if (references === undefined) continue;
    if (isSymbol(column, STRING_FIELDS[field]?.repeats ?? false, parts, references))
      symbols.write(block, column, parts, references);
    else writeTexts(block, column, parts, references);
  }
}

class Part {
  readonly strings: BatchStrings;
  /** By index of a string: which symbol of the block it is, or 0 as long as that is not known. */
  readonly symbols: Uint32Array;

  constructor(
    readonly batch: EventBatch,
    /** Rows of the block from here, up to `to`, which is not included. */
    readonly from: number,
    readonly to: number,
  ) {
    this.strings = batch.strings;
    this.symbols = new Uint32Array(batch.stringCount);
  }
}

/** By field, if any row has it: the index of each row's string in its batch and 1, or 0 where it has none. */
class Fields {
  readonly columns: (Uint32Array | undefined)[];
  readonly #batchRow: Uint32Array;
  /** By what a row has: events of a type have the same, most often. */
  readonly #byPresence = new Map<number, readonly Uint32Array[]>();

  constructor(count: number, batchRow: Uint32Array) {
    this.columns = new Array(count).fill(undefined);
    this.#batchRow = batchRow;
  }

  add({ strings: { presence, references }, from, to }: Part): void {
    const batchRow = this.#batchRow;
    let at = 0;
    let next = 0;
    let known = 0;
    let present: readonly Uint32Array[] = [];
    for (let row = from; row < to; row++) {
      // Rows of the batch that are not in the block.
      for (; next < (batchRow[row] as number); next++) at += bitCount(presence[next] as number);
      const bits = presence[next++] as number;
      if (bits !== known) {
        known = bits;
        present = this.#byPresence.get(bits) ?? this.#of(bits);
      }
      for (let i = 0; i < present.length; i++)
        (present[i] as Uint32Array)[row] = (references[at++] as number) + 1;
    }
  }

  /** The columns of the fields that a row has, made where they are not there. */
  #of(presence: number): readonly Uint32Array[] {
    const present: Uint32Array[] = [];
    for (let bits = presence; bits !== 0; bits &= bits - 1) {
      const field = 31 - Math.clz32(bits & -bits);
      const column = this.columns[field] ?? new Uint32Array(this.#batchRow.length);
      this.columns[field] = column;
      present.push(column);
    }
    this.#byPresence.set(presence, present);
    return present;
  }
}

/**
 * Whether a column goes as symbols: what the table stores so, and what many rows share, such as the agent of all events
 * of one request. Its bytes are then copied once for all of them: of the usual mix, a block has half the bytes and takes
 * two thirds of the time.
 */
function isSymbol(
  { type }: Column,
  repeats: boolean,
  parts: readonly Part[],
  references: Uint32Array,
): boolean {
  if (type !== 'String') return true;
  if (!repeats) return false;
  let present = 0;
  let different = 0;
  for (const { from, to } of parts) {
    const counted = countTexts(references, from, to);
    present += counted.present;
    different += counted.different;
  }
  return different * ROWS_A_SYMBOL <= present;
}

function countTexts(
  references: Uint32Array,
  from: number,
  to: number,
): { present: number; different: number } {
  let present = 0;
  let different = 0;
  // A batch numbers its strings as they come: one that was there before has no higher number than the last new one.
  let highest = 0;
  for (let row = from; row < to; row++) {
    const reference = references[row] as number;
    if (reference > 0) present++;
    if (reference > highest) {
      highest = reference;
      different++;
    }
  }
  return { present, different };
}

function writeTexts(
  block: NativeBlock,
  column: Column,
  parts: readonly Part[],
  references: Uint32Array,
): void {
  const writer = block.texts(column);
  for (const part of parts) writePart(writer, part, references);
}

/** By itself, as are the other loops over the rows of a part: so the compiler has seen its end before it compiles it. */
function writePart(
  writer: TextWriter,
  { strings: { bytes, ends, words }, from, to }: Part,
  references: Uint32Array,
): void {
  /** Rows without a text that are still to be written. */
  let absent = 0;
  for (let row = from; row < to; row++) {
    const reference = references[row] as number;
    if (reference === 0) {
      absent++;
      continue;
    }
    if (absent > 0) writer.zeros(absent);
    absent = 0;
    const start = reference === 1 ? 0 : (ends[reference - 2] as number);
    writer.slice(bytes, words, start, ends[reference - 1] as number);
  }
  if (absent > 0) writer.zeros(absent);
}

/** The different texts of a block's symbols, in the order in which they are met; several columns may have the same. */
class Symbols {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [''];
  /** By symbol of the block: the number that the column in hand has for it, or 0 as long as it has none. */
  #own = new Uint32Array(0);
  /** The texts of those numbers. */
  #ofColumn: string[] = [];

  write(block: NativeBlock, column: Column, parts: readonly Part[], references: Uint32Array): void {
    this.#own = new Uint32Array(2 * this.#texts.length);
    this.#ofColumn = [];
    for (const part of parts) this.#number(part, references);
    block.symbols(column, this.#ofColumn, references);
  }

  /** Puts the column's own numbers in the place of the references of a part. */
  #number(part: Part, references: Uint32Array): void {
    const { symbols, from, to } = part;
    // What all events of a request have is the same in row after row.
    let before = 0;
    let number = 0;
    for (let row = from; row < to; row++) {
      const reference = references[row] as number;
      if (reference === 0) continue;
      if (reference !== before) {
        before = reference;
        const symbol = symbols[reference - 1] as number;
        number = symbol === 0 ? 0 : (this.#own[symbol] as number);
        if (number === 0) number = this.#numberOf(part, reference - 1);
      }
      references[row] = number;
    }
  }

  /** The column's own number of a string, which it may not have yet. */
  #numberOf(part: Part, string: number): number {
    const symbol = part.symbols[string] || this.#symbolOf(part, string);
    if (symbol >= this.#own.length) this.#own = extended(this.#own, symbol);
    const known = this.#own[symbol] as number;
    if (known !== 0) return known;
    const number = this.#ofColumn.push(this.#texts[symbol] as string);
    this.#own[symbol] = number;
    return number;
  }

  #symbolOf({ batch, symbols }: Part, string: number): number {
    const text = batch.stringAt(string);
    let symbol = this.#numbers.get(text);
    if (symbol === undefined) {
      symbol = this.#texts.push(text) - 1;
      this.#numbers.set(text, symbol);
    }
    symbols[string] = symbol;
    return symbol;
  }
}

function extended(numbers: Uint32Array, index: number): Uint32Array<ArrayBuffer> {
  const longer = new Uint32Array(2 * (index + 1));
  longer.set(numbers);
  return longer;
}

/**
 * Puts the strings of a block's events into columns. Rows refer to the strings of their batch by index, so no string is
 * made of most: symbols cost a look-up for each different one of a batch, other texts are copied as bytes, and what a
 * row does not have costs nothing.
 */
import type { Column } from '../../model/columns/column.ts';
import type { NativeBlock } from '../../model/columns/native-block.ts';
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
  const fields = transposed(parts, columns.length, batchRow);
  const symbols = new Symbols();
  for (const [field, column] of columns.entries()) {
    const references = fields[field];
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
function transposed(
  parts: readonly Part[],
  fieldCount: number,
  batchRow: Uint32Array,
): (Uint32Array | undefined)[] {
  const rows = batchRow.length;
  const fields: (Uint32Array | undefined)[] = new Array(fieldCount).fill(undefined);
  for (const { strings, from, to } of parts) {
    const { presence, references } = strings;
    let at = 0;
    let next = 0;
    for (let row = from; row < to; row++) {
      // Rows of the batch that are not in the block.
      for (; next < (batchRow[row] as number); next++) at += bitCount(presence[next] as number);
      for (let bits = presence[next++] as number; bits !== 0; bits &= bits - 1) {
        const field = 31 - Math.clz32(bits & -bits);
        let column = fields[field];
        if (column === undefined) {
          column = new Uint32Array(rows);
          fields[field] = column;
        }
        column[row] = (references[at++] as number) + 1;
      }
    }
  }
  return fields;
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
  }
  return different * ROWS_A_SYMBOL <= present;
}

function writeTexts(
  block: NativeBlock,
  column: Column,
  parts: readonly Part[],
  references: Uint32Array,
): void {
  const writer = block.texts(column);
  /** Rows without a text that are still to be written. */
  let absent = 0;
  for (const { strings, from, to } of parts) {
    const { bytes, ends } = strings;
    for (let row = from; row < to; row++) {
      const reference = references[row] as number;
      if (reference === 0) {
        absent++;
        continue;
      }
      if (absent > 0) writer.zeros(absent);
      absent = 0;
      writer.slice(
        bytes,
        reference === 1 ? 0 : (ends[reference - 2] as number),
        ends[reference - 1] as number,
      );
    }
  }
  if (absent > 0) writer.zeros(absent);
}

/** The different texts of a block's symbols, in the order in which they are met; several columns may have the same. */
class Symbols {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [''];

  write(block: NativeBlock, column: Column, parts: readonly Part[], references: Uint32Array): void {
    /** By symbol of the block: the column's own number of it, or 0 as long as it has none. */
    let own = new Uint32Array(2 * this.#texts.length);
    const texts: string[] = [];
    for (const part of parts) {
      const { symbols, from, to } = part;
      for (let row = from; row < to; row++) {
        const reference = references[row] as number;
        if (reference === 0) continue;
        const symbol = symbols[reference - 1] || this.#symbolOf(part, reference - 1);
        if (symbol >= own.length) own = extended(own, symbol);
        if (own[symbol] === 0) own[symbol] = texts.push(this.#texts[symbol] as string);
        references[row] = own[symbol] as number;
      }
    }
    block.symbols(column, texts, references);
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

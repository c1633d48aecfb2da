/**
 * Puts the numbers of a block's events into columns: those of a record once for all of its rows, those of the events
 * from their batches, and what was decided as it was noted. To note all twelve of a row as it was decided took half as
 * long again.
 */
import type { Column } from '../../model/columns/column.ts';
import { type NativeBlock, type Numbers, setWords } from '../../model/columns/native-block.ts';
import type { BatchNumbers } from '../../model/event-batch.ts';
import type { NotedRows } from './noted-rows.ts';
import type { Origin, Stretch } from './stretch.ts';

/** A stretch, and where it ends. */
interface Part extends Stretch {
  readonly to: number;
  readonly numbers: BatchNumbers;
}

/**
 * Writes the columns of numbers.
 *
 * @param columns those of `decided_events` that are no texts
 * @param noted of which the first `rows` rows are the block's
 */
export function writeNumbers(
  block: NativeBlock,
  columns: readonly Column[],
  partition: number,
  stretches: readonly Stretch[],
  noted: NotedRows,
  rows: number,
): void {
  const parts = stretches.map((stretch, index) => ({
    ...stretch,
    to: stretches[index + 1]?.from ?? rows,
    numbers: stretch.batch.numbers,
  }));
  const batchRow = noted.batchRow.subarray(0, rows);
  const wide = new Wide(rows);
  const values: Readonly<Record<string, () => Numbers>> = {
    partition: () => new Uint16Array(rows).fill(partition),
    sequence: () => wide.origins(parts, 'sequence'),
    row: () => rowsInRecord(parts, batchRow),
    record_time: () => wide.origins(parts, 'recordTime'),
    occurred_at: () => wide.numbers(parts, 'occurredAt', batchRow),
    type: () => types(parts, batchRow),
    reason: () => noted.reason.subarray(0, rows),
    flags: () => flags(parts, batchRow, noted.flags),
    is_unique: () => noted.isUnique.subarray(0, rows),
    value_micros: () => wide.numbers(parts, 'valueMicros', batchRow),
    spend_micros: () => wide.noted(noted.spend),
    commission_micros: () => wide.noted(noted.commission),
  };
  for (const column of columns) block.numbers(column, (values[column.name] as () => Numbers)());
}

/** A column of 8 bytes a row. There is one for all of them, as the processor's cache has room for that. */
class Wide {
  readonly #words: Uint32Array;
  readonly #whole: BigUint64Array;

  constructor(rows: number) {
    this.#words = new Uint32Array(2 * rows);
    this.#whole = new BigUint64Array(this.#words.buffer);
  }

  origins(parts: readonly Part[], name: keyof Origin): Uint32Array {
    for (const { origin, from, to } of parts) {
      if ('rows' in origin)
        for (const [index, value] of origin[name].entries()) setWords(this.#words, from + index, value);
      else this.#whole.fill(BigInt(origin[name]), from, to);
    }
    return this.#words;
  }

  numbers(parts: readonly Part[], name: 'occurredAt' | 'valueMicros', batchRow: Uint32Array): Uint32Array {
    const words = this.#words;
    for (const { numbers, from, to } of parts) {
      const column = numbers[name];
      for (let row = from; row < to; row++) setWords(words, row, column[batchRow[row] as number] as number);
    }
    return words;
  }

  noted(column: Float64Array): Uint32Array {
    const words = this.#words;
    for (let row = 0; 2 * row < words.length; row++) setWords(words, row, column[row] as number);
    return words;
  }
}

function rowsInRecord(parts: readonly Part[], batchRow: Uint32Array): Uint32Array {
  const column = batchRow.slice();
  for (const { origin, from } of parts) if ('rows' in origin) column.set(origin.rows, from);
  return column;
}

function types(parts: readonly Part[], batchRow: Uint32Array): Uint8Array {
  const column = new Uint8Array(batchRow.length);
  for (const { numbers, from, to } of parts) {
    const { types: ofBatch } = numbers;
    for (let row = from; row < to; row++) column[row] = ofBatch[batchRow[row] as number] as number;
  }
  return column;
}

/** Those of the collector, and those of the campaign. */
function flags(parts: readonly Part[], batchRow: Uint32Array, noted: Uint8Array): Uint8Array {
  const column = noted.slice(0, batchRow.length);
  for (const { numbers, from, to } of parts) {
    const { flags: ofBatch } = numbers;
    for (let row = from; row < to; row++)
      column[row] = (column[row] as number) | (ofBatch[batchRow[row] as number] as number);
  }
  return column;
}

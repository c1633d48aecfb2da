/**
 * Puts the rows of small batches into one batch, as if they had come together. To keep a batch of one event until its
 * block is closed, and to go through it then, took 3 µs; so it takes 1.7, and what events share is written once.
 */
import { STRING_FIELDS } from '../../model/event.ts';
import { EventBatch, EventBatchBuilder, UNDECIDED } from '../../model/event-batch.ts';
import { FINGERPRINT_WORDS } from '../../model/fingerprint.ts';

/** Fingerprints have done their work. */
const NO_FINGERPRINTS = new Uint32Array(2 * FINGERPRINT_WORDS);

/** Where the rows of a batch come from that was made of several. */
export interface Origins {
  /** The sequence of each row's record, its number in there, and record time in milliseconds since the epoch. */
  readonly sequence: readonly number[];
  readonly rows: readonly number[];
  readonly recordTime: readonly number[];
}

export class SmallBatches {
  readonly #builder = new EventBatchBuilder();
  #origins = noOrigins();
  readonly #strings: (string | undefined)[] = new Array(STRING_FIELDS.length).fill(undefined);

  /** Rows so far. */
  get rows(): number {
    return this.#builder.rows;
  }

  /** Copies the current row of `batch`, which is row `row` of the record of a sequence. */
  add(batch: EventBatch, sequence: number, row: number, recordTime: number): void {
    this.#origins.sequence.push(sequence);
    this.#origins.rows.push(row);
    this.#origins.recordTime.push(recordTime);
    const { presence, type, occurredAt, valueMicros, flags } = batch;
    for (let left = presence; left !== 0; left &= left - 1) {
      const field = 31 - Math.clz32(left & -left);
      this.#strings[field] = batch.string(field);
    }
    const copy = { type, occurredAt, valueMicros, flags, strings: this.#strings, presence };
    this.#builder.addRow(copy, NO_FINGERPRINTS, 0, UNDECIDED);
  }

  /** The rows in one batch, and where they come from; they start anew. */
  take(): { batch: EventBatch; origin: Origins } {
    const origin = this.#origins;
    this.#origins = noOrigins();
    return { batch: new EventBatch(this.#builder.encode()), origin };
  }
}

function noOrigins(): { [Name in keyof Origins]: number[] } {
  return { sequence: [], rows: [], recordTime: [] };
}

/**
 * The decided events of a block, for the table `decided_events`. What was decided is noted row by row; strings stay in
 * their batches until the block is closed, and go into their columns then: see `decided-strings.ts`.
 */
import { NativeBlock, type Numbers, setWords } from '../../model/columns/native-block.ts';
import { STRING_FIELDS } from '../../model/event.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import { DECIDED_EVENTS } from '../../storage/warehouse/schema.ts';
import type { Decision } from '../campaign/decide.ts';
import { type Stretch, writeStrings } from './decided-strings.ts';
import { NotedRows } from './noted-rows.ts';

/** Bytes of the numbers of a row, about, and of those strings that only it has. */
const ROW_BYTES = 96;

const NUMBERS = DECIDED_EVENTS.slice(0, DECIDED_EVENTS.length - STRING_FIELDS.length);
const STRINGS = DECIDED_EVENTS.slice(NUMBERS.length);

export class DecidedEvents {
  readonly #partition: number;
  readonly #stretches: Stretch[] = [];
  readonly #noted = NotedRows.take();
  #last: EventBatch | undefined;
  #rows = 0;

  constructor(partition: number) {
    this.#partition = partition;
  }

  get length(): number {
    return this.#rows;
  }

  /**
   * Adds the current row of `batch` with its decision. The batch must stay as it is until the block is closed.
   *
   * @param row its number within the record
   */
  add(batch: EventBatch, decision: Decision, sequence: number, row: number, recordTime: number): void {
    const at = this.#rows++;
    const noted = this.#noted;
    if (at === noted.row.length) noted.grow();
    if (batch !== this.#last || batch.row <= (noted.batchRow[at - 1] as number)) {
      this.#last = batch;
      this.#stretches.push({ batch, from: at, sequence, recordTime });
    }
    noted.batchRow[at] = batch.row;
    noted.row[at] = row;
    setWords(noted.occurredAt, at, batch.occurredAt);
    noted.type[at] = batch.type;
    noted.reason[at] = decision.reason;
    noted.flags[at] = batch.flags | decision.flags;
    noted.isUnique[at] = decision.isUnique ? 1 : 0;
    setWords(noted.value, at, batch.valueMicros);
    setWords(noted.spend, at, decision.spendMicros);
    setWords(noted.commission, at, decision.commissionMicros);
  }

  /** The rows as `Native`. Nothing may be added afterwards. */
  take(): Uint8Array {
    const rows = this.#rows;
    const noted = this.#noted;
    const block = new NativeBlock(rows, rows * ROW_BYTES);
    const columns: readonly Numbers[] = [
      new Uint16Array(rows).fill(this.#partition),
      this.#filled(({ sequence }) => sequence),
      noted.row.subarray(0, rows),
      this.#filled(({ recordTime }) => recordTime),
      noted.occurredAt.subarray(0, 2 * rows),
      noted.type.subarray(0, rows),
      noted.reason.subarray(0, rows),
      noted.flags.subarray(0, rows),
      noted.isUnique.subarray(0, rows),
      noted.value.subarray(0, 2 * rows),
      noted.spend.subarray(0, 2 * rows),
      noted.commission.subarray(0, 2 * rows),
    ];
    for (const [index, column] of NUMBERS.entries()) block.numbers(column, columns[index] as Numbers);
    writeStrings(block, STRINGS, this.#stretches, noted.batchRow.subarray(0, rows));
    noted.giveBack();
    return block.take();
  }

  /** What all rows of a stretch have. */
  #filled(value: (stretch: Stretch) => number): Uint32Array {
    const filled = new BigUint64Array(this.#rows);
    for (const stretch of this.#stretches) filled.fill(BigInt(value(stretch)), stretch.from);
    return new Uint32Array(filled.buffer);
  }
}

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

/** Batches with fewer rows are not kept: their rows are copied. */
const SMALL_BATCH = 8;

const NUMBERS = DECIDED_EVENTS.slice(0, DECIDED_EVENTS.length - STRING_FIELDS.length);
const STRINGS = DECIDED_EVENTS.slice(NUMBERS.length);

export class DecidedEvents {
  readonly #partition: number;
  readonly #stretches: Stretch[] = [];
  readonly #noted = NotedRows.take();
  /** The batch of the last row, if it is kept. */
  #last: EventBatch | undefined;
  /** The first row since then whose batch is not. */
  #smallFrom = 0;
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
    noted.batchRow[at] = batch.rows < SMALL_BATCH ? this.#copy(batch, at) : this.#keep(batch, at);
    setWords(noted.sequence, at, sequence);
    noted.row[at] = row;
    setWords(noted.recordTime, at, recordTime);
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
    this.#closeSmall();
    const block = new NativeBlock(rows, rows * ROW_BYTES);
    const columns: readonly Numbers[] = [
      new Uint16Array(rows).fill(this.#partition),
      noted.sequence.subarray(0, 2 * rows),
      noted.row.subarray(0, rows),
      noted.recordTime.subarray(0, 2 * rows),
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

  /** Copies the current row; gives its place in the batch that will be made of such rows. */
  #copy(batch: EventBatch, at: number): number {
    const { small } = this.#noted;
    const { rows } = small;
    if (rows === 0) this.#smallFrom = at;
    this.#last = undefined;
    small.add(batch);
    return rows;
  }

  /** Keeps the batch; gives the place of its current row. */
  #keep(batch: EventBatch, at: number): number {
    const { row } = batch;
    if (batch !== this.#last || row <= (this.#noted.batchRow[at - 1] as number)) {
      this.#closeSmall();
      this.#last = batch;
      this.#stretches.push({ batch, from: at });
    }
    return row;
  }

  #closeSmall(): void {
    const { small } = this.#noted;
    if (small.rows > 0) this.#stretches.push({ batch: small.take(), from: this.#smallFrom });
  }
}

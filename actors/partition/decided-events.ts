/**
 * The decided events of a block, for the table `decided_events`. Only what was decided is noted row by row, as that is
 * all that differs from what their batches say: these are kept until the block is closed, and what they say goes into
 * columns then, see `decided-numbers.ts` and `decided-strings.ts`.
 */
import { NativeBlock } from '../../model/columns/native-block.ts';
import { STRING_FIELDS } from '../../model/event.ts';
import type { EventBatch } from '../../model/event-batch.ts';
import { DECIDED_EVENTS } from '../../storage/warehouse/schema.ts';
import type { Decision } from '../campaign/decide.ts';
import { writeNumbers } from './decided-numbers.ts';
import { writeStrings } from './decided-strings.ts';
import { NotedRows } from './noted-rows.ts';
import type { Stretch } from './stretch.ts';

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
   * @param row its number within the record: where it is in `batch`, unless that was made for this row
   */
  add(batch: EventBatch, decision: Decision, sequence: number, row: number, recordTime: number): void {
    const at = this.#rows++;
    const noted = this.#noted;
    if (at === noted.batchRow.length) noted.grow();
    noted.batchRow[at] =
      batch.rows < SMALL_BATCH
        ? this.#copy(batch, at, sequence, row, recordTime)
        : this.#keep(batch, at, sequence, recordTime);
    noted.reason[at] = decision.reason;
    noted.flags[at] = decision.flags;
    noted.isUnique[at] = decision.isUnique ? 1 : 0;
    noted.spend[at] = decision.spendMicros;
    noted.commission[at] = decision.commissionMicros;
  }

  /** The rows as `Native`. Nothing may be added afterwards. */
  take(): Uint8Array {
    const rows = this.#rows;
    this.#closeSmall();
    const block = new NativeBlock(rows, rows * ROW_BYTES);
    writeNumbers(block, NUMBERS, this.#partition, this.#stretches, this.#noted, rows);
    writeStrings(block, STRINGS, this.#stretches, this.#noted.batchRow.subarray(0, rows));
    this.#noted.giveBack();
    return block.take();
  }

  /** Copies the current row; gives its place in the batch that will be made of such rows. */
  #copy(batch: EventBatch, at: number, sequence: number, row: number, recordTime: number): number {
    const { small } = this.#noted;
    const { rows } = small;
    if (rows === 0) this.#smallFrom = at;
    this.#last = undefined;
    small.add(batch, sequence, row, recordTime);
    return rows;
  }

  /** Keeps the batch; gives the place of its current row. */
  #keep(batch: EventBatch, at: number, sequence: number, recordTime: number): number {
    const { row } = batch;
    if (batch !== this.#last || row <= (this.#noted.batchRow[at - 1] as number)) {
      this.#closeSmall();
      this.#last = batch;
      this.#stretches.push({ batch, from: at, origin: { sequence, recordTime } });
    }
    return row;
  }

  #closeSmall(): void {
    const { small } = this.#noted;
    if (small.rows > 0) this.#stretches.push({ ...small.take(), from: this.#smallFrom });
  }
}

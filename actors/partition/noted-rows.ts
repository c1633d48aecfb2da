/** What is noted of each decided event of a block that is open: columns that grow. */
import type { Numbers } from '../../model/columns/native-block.ts';
import { SmallBatches } from './small-batches.ts';

const FIRST_ROWS = 64;
/** Columns that are kept for blocks to come. A large one takes a megabyte. */
const SPARE = 4;

export class NotedRows {
  /** Those that no block uses: to let new ones grow again for each block was a tenth of its cost. */
  static readonly #spare: NotedRows[] = [];

  /** Where the rows are in their batches. */
  batchRow = new Uint32Array(FIRST_ROWS);
  row = new Uint32Array(FIRST_ROWS);
  type = new Uint8Array(FIRST_ROWS);
  reason = new Uint16Array(FIRST_ROWS);
  flags = new Uint8Array(FIRST_ROWS);
  isUnique = new Uint8Array(FIRST_ROWS);
  // Of 8 bytes, as two words each.
  sequence = new Uint32Array(2 * FIRST_ROWS);
  recordTime = new Uint32Array(2 * FIRST_ROWS);
  occurredAt = new Uint32Array(2 * FIRST_ROWS);
  value = new Uint32Array(2 * FIRST_ROWS);
  spend = new Uint32Array(2 * FIRST_ROWS);
  commission = new Uint32Array(2 * FIRST_ROWS);

  /** The strings of rows whose batches are not kept; none at first. */
  readonly small = new SmallBatches();

  /** Columns in which anything may stand. */
  static take(): NotedRows {
    return NotedRows.#spare.pop() ?? new NotedRows();
  }

  /** Nothing may be done with them afterwards. */
  giveBack(): void {
    if (NotedRows.#spare.length < SPARE) NotedRows.#spare.push(this);
  }

  /** Makes room for as many rows again. */
  grow(): void {
    this.batchRow = longer(this.batchRow);
    this.row = longer(this.row);
    this.type = longer(this.type);
    this.reason = longer(this.reason);
    this.flags = longer(this.flags);
    this.isUnique = longer(this.isUnique);
    this.sequence = longer(this.sequence);
    this.recordTime = longer(this.recordTime);
    this.occurredAt = longer(this.occurredAt);
    this.value = longer(this.value);
    this.spend = longer(this.spend);
    this.commission = longer(this.commission);
  }
}

function longer<Column extends Numbers>(column: Column): Column {
  const grown = new (column.constructor as new (length: number) => Column)(column.length * 2);
  grown.set(column);
  return grown;
}

/** What was decided of each event of a block that is open: columns that grow. */
import { SmallBatches } from './small-batches.ts';

const FIRST_ROWS = 64;
/** Columns that are kept for blocks to come. A large one takes half a megabyte. */
const SPARE = 4;

export class NotedRows {
  /** Those that no block uses: to let new ones grow again for each block was a tenth of its cost. */
  static readonly #spare: NotedRows[] = [];

  /** Where the rows are in their batches. */
  batchRow = new Uint32Array(FIRST_ROWS);
  reason = new Uint16Array(FIRST_ROWS);
  flags = new Uint8Array(FIRST_ROWS);
  isUnique = new Uint8Array(FIRST_ROWS);
  /** In micros. */
  spend = new Float64Array(FIRST_ROWS);
  commission = new Float64Array(FIRST_ROWS);

  /** The rows whose batches are not kept; none at first. */
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
    this.reason = longer(this.reason);
    this.flags = longer(this.flags);
    this.isUnique = longer(this.isUnique);
    this.spend = longer(this.spend);
    this.commission = longer(this.commission);
  }
}

function longer<Column extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(
  column: Column,
): Column {
  const grown = new (column.constructor as new (length: number) => Column)(column.length * 2);
  grown.set(column);
  return grown;
}

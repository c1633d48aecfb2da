/** Rows of a block, one after the other, that come from one batch. */
import type { EventBatch } from '../../model/event-batch.ts';
import type { Origins } from './small-batches.ts';

export interface Stretch {
  readonly batch: EventBatch;
  /** The block's first row that does. */
  readonly from: number;
  /** The record whose batch it is, or those of which a batch was made, row by row. */
  readonly origin: Origin | Origins;
}

/** Where a batch comes from: a record of the log, and its time in milliseconds since the epoch. */
export interface Origin {
  readonly sequence: number;
  readonly recordTime: number;
}

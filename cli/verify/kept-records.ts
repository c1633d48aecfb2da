/** The records that a log still has, up to a sequence: a reading that ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord } from '../../storage/log/port.ts';
import { JobError } from '../exit.ts';
import type { Sources } from './sources.ts';

/**
 * A log that gives nothing at first for this long has nothing below the end: it was trimmed up to there. One
 * in the same process gives at once what it has.
 */
const PATIENCE_MS = { local: 1_000, remote: 10_000 };
/** A log that has begun to give what it has goes on within this time, or is out of reach. */
const PAUSE_MS = 60_000;

/**
 * The records from the first kept one at or behind `from` up to `to`, in the log's batches.
 *
 * A reader of the log waits for ever for what is not there, so the wait is bounded.
 *
 * @throws JobError if the log stops in the middle; TurnpikeError `unavailable` if it is out of reach
 */
export async function* keptRecords(
  { log, isLive }: Pick<Sources, 'log' | 'isLive'>,
  partition: number,
  from: number,
  to: number,
): AsyncGenerator<readonly LogRecord[]> {
  if (from > to) return;
  const reader = log.read(partition, from);
  try {
    const batches = reader[Symbol.asyncIterator]();
    let batch = await within(isLive ? PATIENCE_MS.remote : PATIENCE_MS.local, batches.next());
    if (batch === undefined) {
      // Whether it has nothing, or cannot be reached.
      await log.lastSequence(partition);
      return;
    }
    for (;;) {
      if (batch === undefined || batch.done)
        throw new JobError(`the log of partition ${partition} has stopped`);
      const records = batch.value.filter(({ sequence }) => sequence <= to);
      if (records.length > 0) yield records;
      if (records.length < batch.value.length || records.at(-1)?.sequence === to) return;
      batch = await within(PAUSE_MS, batches.next());
    }
  } finally {
    reader.close();
  }
}

/** The result, or `undefined` if it takes longer. */
async function within<T>(ms: number, result: Promise<T>): Promise<T | undefined> {
  const patience = new AbortController();
  const waited = sleep(ms, undefined, { signal: patience.signal }).catch(() => undefined);
  try {
    return await Promise.race([result, waited]);
  } finally {
    patience.abort();
  }
}

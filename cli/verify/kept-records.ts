/** The records that a log still has, up to a sequence: a reading that ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord } from '../../storage/log/port.ts';
import type { Sources } from './sources.ts';

/**
 * A log that gives nothing for this long has nothing more below the end: it was trimmed up to its end. One in
 * the same process gives at once what it has.
 */
const PATIENCE_MS = { local: 1_000, remote: 10_000 };

/**
 * The records from the first kept one at or behind `from` up to `to`, in the log's batches.
 *
 * A reader of the log waits for ever for what is not there, so the wait for the first batch is bounded.
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
    const patience = isLive ? PATIENCE_MS.remote : PATIENCE_MS.local;
    const batches = reader[Symbol.asyncIterator]();
    for (;;) {
      const batch = await within(patience, batches.next());
      if (!batch || batch.done) return;
      const records = batch.value.filter(({ sequence }) => sequence <= to);
      if (records.length > 0) yield records;
      if (records.length < batch.value.length || records.at(-1)?.sequence === to) return;
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

/**
 * The one writer of the embedded log: group commit. While a commit is under way what is appended waits,
 * and the next commit takes all of it, whichever partition it is for. So sequences are given out for one
 * commit at a time: a commit that fails takes its sequences back, and readers never meet a gap.
 */
import type { Database, RootDatabase } from 'lmdb';
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { commitWrites } from '../lmdb/environment.ts';
import { encodeValue, recordKey, stampValue } from './lmdb-format.ts';
import type { RecordIds } from './lmdb-ids.ts';
import { moveTail, type Tails, tailOf } from './lmdb-reader.ts';

/** Bytes of one commit, unless a single record is larger. */
const COMMIT_BYTES = 16 * 1024 * 1024;
/** Keys are bounded by LMDB; ids of records are far shorter. */
const RECORD_ID_LENGTH = 256;
/** A put that stores nothing where there is something. lmdb takes this in place of a version; its types do not say so. */
const NO_OVERWRITE = { noOverwrite: true } as unknown as number;

interface Append {
  readonly partition: number;
  readonly recordId: string;
  /** Of partition and record. */
  readonly key: string;
  readonly value: Buffer;
  sequence: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: unknown) => void;
}

export interface AppenderOptions {
  readonly environment: RootDatabase;
  readonly records: Database<Buffer, number>;
  readonly ids: RecordIds;
  readonly tails: Tails;
  /** Time of each partition's last record. */
  readonly lastTimes: Float64Array;
  readonly now: () => number;
}

export class LmdbAppender {
  readonly #options: AppenderOptions;
  /** Appends that are waiting or being committed, by key. */
  readonly #pending = new Map<string, Promise<number>>();
  #waiting: Append[] = [];
  #bytesWaiting = 0;
  /** Resolves when nothing is waiting any more; `undefined` when nothing is. */
  #running: Promise<void> | undefined;
  #closed = false;
  #broken: TurnpikeError | undefined;

  constructor(options: AppenderOptions) {
    this.#options = options;
  }

  append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    if (recordId.length === 0 || recordId.length > RECORD_ID_LENGTH)
      throw new Error(`a record id of ${recordId.length} characters`);
    const key = `${partition}/${recordId}`;
    const pending = this.#pending.get(key);
    if (pending) return pending;
    const failure = this.#broken ?? (this.#closed ? logClosed() : undefined);
    if (failure) return Promise.reject(failure);
    const known = this.#options.ids.get(partition, recordId);
    if (known !== undefined) return Promise.resolve(known);
    if (this.#bytesWaiting + data.byteLength > limits.logBytesWaiting) return Promise.reject(logBehind());

    const value = encodeValue(data);
    const promise = new Promise<number>((resolve, reject) => {
      this.#waiting.push({ partition, recordId, key, value, sequence: 0, resolve, reject });
    });
    this.#bytesWaiting += value.byteLength;
    this.#pending.set(key, promise);
    this.#running ??= this.#run();
    return promise;
  }

  /** Takes no more, and resolves when what was taken is committed. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    // The rest of the event turn: appends to other partitions join the commit.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#commit(this.#take());
    this.#running = undefined;
  }

  /** The appends of the next commit, in the order in which they came. */
  #take(): Append[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || bytes < COMMIT_BYTES))
      bytes += (this.#waiting[count++] as Append).value.byteLength;
    return this.#waiting.splice(0, count);
  }

  async #commit(appends: readonly Append[]): Promise<void> {
    try {
      const tails = await this.#store(appends);
      for (const [partition, sequence] of tails) moveTail(this.#options.tails, partition, sequence);
      for (const append of appends) append.resolve(append.sequence);
    } catch (error) {
      for (const append of appends) append.reject(error);
    } finally {
      for (const append of appends) {
        this.#pending.delete(append.key);
        this.#bytesWaiting -= append.value.byteLength;
      }
    }
  }

  /** Stores the appends as one transaction; gives the new tail of each partition. */
  async #store(appends: readonly Append[]): Promise<ReadonlyMap<number, number>> {
    const { environment, records, ids, tails, lastTimes, now } = this.#options;
    const time = now();
    const next = new Map<number, number>();
    const stored: Promise<boolean>[] = [];
    const committed = commitWrites(environment, () => {
      ids.begin(time);
      for (const append of appends) {
        const { partition } = append;
        append.sequence = (next.get(partition) ?? tailOf(tails, partition)) + 1;
        next.set(partition, append.sequence);
        const stamp = Math.max(time, lastTimes[partition] as number);
        lastTimes[partition] = stamp;
        stampValue(append.value, stamp);
        const key = recordKey(partition, append.sequence);
        stored.push(records.put(key, append.value, NO_OVERWRITE));
        ids.add(partition, append.recordId, append.sequence);
      }
      ids.write();
    });
    // Waits for all of them even if some reject: a rejection that nobody awaits would end the process.
    const results = await Promise.allSettled([committed, ...stored]);
    if (results[0]?.status === 'rejected') throw results[0].reason;
    if (results.some((result) => result.status === 'fulfilled' && result.value === false)) this.#break();
    return next;
  }

  /** A sequence was taken already: nothing of ours can be trusted to be where we think it is. */
  #break(): never {
    this.#broken = new TurnpikeError({
      code: 'unavailable',
      message: 'another process writes to this log: stop one of the two',
    });
    throw this.#broken;
  }
}

/** What whoever uses a log after it was closed is told. */
export function logClosed(): TurnpikeError {
  return new TurnpikeError({ code: 'unavailable', message: 'the log is closed' });
}

function logBehind(): TurnpikeError {
  return new TurnpikeError({
    code: 'unavailable',
    message: 'the log is behind: too much waits to be committed',
  });
}

/**
 * The embedded log: LMDB. One process writes, from one thread; any thread of it reads.
 *
 * An append resolves once its commit is synced to disk, so what is acknowledged survives the process and
 * a power cut. See `lmdb-format.ts` for the layout, `lmdb-appender.ts` for the group commit.
 */
import type { Database, RootDatabase } from 'lmdb';
import { limits } from '../../limits.ts';
import { fail } from '../../model/errors.ts';
import { commitWrites, openEnvironment } from '../lmdb/environment.ts';
import { LmdbAppender, logClosed } from './lmdb-appender.ts';
import {
  decodeValue,
  endKey,
  FACTS_KEY,
  type LogFacts,
  META,
  type PartitionTail,
  RECORDS,
  recordKey,
  sequenceOf,
} from './lmdb-format.ts';
import { RecordIds } from './lmdb-ids.ts';
import { LmdbLogReaders, moveTail, type Tails, tailOf } from './lmdb-reader.ts';
import type { Log, LogReader } from './port.ts';

/** Records deleted in one transaction: a longer one would hold up appends. */
const TRIM_RECORDS = 256;
const DATABASES = 4;

export interface LmdbLogOptions {
  /** Created if missing. */
  readonly directory: string;
  /** A log keeps the number it was created with. */
  readonly partitions: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** What another thread needs to read the log; may be posted to it. */
export interface LmdbLogHandle {
  readonly directory: string;
  readonly partitions: number;
  readonly tails: SharedArrayBuffer;
}

/** The part of the log that works in any thread. */
export type SharedLog = Pick<Log, 'partitions' | 'read' | 'lastSequence' | 'close'>;

/**
 * Opens the log for appending and reading.
 *
 * @throws TurnpikeError `failed_precondition` if it was created with another number of partitions
 */
export function openLmdbLog(options: LmdbLogOptions): LmdbLog {
  return new LmdbLog(options);
}

/** Opens the log of another thread of this process for reading. The other thread keeps it open longer. */
export function openSharedLmdbLog(handle: LmdbLogHandle): SharedLog {
  const environment = openEnvironment({
    directory: handle.directory,
    databases: DATABASES,
    readOnly: true,
  });
  const tails = new BigInt64Array(handle.tails);
  const readers = new LmdbLogReaders(environment, openRecords(environment), tails);
  return {
    partitions: handle.partitions,
    read: (partition, fromSequence) => readers.read(checked(partition, handle.partitions), fromSequence),
    lastSequence: async (partition) => tailOf(tails, checked(partition, handle.partitions)),
    close: async () => {
      readers.closeAll();
      await environment.close();
    },
  };
}

/** The part of LMDB's statistics that says how much room a database takes. */
interface RecordStats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}

export class LmdbLog implements Log {
  readonly partitions: number;
  readonly #directory: string;
  readonly #environment: RootDatabase;
  readonly #records: Database<Buffer, number>;
  readonly #meta: Database<unknown, string>;
  readonly #tails: Tails;
  readonly #lastTimes: Float64Array;
  readonly #appender: LmdbAppender;
  readonly #readers: LmdbLogReaders;
  #closing: Promise<void> | undefined;

  constructor({ directory, partitions, now = Date.now }: LmdbLogOptions) {
    this.partitions = partitions;
    this.#directory = directory;
    this.#environment = openEnvironment({ directory, databases: DATABASES });
    this.#records = openRecords(this.#environment);
    this.#meta = this.#environment.openDB<unknown, string>(META, {});
    this.#checkFacts();
    this.#tails = new BigInt64Array(new SharedArrayBuffer(8 * partitions));
    this.#lastTimes = new Float64Array(partitions);
    for (let partition = 0; partition < partitions; partition++) this.#recover(partition);
    this.#appender = new LmdbAppender({
      environment: this.#environment,
      records: this.#records,
      ids: new RecordIds(this.#environment, this.#meta, now()),
      tails: this.#tails,
      lastTimes: this.#lastTimes,
      now,
    });
    this.#readers = new LmdbLogReaders(this.#environment, this.#records, this.#tails);
  }

  append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    if (data.byteLength > limits.recordBytes) throw new Error(`a record of ${data.byteLength} bytes`);
    return this.#appender.append(checked(partition, this.partitions), recordId, data);
  }

  /** The sequence of the partition's last durable record, without waiting. */
  tail(partition: number): number {
    return tailOf(this.#tails, checked(partition, this.partitions));
  }

  /** Bytes that the records take on disk. */
  get bytes(): number {
    const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } =
      this.#records.getStats() as RecordStats;
    return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
  }

  async lastSequence(partition: number): Promise<number> {
    return this.tail(partition);
  }

  read(partition: number, fromSequence: number): LogReader {
    return this.#readers.read(checked(partition, this.partitions), fromSequence);
  }

  async trim(partition: number, beforeSequence: number): Promise<void> {
    if (this.#closing) throw logClosed();
    const tail = this.tail(partition);
    // The tail would be forgotten with its record: keep it, for the next start.
    if (beforeSequence > tail) await this.#keepTail(partition, tail);
    const range = {
      start: recordKey(partition, 0),
      end: recordKey(partition, Math.min(beforeSequence, tail + 1)),
      limit: TRIM_RECORDS,
    };
    while (!this.#closing) {
      this.#environment.resetReadTxn();
      const keys = [...this.#records.getKeys(range)];
      if (keys.length === 0) return;
      await commitWrites(this.#environment, () => {
        for (const key of keys) this.#records.remove(key);
      });
    }
  }

  /** A handle with which other threads of this process read the log: see `openSharedLmdbLog`. */
  share(): LmdbLogHandle {
    return {
      directory: this.#directory,
      partitions: this.partitions,
      tails: this.#tails.buffer as SharedArrayBuffer,
    };
  }

  /** Commits what was appended, ends all iterations of this thread, and closes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#appender.close();
    this.#readers.closeAll();
    await this.#environment.close();
  }

  #checkFacts(): void {
    const facts = this.#meta.get(FACTS_KEY) as LogFacts | undefined;
    if (!facts) this.#meta.putSync(FACTS_KEY, { partitions: this.partitions } satisfies LogFacts);
    else if (facts.partitions !== this.partitions) {
      const { partitions } = facts;
      void this.#environment.close();
      fail(
        'failed_precondition',
        `the log was created with ${partitions} partitions and cannot be opened with ${this.partitions}`,
      );
    }
  }

  /** Finds where the partition ends. */
  #recover(partition: number): void {
    const kept = this.#meta.get(tailKey(partition)) as PartitionTail | undefined;
    let tail = kept ?? { sequence: 0, time: 0 };
    const range = { start: endKey(partition), end: recordKey(partition, 0), reverse: true, limit: 1 };
    for (const { key, value } of this.#records.getRange(range)) {
      const record = decodeValue(sequenceOf(key), value);
      if (record.sequence > tail.sequence) tail = record;
    }
    moveTail(this.#tails, partition, tail.sequence);
    this.#lastTimes[partition] = tail.time;
  }

  async #keepTail(partition: number, sequence: number): Promise<void> {
    const tail: PartitionTail = { sequence, time: this.#lastTimes[partition] as number };
    await commitWrites(this.#environment, () => this.#meta.put(tailKey(partition), tail));
  }
}

function openRecords(environment: RootDatabase): Database<Buffer, number> {
  return environment.openDB<Buffer, number>(RECORDS, { encoding: 'binary' });
}

function tailKey(partition: number): string {
  return `tail/${partition}`;
}

function checked(partition: number, partitions: number): number {
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitions)
    throw new Error(`partition ${partition} of ${partitions}`);
  return partition;
}

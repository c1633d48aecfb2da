/** Reading the embedded log: what is there, then what comes, in any thread of the process. */
import type { Database, RootDatabase } from 'lmdb';
import { decodeValue, endKey, recordKey, sequenceOf } from './lmdb-format.ts';
import type { LogReader, LogRecord } from './port.ts';

/** Bounds of one batch. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_RECORDS = 256;

/**
 * The last durable sequence of each partition, shared by all threads. The writer stores and notifies
 * after every commit; readers wait on the element with `Atomics.waitAsync`.
 */
export type Tails = BigInt64Array;

export function tailOf(tails: Tails, partition: number): number {
  return Number(Atomics.load(tails, partition));
}

/** Publishes a new tail and wakes the readers that wait for it. */
export function moveTail(tails: Tails, partition: number, sequence: number): void {
  Atomics.store(tails, partition, BigInt(sequence));
  Atomics.notify(tails, partition);
}

/** Waiting for records does not keep a thread alive that has nothing else to do. */
export class LmdbLogReader implements LogReader {
  readonly #environment: RootDatabase;
  readonly #records: Database<Buffer, number>;
  readonly #tails: Tails;
  readonly #partition: number;
  readonly #onClose: (reader: LmdbLogReader) => void;
  #next: number;
  /** A record that was read but did not fit the batch. */
  #carried: LogRecord | undefined;
  #closed = false;

  constructor(
    environment: RootDatabase,
    records: Database<Buffer, number>,
    tails: Tails,
    partition: number,
    fromSequence: number,
    onClose: (reader: LmdbLogReader) => void,
  ) {
    this.#environment = environment;
    this.#records = records;
    this.#tails = tails;
    this.#partition = partition;
    this.#next = Math.max(1, fromSequence);
    this.#onClose = onClose;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly LogRecord[]> {
    try {
      while (!this.#closed) {
        const tail = tailOf(this.#tails, this.#partition);
        if (this.#next > tail) await this.#beyond(tail);
        else {
          const batch = this.#batch(tail);
          if (batch.length > 0) yield batch;
        }
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this);
    // Wakes this reader; the others of the partition look at the tail and wait again.
    Atomics.notify(this.#tails, this.#partition);
  }

  async #beyond(tail: number): Promise<void> {
    // waitAsync compares and starts to wait in one step, so a tail moved in between is not missed.
    await Atomics.waitAsync(this.#tails, this.#partition, BigInt(tail)).value;
  }

  /** The next records up to `tail`; none if all of them were trimmed. */
  #batch(tail: number): LogRecord[] {
    const batch: LogRecord[] = [];
    let bytes = 0;
    // Tails are published by another thread: this thread's view may be older than the commit.
    this.#environment.resetReadTxn();
    while (this.#next <= tail && batch.length < BATCH_RECORDS) {
      const record = this.#carried ?? this.#read(tail);
      if (!record) break;
      if (batch.length > 0 && bytes + record.data.byteLength > BATCH_BYTES) {
        this.#carried = record;
        break;
      }
      this.#carried = undefined;
      batch.push(record);
      bytes += record.data.byteLength;
      this.#next = record.sequence + 1;
    }
    // A read transaction left open would keep LMDB from reusing what is trimmed.
    this.#environment.resetReadTxn();
    return batch;
  }

  #read(tail: number): LogRecord | undefined {
    const value = this.#records.get(recordKey(this.#partition, this.#next));
    if (value) return decodeValue(this.#next, value);
    this.#next = this.#firstKept(tail);
    const kept = this.#next <= tail && this.#records.get(recordKey(this.#partition, this.#next));
    return kept ? decodeValue(this.#next, kept) : undefined;
  }

  /** The first sequence that was not trimmed, from the next on; `tail + 1` if there is none. */
  #firstKept(tail: number): number {
    const range = {
      start: recordKey(this.#partition, this.#next),
      end: endKey(this.#partition),
      limit: 1,
    };
    for (const key of this.#records.getKeys(range)) return Math.min(sequenceOf(key), tail + 1);
    return tail + 1;
  }
}

/** The readers that are open on a log, so that closing the log ends them. */
export class LmdbLogReaders {
  readonly #open = new Set<LmdbLogReader>();
  #closed = false;
  readonly #environment: RootDatabase;
  readonly #records: Database<Buffer, number>;
  readonly #tails: Tails;

  constructor(environment: RootDatabase, records: Database<Buffer, number>, tails: Tails) {
    this.#environment = environment;
    this.#records = records;
    this.#tails = tails;
  }

  read(partition: number, fromSequence: number): LogReader {
    const reader = new LmdbLogReader(
      this.#environment,
      this.#records,
      this.#tails,
      partition,
      fromSequence,
      (closed) => this.#open.delete(closed),
    );
    this.#open.add(reader);
    if (this.#closed) reader.close();
    return reader;
  }

  /** Ends all iterations; one that is begun later ends at once. */
  closeAll(): void {
    this.#closed = true;
    for (const reader of this.#open) reader.close();
  }
}

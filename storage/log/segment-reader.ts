/** Reading the embedded log: what is there, then what comes, in any thread of the process. */
import { crc32 } from 'node:zlib';
import type { LogState } from './log-state.ts';
import type { LogReader, LogRecord } from './port.ts';
import { corruptLog } from './segment-failures.ts';
import type { Places } from './segment-index.ts';
import type { Segment, Segments } from './segments.ts';

/** Bounds of one batch. */
const BATCH_BYTES = 1024 * 1024;
const BATCH_RECORDS = 256;

/** Waiting for records does not keep a thread alive that has nothing else to do. */
export class SegmentReader implements LogReader {
  readonly #segments: Segments;
  readonly #state: LogState;
  readonly #partition: number;
  readonly #onClose: (reader: SegmentReader) => void;
  #next: number;
  #segment: Segment | undefined;
  #closed = false;

  constructor(
    segments: Segments,
    state: LogState,
    partition: number,
    fromSequence: number,
    onClose: (reader: SegmentReader) => void,
  ) {
    this.#segments = segments;
    this.#state = state;
    this.#partition = partition;
    this.#next = fromSequence;
    this.#onClose = onClose;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly LogRecord[]> {
    try {
      while (!this.#closed) {
        // Looked at before the tail: a commit that comes in between is not missed.
        const { commits } = this.#state;
        const tail = this.#state.tail(this.#partition);
        if (this.#next > tail) {
          await this.#state.committed(commits);
          continue;
        }
        this.#next = Math.max(this.#next, this.#state.mark(this.#partition));
        const batch = this.#next > tail ? [] : this.#batch(tail);
        if (batch.length > 0) yield batch;
      }
    } finally {
      this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose(this);
    this.#state.wake();
  }

  /** The next records up to `tail`, as far as they lie in one segment; none if they were just given up. */
  #batch(tail: number): LogRecord[] {
    const segment = this.#segmentOfNext();
    const places = segment.index.places(this.#partition);
    const end = places === undefined ? 0 : Math.min(places.end, tail + 1);
    if (places === undefined || this.#next < places.first || this.#next >= end) {
      if (this.#state.mark(this.#partition) > this.#next) return [];
      throw corruptLog(segment.path, 0);
    }
    const batch: LogRecord[] = [];
    for (let bytes = 0; this.#next < end && batch.length < BATCH_RECORDS; this.#next++) {
      bytes += places.bytes(this.#next);
      if (batch.length > 0 && bytes > BATCH_BYTES) break;
      const data = this.#data(segment, places, this.#next, batch.length === 0);
      if (data === undefined) break;
      batch.push({ sequence: this.#next, time: places.time(this.#next), data });
    }
    return batch;
  }

  /** The data of a record, checked; `undefined` if it would have to be read and must not. */
  #data(segment: Segment, places: Places, sequence: number, mayRead: boolean): Uint8Array | undefined {
    const { chunks } = this.#segments;
    const offset = places.offset(sequence);
    const bytes = places.bytes(sequence);
    let data = chunks.get(segment.number, offset, bytes);
    if (data === undefined && mayRead) data = chunks.read(segment, offset, bytes, segment.index.end);
    if (data !== undefined && crc32(data) !== places.checksum(sequence))
      throw corruptLog(segment.path, offset);
    return data;
  }

  #segmentOfNext(): Segment {
    const current = this.#segment;
    if (current !== undefined && this.#segments.has(current)) {
      const isThere = (): boolean => {
        const places = current.index.places(this.#partition);
        return places !== undefined && this.#next >= places.first && this.#next < places.end;
      };
      if (isThere()) return current;
      this.#segments.refresh(current);
      if (isThere()) return current;
    }
    this.#segment = this.#segments.holding(this.#partition, this.#next);
    return this.#segment;
  }
}

/** The readers that are open on a log, so that closing the log ends them. */
export class SegmentReaders {
  readonly #open = new Set<SegmentReader>();
  readonly #segments: Segments;
  readonly #state: LogState;
  #closed = false;

  constructor(segments: Segments, state: LogState) {
    this.#segments = segments;
    this.#state = state;
  }

  read(partition: number, fromSequence: number): LogReader {
    const reader = new SegmentReader(this.#segments, this.#state, partition, fromSequence, (closed) =>
      this.#open.delete(closed),
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

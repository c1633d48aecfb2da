/**
 * The embedded log: segments, files that are written from their beginning to their end. One process writes, from one
 * thread; any thread of it reads.
 *
 * An append resolves once its commit is synced to disk, so what is acknowledged survives the process and a power
 * cut. See `segment-header.ts` and `segment-frame.ts` for the layout, `segment-appender.ts` for the group commit,
 * `segment-recovery.ts` for what happens after a crash.
 */
import { mkdirSync } from 'node:fs';
import { limits } from '../../limits.ts';
import { disk } from './disk.ts';
import { lockFolder } from './folder-lock.ts';
import { LogMarks } from './log-marks.ts';
import { LogState } from './log-state.ts';
import type { Log, LogReader } from './port.ts';
import { ID_LONGEST_MEMORY_MS, ID_MEMORY_MS, RecordIds } from './record-ids.ts';
import { SegmentAppender } from './segment-appender.ts';
import { logClosed, logInUse, notWritten } from './segment-failures.ts';
import { segmentPath } from './segment-header.ts';
import { SegmentReaders } from './segment-reader.ts';
import { recoverLog } from './segment-recovery.ts';
import { SegmentWriter } from './segment-writer.ts';
import { Segments } from './segments.ts';

export interface SegmentLogOptions {
  /** Created if missing. */
  readonly directory: string;
  /** A log keeps the number it was created with. */
  readonly partitions: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  /** Bytes of a segment, about. */
  readonly segmentBytes?: number;
}

/** What another thread needs to read the log; may be posted to it. */
export interface SegmentLogHandle {
  readonly directory: string;
  readonly partitions: number;
  readonly state: SharedArrayBuffer;
}

/** The part of the log that works in any thread. */
export type SharedLog = Pick<Log, 'partitions' | 'read' | 'lastSequence' | 'close'>;

/**
 * Opens the log for appending and reading.
 *
 * @throws TurnpikeError `failed_precondition` if it was created with another number of partitions, is open already,
 *   or is not what was written
 */
export function openSegmentLog(options: SegmentLogOptions): SegmentLog {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const release = lockFolder(options.directory);
  if (!release) throw logInUse(options.directory);
  try {
    return new SegmentLog(options, release);
  } catch (error) {
    release();
    throw error;
  }
}

/** Opens the log of another thread of this process for reading. The other thread keeps it open longer. */
export function openSharedSegmentLog({ directory, partitions, state: buffer }: SegmentLogHandle): SharedLog {
  const state = new LogState(partitions, buffer);
  const segments = new Segments(directory, state);
  const readers = new SegmentReaders(segments, state);
  return {
    partitions,
    read: (partition, fromSequence) => readers.read(checked(partition, partitions), fromSequence),
    lastSequence: async (partition) => state.tail(checked(partition, partitions)),
    close: async () => {
      readers.closeAll();
      segments.close();
    },
  };
}

export class SegmentLog implements Log {
  readonly partitions: number;
  readonly #directory: string;
  readonly #now: () => number;
  readonly #release: () => void;
  readonly #state: LogState;
  readonly #marks: LogMarks;
  readonly #segments: Segments;
  readonly #writer: SegmentWriter;
  readonly #appender: SegmentAppender;
  readonly #readers: SegmentReaders;
  /** The first file that is there; segments that are given up are deleted later. */
  #firstFile: number;
  /** Bytes of all segments that are given up. */
  #bytesGivenUp = 0;
  /** Deletions come one after the other. */
  #deleted: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;

  constructor(options: SegmentLogOptions, release: () => void) {
    const { directory, partitions, now = Date.now, segmentBytes = limits.logSegmentBytes } = options;
    this.partitions = partitions;
    this.#directory = directory;
    this.#now = now;
    this.#release = release;
    this.#marks = LogMarks.open(directory, partitions);
    const recovered = recoverLog(directory, partitions, this.#marks);
    this.#state = new LogState(partitions);
    this.#state.setEnd(recovered.last, recovered.offset);
    this.#state.setOldest(Math.max(1, recovered.oldest));
    for (const [partition, tail] of recovered.tails.entries()) {
      this.#state.setTail(partition, tail);
      this.#state.setMark(partition, this.#marks.get(partition));
    }
    this.#firstFile = this.#state.oldest;
    this.#segments = new Segments(directory, this.#state);
    this.#readers = new SegmentReaders(this.#segments, this.#state);
    const { position, time } = recovered;
    this.#writer = new SegmentWriter({ directory, state: this.#state, segmentBytes, position, time });
    if (recovered.last > 0) this.#bytesGivenUp = this.#segments.header(recovered.oldest).position;
    const ids = new RecordIds(now(), (segment, offset) =>
      segment < this.#firstFile ? undefined : this.#segments.frame(segment, offset),
    );
    this.#appender = new SegmentAppender({ writer: this.#writer, ids, state: this.#state, now });
    this.#recallIds(ids);
    this.#giveUp();
  }

  append(partition: number, recordId: string, data: Uint8Array): Promise<number> {
    if (data.byteLength > limits.recordBytes) throw new Error(`a record of ${data.byteLength} bytes`);
    return this.#appender.append(checked(partition, this.partitions), recordId, data);
  }

  /** The sequence of the partition's last durable record, without waiting. */
  tail(partition: number): number {
    return this.#state.tail(checked(partition, this.partitions));
  }

  /** Bytes of the segments that hold records which are kept. */
  get bytes(): number {
    return this.#writer.bytes - this.#bytesGivenUp;
  }

  async lastSequence(partition: number): Promise<number> {
    return this.tail(partition);
  }

  read(partition: number, fromSequence: number): LogReader {
    return this.#readers.read(checked(partition, this.partitions), fromSequence);
  }

  async trim(partition: number, beforeSequence: number): Promise<void> {
    if (this.#closing) throw logClosed();
    const mark = Math.min(beforeSequence, this.tail(partition) + 1);
    if (mark <= this.#state.mark(partition)) return;
    await this.#marks.raise(partition, mark);
    this.#state.setMark(partition, Math.max(mark, this.#state.mark(partition)));
    this.#giveUp();
    const deleted = this.#deleted.then(() => this.#delete());
    this.#deleted = deleted.catch(() => undefined);
    await deleted;
  }

  /** A handle with which other threads of this process read the log: see `openSharedSegmentLog`. */
  share(): SegmentLogHandle {
    return { directory: this.#directory, partitions: this.partitions, state: this.#state.buffer };
  }

  /** Commits what was appended, ends all iterations of this thread, and closes. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#appender.close();
    await this.#deleted;
    this.#readers.closeAll();
    this.#segments.close();
    try {
      await this.#marks.close();
      await this.#writer.close();
    } finally {
      this.#release();
    }
  }

  /** Learns the ids that are still remembered from the frames of the last minutes. */
  #recallIds(ids: RecordIds): void {
    const { segment: last } = this.#state.end;
    if (last === 0) return;
    const since = this.#now() - ID_MEMORY_MS;
    let first = last;
    while (first > this.#firstFile && this.#segments.header(first).time >= since) first--;
    for (let segment = first; segment <= last; segment++)
      this.#segments.walk(segment, (frame) => {
        if (frame.time < since) return;
        const records = frame.ids().map((recordId) => ({ recordId }));
        ids.add(records, segment, frame.offset, frame.time);
      });
    // The last one is made anew if nothing was written to it.
    this.#segments.close();
  }

  /** Counts the segments as gone whose records are all given up. The last one stays: it tells where the log is. */
  #giveUp(): void {
    const { end } = this.#state;
    for (let oldest = this.#state.oldest; oldest < end.segment; oldest++) {
      const next = this.#segments.header(oldest + 1);
      if (next.tails.some((tail, partition) => tail >= this.#state.mark(partition))) return;
      this.#state.setOldest(oldest + 1);
      this.#bytesGivenUp = next.position;
    }
  }

  /** Deletes the segments that are given up, once the ids in them are forgotten. */
  async #delete(): Promise<void> {
    while (this.#firstFile < this.#state.oldest) {
      if (this.#segments.header(this.#firstFile + 1).time > this.#now() - ID_LONGEST_MEMORY_MS) return;
      // Nobody may look for a frame in it from now on.
      const segment = this.#firstFile++;
      try {
        await disk.unlink(segmentPath(this.#directory, segment));
      } catch (error) {
        this.#firstFile = segment;
        throw notWritten(error);
      }
    }
  }
}

function checked(partition: number, partitions: number): number {
  if (!Number.isInteger(partition) || partition < 0 || partition >= partitions)
    throw new Error(`partition ${partition} of ${partitions}`);
  return partition;
}

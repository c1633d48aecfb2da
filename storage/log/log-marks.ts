/**
 * What a log was created with, and the first record of each partition that was not given up: a small file that is
 * there from the beginning and is written where it lies, so that records can be given up when the disk is full.
 *
 *     u32 magic | u32 partitions
 *     two copies of: u32 crc of what follows | u32 0 | f64 generation | f64 marks[partitions]
 *
 * They are written in turn. A write that is torn leaves the other one, which is as good: records that come back were
 * given up without need.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { fail } from '../../model/errors.ts';
import { disk, SYNCED } from './disk.ts';
import { corruptLog, notWritten } from './segment-failures.ts';

const NAME = 'marks';
const MAGIC = 0x4b4d_5054;
const FIXED_BYTES = 8;
const COPY_FIXED_BYTES = 16;

export class LogMarks {
  readonly #path: string;
  readonly #marks: Float64Array;
  #generation: number;
  #fd: number | undefined;
  /** Writes in turn, so that the two copies are never written at the same time. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(path: string, marks: Float64Array, generation: number) {
    this.#path = path;
    this.#marks = marks;
    this.#generation = generation;
  }

  /**
   * Opens the marks of a log, or makes them.
   *
   * @throws TurnpikeError `failed_precondition` if it was created with another number of partitions
   */
  static open(directory: string, partitions: number): LogMarks {
    const path = join(directory, NAME);
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      const marks = new Float64Array(partitions).fill(1);
      create(directory, path, marks);
      return new LogMarks(path, marks, 1);
    }
    if (bytes.byteLength < FIXED_BYTES || bytes.readUInt32LE(0) !== MAGIC) throw corruptLog(path, 0);
    const created = bytes.readUInt32LE(4);
    if (created !== partitions)
      fail(
        'failed_precondition',
        `the log was created with ${created} partitions and cannot be opened with ${partitions}`,
      );
    const copies = [0, 1].flatMap((copy) => decodeCopy(bytes, copy, partitions) ?? []);
    const newest = copies.toSorted((one, other) => other.generation - one.generation)[0];
    if (newest === undefined) throw corruptLog(path, FIXED_BYTES);
    return new LogMarks(path, newest.marks, newest.generation);
  }

  /** The first sequence of the partition that was not given up. */
  get(partition: number): number {
    return this.#marks[partition] as number;
  }

  /**
   * Gives up what lies before a sequence; resolves when that is on disk.
   *
   * @throws TurnpikeError `unavailable`: it may come back at the next start
   */
  async raise(partition: number, sequence: number): Promise<void> {
    this.#marks[partition] = Math.max(this.get(partition), sequence);
    const written = this.#last.then(() => this.#write());
    this.#last = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#last;
    if (this.#fd !== undefined) await disk.close(this.#fd);
    this.#fd = undefined;
  }

  async #write(): Promise<void> {
    const generation = this.#generation + 1;
    const copy = encodeCopy(this.#marks, generation);
    try {
      this.#fd ??= await disk.open(this.#path, SYNCED);
      const at = FIXED_BYTES + (generation % 2) * copy.byteLength;
      await disk.write(this.#fd, copy, 0, copy.byteLength, at);
      this.#generation = generation;
    } catch (error) {
      throw notWritten(error);
    }
  }
}

function encodeCopy(marks: Float64Array, generation: number): Buffer {
  const bytes = Buffer.alloc(COPY_FIXED_BYTES + 8 * marks.length);
  bytes.writeDoubleLE(generation, 8);
  for (const [partition, mark] of marks.entries())
    bytes.writeDoubleLE(mark, COPY_FIXED_BYTES + 8 * partition);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

function decodeCopy(bytes: Buffer, copy: 0 | 1 | number, partitions: number) {
  const length = COPY_FIXED_BYTES + 8 * partitions;
  const part = bytes.subarray(FIXED_BYTES + copy * length, FIXED_BYTES + (copy + 1) * length);
  if (part.byteLength < length || part.readUInt32LE(0) !== crc32(part.subarray(4))) return undefined;
  const marks = Float64Array.from({ length: partitions }, (_, partition) =>
    part.readDoubleLE(COPY_FIXED_BYTES + 8 * partition),
  );
  return { generation: part.readDoubleLE(8), marks };
}

/** Makes the file whole before it has its name. */
function create(directory: string, path: string, marks: Float64Array): void {
  const fixed = Buffer.alloc(FIXED_BYTES);
  fixed.writeUInt32LE(MAGIC, 0);
  fixed.writeUInt32LE(marks.length, 4);
  const unfinished = `${path}.unfinished`;
  const fd = openSync(unfinished, 'w', 0o600);
  try {
    writeSync(fd, Buffer.concat([fixed, encodeCopy(marks, 0), encodeCopy(marks, 1)]));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path);
  const folder = openSync(directory, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/**
 * The segments of the embedded log: files with a number, 1, 2, 3, … in order of their records. Each begins with
 * a header that tells where the log stood when it was begun, and goes on with frames, see `segment-frame.ts`:
 *
 *     u32 magic | u32 crc of what follows | u32 bytes | u32 partitions | f64 number | f64 position | f64 time
 *     f64 tails[partitions]
 *
 * `position` is the bytes of all segments before, so that two headers tell how much of the earlier segment counts:
 * what lies behind it was never acknowledged. `time` is that of the last record before, and `tails` the last
 * sequence of each partition. So a start reads the last segment only, a partition whose records are all gone still
 * knows its count, and a sequence is found by looking at a few headers, however long the log is.
 */
import { readSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { corruptLog } from './segment-failures.ts';

const MAGIC = 0x4753_5054;
const FIXED_BYTES = 40;
const SUFFIX = '.segment';
/** Enough digits for 16 EiB in segments of 16 MiB. */
const NAME_DIGITS = 12;

export interface SegmentHeader {
  readonly number: number;
  readonly position: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly tails: Float64Array;
}

/** Where the first frame of a segment is. */
export function headerBytes(partitions: number): number {
  return FIXED_BYTES + 8 * partitions;
}

export function segmentPath(directory: string, number: number): string {
  return join(directory, `${number}`.padStart(NAME_DIGITS, '0') + SUFFIX);
}

/** The number of the segment in a file of this name, or `undefined` if it is none. */
export function segmentNumber(fileName: string): number | undefined {
  const digits = fileName.slice(0, NAME_DIGITS);
  return fileName.slice(NAME_DIGITS) === SUFFIX && /^\d+$/.test(digits) ? Number(digits) : undefined;
}

export function encodeHeader({ number, position, time, tails }: SegmentHeader): Buffer {
  const header = Buffer.alloc(headerBytes(tails.length));
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(header.byteLength, 8);
  header.writeUInt32LE(tails.length, 12);
  header.writeDoubleLE(number, 16);
  header.writeDoubleLE(position, 24);
  header.writeDoubleLE(time, 32);
  for (const [partition, tail] of tails.entries()) header.writeDoubleLE(tail, FIXED_BYTES + 8 * partition);
  header.writeUInt32LE(crc32(header.subarray(8)), 4);
  return header;
}

/**
 * Reads the header of an open segment.
 *
 * @throws TurnpikeError `failed_precondition` if it is not what was written
 */
export function readHeader(fd: number, directory: string, number: number, partitions: number): SegmentHeader {
  const bytes = Buffer.allocUnsafeSlow(headerBytes(partitions));
  const read = readSync(fd, bytes, 0, bytes.byteLength, 0);
  const isWhole =
    read === bytes.byteLength &&
    bytes.readUInt32LE(0) === MAGIC &&
    bytes.readUInt32LE(4) === crc32(bytes.subarray(8)) &&
    bytes.readUInt32LE(12) === partitions &&
    bytes.readDoubleLE(16) === number;
  if (!isWhole) throw corruptLog(segmentPath(directory, number), 0);
  const tails = new Float64Array(partitions);
  for (let partition = 0; partition < partitions; partition++)
    tails[partition] = bytes.readDoubleLE(FIXED_BYTES + 8 * partition);
  return { number, position: bytes.readDoubleLE(24), time: bytes.readDoubleLE(32), tails };
}

/**
 * Finds where the log ends when it is opened. Only its last segment is read: what it tells of the others stands in
 * its header, and they were whole when it was begun.
 *
 * One frame is written at a time, so a process or a machine that dies leaves at most one that is not whole, and it
 * is the last: it was never acknowledged, and is cut off. If another frame follows it, something that was
 * acknowledged has been damaged, and nobody can tell what: that is an error.
 */
import { closeSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { LogMarks } from './log-marks.ts';
import { corruptLog, missingSegments } from './segment-failures.ts';
import { aligned, FRAME_FIXED_BYTES, FRAME_MAGIC, type Frame, frameAt } from './segment-frame.ts';
import { headerBytes, readHeader, segmentNumber, segmentPath } from './segment-header.ts';
import { type Chunk, readChunk } from './segment-walk.ts';

export interface Recovered {
  /** Numbers of the first and the last segment; 0 if there is none. */
  readonly oldest: number;
  readonly last: number;
  /** Where the last segment ends, and the bytes of all before it. */
  readonly offset: number;
  readonly position: number;
  readonly tails: Float64Array;
  /** Of the last record. */
  readonly time: number;
}

/** @throws TurnpikeError `failed_precondition` if something is missing or is not what was written */
export function recoverLog(directory: string, partitions: number, marks: LogMarks): Recovered {
  const { oldest, last } = segmentsIn(directory);
  const tails = new Float64Array(partitions);
  if (last === 0) {
    checkMarks(directory, oldest, tails, marks);
    return { oldest, last, offset: 0, position: 0, tails, time: 0 };
  }
  const first = readHeaderOf(directory, oldest, partitions);
  checkMarks(directory, oldest, first.tails, marks);
  const path = segmentPath(directory, last);
  const fd = openSync(path, 'r');
  try {
    const header = readHeader(fd, directory, last, partitions);
    const start = headerBytes(partitions);
    const chunk = readChunk({ fd, number: last, path }, start, Math.max(0, fstatSync(fd).size - start));
    tails.set(header.tails);
    let { time } = header;
    const end = frames(chunk, last, (frame) => {
      time = frame.time;
      for (let index = 0; index < frame.count; index++) tails[frame.partition(index)] = frame.sequence(index);
    });
    if (hasFrameAfter(chunk, last, end)) throw corruptLog(path, end);
    return { oldest, last, offset: end, position: header.position, tails, time };
  } finally {
    closeSync(fd);
  }
}

/** Visits the whole frames from the beginning on, and gives where the last one ends. */
function frames(chunk: Chunk, segment: number, visit: (frame: Frame) => void): number {
  const view = new DataView(chunk.bytes.buffer);
  let at = 0;
  while (at + FRAME_FIXED_BYTES <= chunk.bytes.byteLength) {
    const frame = frameAt(chunk.bytes, view, at, segment, chunk.offset + at);
    if (frame === undefined || !isWhole(frame, chunk)) break;
    visit(frame);
    at = frame.end - chunk.offset;
  }
  return chunk.offset + at;
}

function isWhole(frame: Frame, { offset, bytes }: Chunk): boolean {
  if (frame.end > offset + bytes.byteLength) return false;
  let at = frame.dataOffset - offset;
  for (let index = 0; index < frame.count; index++) {
    const length = frame.bytes(index);
    if (crc32(bytes.subarray(at, at + length)) !== frame.crc(index)) return false;
    at += aligned(length);
  }
  return true;
}

/** Whether a frame begins somewhere behind `end`. */
function hasFrameAfter({ offset, bytes }: Chunk, segment: number, end: number): boolean {
  const view = new DataView(bytes.buffer);
  let at = bytes.indexOf(FRAME_MAGIC, end - offset + 1);
  for (; at >= 0 && at + FRAME_FIXED_BYTES <= bytes.byteLength; at = bytes.indexOf(FRAME_MAGIC, at + 1))
    if (frameAt(bytes, view, at, segment, offset + at) !== undefined) return true;
  return false;
}

/** The last stretch of numbers without a gap. What lies before a gap was given up, and its deletion did not last. */
function segmentsIn(directory: string): { readonly oldest: number; readonly last: number } {
  const numbers = readdirSync(directory)
    .flatMap((name) => segmentNumber(name) ?? [])
    .sort((one, other) => one - other);
  const last = numbers.at(-1) ?? 0;
  let oldest = last;
  for (let at = numbers.length - 2; at >= 0 && numbers[at] === oldest - 1; at--) oldest--;
  return { oldest, last };
}

/** Whatever is not given up must be there. */
function checkMarks(directory: string, oldest: number, tails: Float64Array, marks: LogMarks): void {
  for (const [partition, tail] of tails.entries())
    if (tail >= marks.get(partition) || (oldest === 0 && marks.get(partition) > 1))
      throw missingSegments(directory, oldest);
}

function readHeaderOf(directory: string, number: number, partitions: number) {
  const fd = openSync(segmentPath(directory, number), 'r');
  try {
    return readHeader(fd, directory, number, partitions);
  } finally {
    closeSync(fd);
  }
}

/** Walking over the frames of a segment, from head to head. Reads are from the page cache, most often, and so wait for nothing. */
import { readSync } from 'node:fs';
import { corruptLog } from './segment-failures.ts';
import { FRAME_FIXED_BYTES, type Frame, frameAt, headBytesAt } from './segment-frame.ts';

/** Bytes that are read at a time, unless the head of a frame is larger. */
const READ_BYTES = 512 * 1024;

/** A segment as it is read. */
export interface SegmentFile {
  readonly fd: number;
  readonly number: number;
  readonly path: string;
}

/** A stretch of a segment. Its memory begins at an aligned address, as `offset` does. */
export interface Chunk {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Reads a stretch of a segment. @throws TurnpikeError if the file ends before it does */
export function readChunk(file: SegmentFile, offset: number, length: number): Chunk {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const read = readSync(file.fd, bytes, at, length - at, offset + at);
    if (read === 0) throw corruptLog(file.path, offset + at);
    at += read;
  }
  return { offset, bytes };
}

/**
 * Visits the frames between two places where frames begin. All of them were acknowledged.
 *
 * @returns what was read last
 * @throws TurnpikeError naming the file and the place, if a head is not what was written
 */
export function walkFrames(
  file: SegmentFile,
  from: number,
  to: number,
  visit: (frame: Frame) => void,
): Chunk | undefined {
  let chunk: Chunk | undefined;
  let wanted = READ_BYTES;
  for (let offset = from; offset < to; ) {
    chunk = readChunk(file, offset, Math.min(wanted, to - offset));
    const view = new DataView(chunk.bytes.buffer);
    wanted = READ_BYTES;
    while (offset < to) {
      const at = offset - chunk.offset;
      const there = chunk.bytes.byteLength - at;
      if (there < FRAME_FIXED_BYTES && there < to - offset) break;
      const head = there < FRAME_FIXED_BYTES ? undefined : headBytesAt(view, at);
      if (head === undefined || head > to - offset) throw corruptLog(file.path, offset);
      if (head > there) {
        wanted = Math.max(READ_BYTES, head);
        break;
      }
      const frame = frameAt(chunk.bytes, view, at, file.number, offset);
      if (frame === undefined || frame.end > to) throw corruptLog(file.path, offset);
      visit(frame);
      offset = frame.end;
    }
  }
  return chunk;
}

/** The frame that begins here. @throws TurnpikeError if none does */
export function readFrame(file: SegmentFile, offset: number): Frame {
  const fixed = readChunk(file, offset, FRAME_FIXED_BYTES).bytes;
  const head = headBytesAt(new DataView(fixed.buffer), 0);
  if (head === undefined) throw corruptLog(file.path, offset);
  const { bytes } = readChunk(file, offset, Math.max(FRAME_FIXED_BYTES, head));
  const frame = frameAt(bytes, new DataView(bytes.buffer), 0, file.number, offset);
  if (frame === undefined) throw corruptLog(file.path, offset);
  return frame;
}

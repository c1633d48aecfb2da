/**
 * The segments of the embedded log as a thread reads them: it has a few of them open, and finds those where the
 * records are that it wants by the headers.
 */
import { closeSync, openSync } from 'node:fs';
import { limits } from '../../limits.ts';
import { ChunkCache } from './chunk-cache.ts';
import type { LogState } from './log-state.ts';
import type { Frame } from './segment-frame.ts';
import { headerBytes, readHeader, type SegmentHeader, segmentPath } from './segment-header.ts';
import { SegmentIndex } from './segment-index.ts';
import { readFrame, type SegmentFile, walkFrames } from './segment-walk.ts';

export interface Segment extends SegmentFile {
  readonly index: SegmentIndex;
  readonly header: SegmentHeader;
  /** Where its last frame ends, once another segment was begun. */
  end: number | undefined;
}

export class Segments {
  /** What was read of them of late. */
  readonly chunks = new ChunkCache();
  readonly #directory: string;
  readonly #state: LogState;
  /** In the order of their last use. */
  readonly #open = new Map<number, Segment>();

  constructor(directory: string, state: LogState) {
    this.#directory = directory;
    this.#state = state;
  }

  /** The segment that has this record, which is durable and not given up, with all that it holds by now. */
  holding(partition: number, sequence: number): Segment {
    for (;;) {
      const oldest = this.#state.oldest;
      try {
        const segment = this.#segment(this.#find(partition, sequence, oldest));
        this.refresh(segment);
        return segment;
      } catch (error) {
        // Records were given up meanwhile, and segments that were looked at with them.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || this.#state.oldest === oldest) throw error;
      }
    }
  }

  /** Takes in what a segment holds by now. */
  refresh(segment: Segment): void {
    const read = segment.index.follow(this.#endOf(segment));
    if (read) this.chunks.add(segment.number, read);
  }

  /** Whether it is open still: one that is not must not be read. */
  has(segment: Segment): boolean {
    return this.#open.get(segment.number) === segment;
  }

  /** A frame that is known to begin here. */
  frame(segment: number, offset: number): Frame {
    return readFrame(this.#segment(segment), offset);
  }

  /** Visits all frames of a segment. */
  walk(number: number, visit: (frame: Frame) => void): void {
    const segment = this.#segment(number);
    walkFrames(segment, headerBytes(this.#state.partitions), this.#endOf(segment), visit);
  }

  header(number: number): SegmentHeader {
    const open = this.#open.get(number);
    if (open) return open.header;
    const fd = openSync(segmentPath(this.#directory, number), 'r');
    try {
      return readHeader(fd, this.#directory, number, this.#state.partitions);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    for (const { fd } of this.#open.values()) closeSync(fd);
    this.#open.clear();
  }

  /** The last segment that was begun before the record came. */
  #find(partition: number, sequence: number, oldest: number): number {
    let first = oldest;
    let last = this.#state.end.segment;
    while (first < last) {
      const middle = Math.ceil((first + last) / 2);
      if ((this.header(middle).tails[partition] as number) < sequence) first = middle;
      else last = middle - 1;
    }
    return first;
  }

  #endOf(segment: Segment): number {
    if (segment.end !== undefined) return segment.end;
    const end = this.#state.end;
    if (end.segment === segment.number) return end.offset;
    segment.end = this.header(segment.number + 1).position - segment.header.position;
    return segment.end;
  }

  #segment(number: number): Segment {
    const open = this.#open.get(number) ?? this.#openSegment(number);
    this.#open.delete(number);
    this.#open.set(number, open);
    for (const [other, { fd }] of this.#open) {
      // A file that was deleted takes its room until it is closed.
      const isUnwanted = this.#open.size > limits.logSegmentsOpen || other < this.#state.oldest;
      if (other === number || !isUnwanted) continue;
      closeSync(fd);
      this.#open.delete(other);
    }
    return open;
  }

  #openSegment(number: number): Segment {
    const path = segmentPath(this.#directory, number);
    const fd = openSync(path, 'r');
    try {
      const header = readHeader(fd, this.#directory, number, this.#state.partitions);
      const index = new SegmentIndex({ fd, number, path }, headerBytes(this.#state.partitions));
      return { fd, number, path, header, index, end: undefined };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
}

import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aligned, type Frame, FrameHead, type FrameRecord, frameAt } from './segment-frame.ts';

const SEGMENT = 7;
const OFFSET = 4_096;

interface Sent {
  readonly partition: number;
  readonly recordId: string;
  readonly data: Uint8Array;
}

const sent = fc.record({
  partition: fc.nat(1_023),
  recordId: fc.oneof(
    fc.constantFrom('one', 'two'),
    fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  ),
  data: fc.uint8Array({ maxLength: 50 }),
});
const commits = fc.array(sent, { minLength: 1, maxLength: 20 });

function recordsOf(commit: readonly Sent[]): FrameRecord[] {
  return commit.map(({ partition, recordId, data }, index) => ({
    partition,
    recordId,
    sequence: 2 ** 40 + index,
    bytes: data.byteLength,
    crc: crc32(data),
  }));
}

function encode(commit: readonly Sent[]): Buffer {
  return Buffer.from(new FrameHead().encode(recordsOf(commit), 1_700_000_000_000.5, SEGMENT, OFFSET));
}

function decode(head: Buffer, segment = SEGMENT, offset = OFFSET): Frame | undefined {
  return frameAt(head, new DataView(head.buffer, head.byteOffset), 0, segment, offset);
}

describe('the head of a frame', () => {
  test('tells of each record what was said of it, and where the frame ends', () => {
    fc.assert(
      fc.property(commits, (commit) => {
        const head = encode(commit);
        const frame = decode(head) as Frame;
        const ids = frame.ids();
        const records = commit.map((_, index) => ({
          partition: frame.partition(index),
          recordId: ids[frame.idIndex(index)],
          sequence: frame.sequence(index),
          bytes: frame.bytes(index),
          crc: frame.crc(index),
        }));
        const data = commit.reduce((sum, { data: { byteLength } }) => sum + aligned(byteLength), 0);
        expect(frame.count).toBe(commit.length);
        // Half a surrogate pair is no character, and is not kept.
        expect(records).toEqual(
          recordsOf(commit).map((record) => ({ ...record, recordId: record.recordId.toWellFormed() })),
        );
        expect(frame.time).toBe(1_700_000_000_000.5);
        expect(head.byteLength % 8).toBe(0);
        expect(frame.end).toBe(OFFSET + head.byteLength + data);
      }),
    );
  });

  test('has an id once that several records in a row have', () => {
    const data = new Uint8Array(3);
    const frame = decode(encode([0, 1, 2].map((partition) => ({ partition, recordId: 'same', data }))));
    expect(frame?.ids()).toEqual(['same']);
  });

  test('is none with any bit of it changed', () => {
    fc.assert(
      fc.property(commits, fc.nat(), fc.nat(7), (commit, place, bit) => {
        const head = encode(commit);
        const at = place % head.byteLength;
        head[at] = (head[at] as number) ^ (1 << bit);
        expect(decode(head)).toBeUndefined();
      }),
    );
  });

  test('is none when its end is missing', () => {
    const head = encode([{ partition: 0, recordId: 'a', data: new Uint8Array(9) }]);
    for (let bytes = 32; bytes < head.byteLength; bytes++)
      expect(decode(head.subarray(0, bytes))).toBeUndefined();
  });

  test('is none anywhere else', () => {
    const head = encode([{ partition: 0, recordId: 'a', data: new Uint8Array(9) }]);
    expect(decode(head, SEGMENT, OFFSET + 8)).toBeUndefined();
    expect(decode(head, SEGMENT + 1, OFFSET)).toBeUndefined();
  });
});

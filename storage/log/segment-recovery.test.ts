import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/temporary.ts';
import type { LogRecord } from './port.ts';
import { encodeHeader, headerBytes, segmentPath } from './segment-header.ts';
import { openSegmentLog, type SegmentLog } from './segment-log.ts';

const MINUTE = 60_000;
/** Each record has a segment of its own. */
const SMALL = 100;

describe('the embedded log', () => {
  let folder: TemporaryFolder;
  let directory: string;
  let now = 0;
  let segmentBytes: number | undefined;
  const open = (): SegmentLog =>
    openSegmentLog({
      directory,
      partitions: 2,
      now: () => now,
      ...(segmentBytes === undefined ? {} : { segmentBytes }),
    });

  beforeEach(() => {
    folder = temporaryFolder('recovery');
    directory = join(folder.path, 'log');
    now = 1_700_000_000_000;
    segmentBytes = undefined;
  });
  afterEach(() => folder[Symbol.dispose]());

  /** Appends records 1 to `count` to partition 0, a commit each, and closes. Gives where each of them ends. */
  async function fill(count: number): Promise<number[]> {
    const log = open();
    const ends: number[] = [];
    for (let n = 1; n <= count; n++) {
      await log.append(0, `id-${n}`, Buffer.from(`record ${n}`));
      ends.push(log.bytes);
    }
    await log.close();
    return ends;
  }

  async function read(log: SegmentLog, from = 1): Promise<string[]> {
    const records: LogRecord[] = [];
    for await (const batch of log.read(0, from)) {
      records.push(...batch);
      if (batch.at(-1)?.sequence === log.tail(0)) break;
    }
    return records.map(({ sequence, data }) => `${sequence}: ${Buffer.from(data)}`);
  }

  const expected = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `${index + 1}: record ${index + 1}`);
  const files = (): string[] => readdirSync(directory).filter((name) => name.endsWith('.segment'));

  function flip(path: string, at: number): void {
    const fd = openSync(path, 'r+');
    const byte = readFileSync(path)[at] as number;
    writeSync(fd, Uint8Array.of(byte ^ 1), 0, 1, at);
    closeSync(fd);
  }

  describe('after a crash', () => {
    test('has all but the commit that is torn, wherever it is torn, and goes on behind it', async () => {
      const ends = await fill(3);
      const kept = join(folder.path, 'kept');
      cpSync(directory, kept, { recursive: true });
      const from = ends[1] as number;
      const to = ends[2] as number;
      const damages = fc.tuple(
        fc.integer({ min: from, max: to - 1 }),
        fc.constantFrom('cut', 'flipped', 'zeros'),
      );
      await fc.assert(
        fc.asyncProperty(damages, async ([at, damage]) => {
          rmSync(directory, { recursive: true });
          cpSync(kept, directory, { recursive: true });
          const path = segmentPath(directory, 1);
          if (damage === 'flipped') flip(path, at);
          else truncateSync(path, at);
          if (damage === 'zeros') truncateSync(path, to + 4_096);
          const log = open();
          expect(log.tail(0)).toBe(2);
          expect(await log.append(0, 'again', Buffer.from('record 3'))).toBe(3);
          await log.close();
          const again = open();
          expect(await read(again)).toEqual(expected(3));
          await again.close();
        }),
        { numRuns: 40 },
      );
    });

    test('goes on where a segment was begun and nothing was written to it', async () => {
      const [end] = await fill(1);
      const tails = Float64Array.of(1, 0);
      writeFileSync(
        segmentPath(directory, 2),
        encodeHeader({ number: 2, position: end as number, time: now, tails }),
      );
      writeFileSync(join(directory, 'unfinished'), 'half a header');
      const log = open();
      expect(await log.append(0, 'id-2', Buffer.from('record 2'))).toBe(2);
      expect(await read(log)).toEqual(expected(2));
      await log.close();
    });
  });

  describe('when something that was acknowledged is damaged', () => {
    test('refuses to open if it is in the last segment, and says where', async () => {
      const [end] = await fill(2);
      const path = segmentPath(directory, 1);
      flip(path, (end as number) - 1);
      expect(open).toThrow(`${path} at byte ${headerBytes(2)} does not hold what was written`);
    });

    test('says where when it is read, if it lies before', async () => {
      segmentBytes = SMALL;
      await fill(3);
      const path = segmentPath(directory, 2);
      const at = readFileSync(path).indexOf('record 2');
      flip(path, at);
      const log = open();
      await expect(read(log)).rejects.toThrow(`${path} at byte ${at}`);
      expect(await read(log, 3)).toEqual(['3: record 3']);
      await log.close();
    });

    test('refuses to open if it is the header of the first or the last segment, anywhere in it', async () => {
      segmentBytes = SMALL;
      await fill(2);
      for (const segment of [1, 2])
        for (let at = 0; at < headerBytes(2); at++) {
          const path = segmentPath(directory, segment);
          flip(path, at);
          expect(open).toThrow(`${path} at byte 0`);
          flip(path, at);
        }
    });

    test('refuses to open without a segment whose records were not given up', async () => {
      segmentBytes = SMALL;
      await fill(3);
      rmSync(segmentPath(directory, 1));
      expect(open).toThrow(`${directory} lacks segments before number 2`);
    });

    test('takes the other copy of what was given up', async () => {
      await fill(3);
      const log = open();
      await log.trim(0, 2);
      await log.trim(0, 3);
      await log.close();
      const marks = join(directory, 'marks');
      flip(marks, 8 + (readFileSync(marks).byteLength - 8) / 2);
      const again = open();
      expect((await read(again))[0]).toBe('2: record 2');
      await again.close();
    });
  });

  describe('where the disk does not take a commit', () => {
    test('refuses it with `unavailable`, and goes on without a gap when it does again', async () => {
      segmentBytes = SMALL;
      await fill(1);
      const obstacle = join(directory, 'unfinished');
      mkdirSync(obstacle);
      const log = open();
      await expect(log.append(0, 'lost', Buffer.from('lost'))).rejects.toMatchObject({
        failure: { code: 'unavailable' },
      });
      rmSync(obstacle, { recursive: true });
      expect(await log.append(0, 'id-2', Buffer.from('record 2'))).toBe(2);
      expect(await read(log)).toEqual(expected(2));
      await log.close();
    });
  });

  describe('trimmed', () => {
    beforeEach(() => {
      segmentBytes = SMALL;
    });

    test('no longer counts the bytes of segments that hold nothing else', async () => {
      await fill(4);
      const log = open();
      const { bytes } = log;
      await log.trim(0, 4);
      expect(log.bytes).toBe(bytes / 4);
      await log.close();
    });

    test('deletes them once the ids in them are forgotten', async () => {
      await fill(4);
      const log = open();
      now += 3 * MINUTE;
      await log.trim(0, 3);
      expect(files()).toHaveLength(4);
      now += MINUTE;
      await log.trim(0, 4);
      expect(files()).toHaveLength(1);
      await log.close();
    });

    test('keeps a segment with a record of another partition', async () => {
      const log = open();
      await log.append(0, 'a', Buffer.from('a'));
      await log.append(1, 'b', Buffer.from('b'));
      await log.append(0, 'c', Buffer.from('c'));
      now += 10 * MINUTE;
      await log.trim(0, 3);
      expect(existsSync(segmentPath(directory, 1))).toBe(false);
      expect(existsSync(segmentPath(directory, 2))).toBe(true);
      await log.close();
    });

    test('is trimmed still when it is opened again', async () => {
      await fill(4);
      const log = open();
      await log.trim(0, 3);
      await log.close();
      const again = open();
      expect(await read(again)).toEqual(expected(4).slice(2));
      await again.close();
    });
  });

  test('forgets an id whose segment was deleted, also if nothing was appended since', async () => {
    segmentBytes = SMALL;
    await fill(3);
    const log = open();
    now += 10 * MINUTE;
    await log.trim(0, 3);
    expect(files()).toHaveLength(1);
    expect(await log.append(0, 'id-1', Buffer.from('record 4'))).toBe(4);
    await log.close();
  });

  test('tells an id of a record that was trimmed', async () => {
    segmentBytes = SMALL;
    await fill(3);
    const log = open();
    await log.trim(0, 3);
    expect(await log.append(0, 'id-1', Buffer.from('record 1'))).toBe(1);
    await log.close();
  });
});

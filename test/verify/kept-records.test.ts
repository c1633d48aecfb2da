import { afterEach, beforeEach, expect, test } from 'vitest';
import { keptRecords } from '../../cli/verify/kept-records.ts';
import { fail } from '../../model/errors.ts';
import { openSegmentLog, type SegmentLog } from '../../storage/log/segment-log.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';

let folder: TemporaryFolder;
let log: SegmentLog;
beforeEach(async () => {
  folder = temporaryFolder('kept');
  log = openSegmentLog({ directory: folder.path, partitions: 1 });
  const numbers = Array.from({ length: 600 }, (_, index) => index);
  await Promise.all(numbers.map((number) => log.append(0, String(number), Buffer.of(3))));
});
afterEach(async () => {
  await log.close();
  folder[Symbol.dispose]();
});

async function sequences(from: number, to: number): Promise<number[]> {
  const read: number[] = [];
  for await (const records of keptRecords({ log, isLive: false }, 0, from, to))
    read.push(...records.map(({ sequence }) => sequence));
  return read;
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

test.each([
  [1, 600],
  [1, 1],
  [300, 599],
  [600, 600],
  [5, 4],
])('reads from %i to %i, and ends', async (from, to) => {
  expect(await sequences(from, to)).toEqual(range(from, to));
});

test('begins with the first record that was kept', async () => {
  await log.trim(0, 400);
  expect(await sequences(1, 500)).toEqual(range(400, 500));
  expect(await sequences(1, 399)).toEqual([]);
});

test('ends where nothing was kept', async () => {
  await log.trim(0, 601);
  expect(await sequences(1, 600)).toEqual([]);
});

test('does not take a log that is out of reach for one that has nothing', async () => {
  await log.trim(0, 601);
  const away = {
    read: log.read.bind(log),
    lastSequence: async (): Promise<number> => fail('unavailable', 'away'),
  };
  const reading = keptRecords({ log: away, isLive: false }, 0, 1, 600);
  await expect(reading.next()).rejects.toThrow('away');
});

test('does not take a log that stops in the middle for one that was read', async () => {
  const first = log.read(0, 1);
  const stopping = { read: () => first, lastSequence: () => log.lastSequence(0) };
  const reading = keptRecords({ log: stopping, isLive: false }, 0, 1, 600);
  expect((await reading.next()).done).toBe(false);
  first.close();
  await expect(reading.next()).rejects.toThrow('the log of partition 0 has stopped');
});

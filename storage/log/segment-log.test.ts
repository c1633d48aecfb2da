import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { type TemporaryFolder, temporaryFolder } from '../../test/support/temporary.ts';
import { openSegmentLog, type SegmentLog } from './segment-log.ts';

const MINUTE = 60_000;

describe('the embedded log', () => {
  let folder: TemporaryFolder;
  let directory: string;
  let log: SegmentLog;
  let now = 0;
  const open = (partitions = 2): SegmentLog => openSegmentLog({ directory, partitions, now: () => now });
  beforeEach(() => {
    folder = temporaryFolder('log');
    // A directory with a dot is a directory all the same.
    directory = join(folder.path, 'log.d');
    now = 1_700_000_000_000;
    log = open();
  });
  afterEach(async () => {
    await log.close();
    folder[Symbol.dispose]();
  });

  test('keeps the number of partitions it was created with', async () => {
    await log.close();
    expect(() => open(3)).toThrow('created with 2 partitions and cannot be opened with 3');
    log = open();
  });

  test('tells the last sequence without waiting', async () => {
    expect(log.tail(1)).toBe(0);
    await log.append(1, 'a', Buffer.from('a'));
    expect(log.tail(1)).toBe(1);
  });

  test('knows an id for at least two minutes, also over restarts, and forgets it in the end', async () => {
    await log.append(0, 'first', Buffer.from('a'));
    now += 2 * MINUTE;
    await log.append(0, 'second', Buffer.from('b'));
    now += 2 * MINUTE - 1;
    await log.close();
    log = open();
    expect(await log.append(0, 'second', Buffer.from('b'))).toBe(2);
    now += 1;
    expect(await log.append(0, 'third', Buffer.from('c'))).toBe(3);
    expect(await log.append(0, 'second', Buffer.from('b'))).toBe(2);
    expect(await log.append(0, 'first', Buffer.from('a'))).toBe(4);
  });

  test('takes a copy: the caller may change the data at once', async () => {
    const data = Buffer.from('before');
    const appended = log.append(0, 'a', data);
    data.write('AFTER!');
    await appended;
    for await (const [record] of log.read(0, 1)) {
      expect(Buffer.from(record?.data ?? []).toString()).toBe('before');
      break;
    }
  });

  test('refuses what exceeds the bytes that may wait, and takes more when they are committed', async () => {
    const data = Buffer.alloc(limits.recordBytes);
    const fit = Math.floor(limits.logBytesWaiting / limits.recordBytes);
    const taken = Array.from({ length: fit }, (_, i) => log.append(0, `${i}`, data));
    await expect(log.append(1, 'too much', data)).rejects.toMatchObject({ failure: { code: 'unavailable' } });
    await Promise.all(taken);
    expect(log.tail(0)).toBe(fit);
    expect(await log.append(1, 'too much', data)).toBe(1);
  });

  test('holds wrong arguments to be bugs', () => {
    expect(() => log.append(2, 'a', Buffer.from('a'))).toThrow('partition 2 of 2');
    expect(() => log.append(0, '', Buffer.from('a'))).toThrow('record id');
    expect(() => log.append(0, 'a', Buffer.alloc(limits.recordBytes + 1))).toThrow('bytes');
  });

  test('is open once at a time, and to others when it was closed', async () => {
    expect(open).toThrow('another process writes to this log');
    await log.append(0, 'a', Buffer.from('a'));
    await log.close();
    log = open();
    expect(log.tail(0)).toBe(1);
  });
});

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary.ts';
import { openSegmentLog } from './segment-log.ts';

const failing = vi.hoisted(() => ({ writes: false }));

/** A disk that has taken all of a write, and then says that it failed. */
vi.mock('./disk.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('./disk.ts')>();
  const writev = async <Data extends readonly NodeJS.ArrayBufferView[]>(
    fd: number,
    data: Data,
    at?: number,
  ) => {
    const written = await original.disk.writev(fd, data, at);
    if (failing.writes) throw new Error('EIO: i/o error, write');
    return written;
  };
  return { ...original, disk: { ...original.disk, writev } };
});

afterEach(() => {
  failing.writes = false;
});

test('what a write held that failed is not there after a crash', async () => {
  using folder = temporaryFolder('writer');
  const [directory, crashed] = [join(folder.path, 'log'), join(folder.path, 'crashed')];
  const log = openSegmentLog({ directory, partitions: 1 });
  await log.append(0, 'stored', Buffer.from('stored'));
  failing.writes = true;
  await expect(log.append(0, 'refused', Buffer.from('refused'))).rejects.toMatchObject({
    failure: { code: 'unavailable' },
  });
  cpSync(directory, crashed, { recursive: true });
  await log.close();

  const again = openSegmentLog({ directory: crashed, partitions: 1 });
  expect(again.tail(0)).toBe(1);
  failing.writes = false;
  expect(await again.append(0, 'refused', Buffer.from('refused'))).toBe(2);
  await again.close();
});

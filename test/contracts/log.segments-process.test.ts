/** What the embedded log promises beyond the contract: other threads, kills, full disks. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSegmentLog } from '../../storage/log/segment-log.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { waitFor } from '../support/wait.ts';
import { take } from './log.contract.ts';
import { type CompiledStorage, compileStorage } from './support/compiled-storage.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('the log in segments', () => {
  let storage: CompiledStorage;
  let folder: TemporaryFolder;
  let directory: string;
  let module: string;
  beforeAll(() => {
    storage = compileStorage();
    module = storage.module('storage/log/segment-log.js');
  });
  afterAll(() => storage[Symbol.dispose]());
  beforeEach(() => {
    folder = temporaryFolder('log');
    directory = join(folder.path, 'log');
  });
  afterEach(() => folder[Symbol.dispose]());

  test('has every acknowledged record after a kill, and no gap', async () => {
    const partitions = 3;
    const acknowledged = new Map<string, string>();
    for (let round = 1; round <= 4; round++) {
      const child = spawn(process.execPath, [
        fixture('append-forever.mjs'),
        module,
        directory,
        `${partitions}`,
      ]);
      const exit = once(child, 'exit');
      let rest = '';
      const enough = acknowledged.size + 300;
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const [partition, sequence, id] = line.split(' ');
          acknowledged.set(`${partition} ${sequence}`, id as string);
        }
        if (acknowledged.size >= enough) child.kill('SIGKILL');
      });
      await exit;

      const log = openSegmentLog({ directory, partitions });
      for (let partition = 0; partition < partitions; partition++) {
        const records = await take(log, partition, 1, log.tail(partition));
        expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, i) => i + 1));
        for (const { sequence, data } of records) {
          const id = acknowledged.get(`${partition} ${sequence}`);
          acknowledged.delete(`${partition} ${sequence}`);
          if (id !== undefined) expect(Buffer.from(data).toString().startsWith(`${id} `)).toBe(true);
        }
      }
      await log.close();
      expect(acknowledged.size).toBe(0);
    }
  });

  test('on a full disk refuses with `unavailable`, stores nothing of it, and goes on after trimming', async () => {
    // A limit on the size of files fails a write as a full disk does; the signal that goes with it is ignored.
    const script = `trap '' XFSZ; ulimit -f 6000; exec "$0" "$@"`;
    const args = ['-c', script, process.execPath, fixture('fill-disk.mjs'), module, directory];
    const { stdout } = await promisify(execFile)('bash', args);
    const { codes, tail, records, next } = JSON.parse(stdout);
    expect(codes).toEqual(['unavailable', 'unavailable']);
    expect(tail).toBeGreaterThan(20);
    expect(records).toEqual(Array.from({ length: tail }, (_, i) => i + 1));
    expect(next).toBe(tail + 1);
  });

  test('is read by other threads, at once and as it grows, with aligned data', async () => {
    const log = openSegmentLog({ directory, partitions: 2 });
    for (let i = 1; i <= 500; i++) void log.append(1, `first-${i}`, Buffer.from(`record ${i}`));
    await log.append(0, 'elsewhere', Buffer.from('x'));
    await log.append(1, 'first-501', Buffer.from('record 501'));
    const workers = [1, 2].map(
      () =>
        new Worker(fixture('read-log.mjs'), {
          workerData: { module, handle: log.share(), partition: 1, until: 1_000 },
        }),
    );
    const seen = workers.map((worker) => {
      const messages: { last?: number; records: [number, string, number][] } = { records: [] };
      worker.on('message', ({ last, records }) => {
        if (last !== undefined) messages.last = last;
        else messages.records.push(...records);
      });
      return { worker, messages };
    });
    const exits = workers.map((worker) => once(worker, 'exit'));
    await waitFor('both workers to read what is there', () =>
      seen.every(({ messages }) => messages.records.length >= 501),
    );
    for (let i = 502; i <= 1_000; i++) await log.append(1, `second-${i}`, Buffer.from(`record ${i}`));
    await Promise.all(exits);
    for (const { messages } of seen) {
      expect(messages.last).toBe(501);
      expect(messages.records).toEqual(
        Array.from({ length: 1_000 }, (_, i) => [i + 1, `record ${i + 1}`, 0]),
      );
    }
    await log.close();
  });
});

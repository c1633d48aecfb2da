import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLmdbSnapshots } from '../../storage/snapshots/lmdb.ts';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { describeSnapshotsContract, type SnapshotsEngine } from './snapshots.contract.ts';
import { describeSnapshotWatchContract } from './snapshots-watch.contract.ts';
import { type CompiledStorage, compileStorage } from './support/compiled-storage.ts';

const makeEngine = async (): Promise<SnapshotsEngine> => {
  const folder = temporaryFolder('snapshots');
  return {
    atomic: true,
    controlsTime: true,
    open: async (options) => openLmdbSnapshots({ directory: folder.path, ...options }),
    dispose: async () => folder[Symbol.dispose](),
  };
};
describeSnapshotsContract('LMDB', makeEngine);
describeSnapshotWatchContract('LMDB', makeEngine);

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

describe('snapshots on LMDB, in several threads and processes', () => {
  let storage: CompiledStorage;
  let folder: TemporaryFolder;
  let module: string;
  beforeAll(() => {
    storage = compileStorage();
    module = storage.module('storage/snapshots/lmdb.js');
  });
  afterAll(() => storage[Symbol.dispose]());
  beforeEach(() => {
    folder = temporaryFolder('snapshots');
  });
  afterEach(() => folder[Symbol.dispose]());

  test('threads that change one document by compare-and-set lose no change', async () => {
    const rounds = 100;
    const snapshots = openLmdbSnapshots({ directory: folder.path });
    const workers = Array.from(
      { length: 3 },
      () => new Worker(fixture('increment.mjs'), { workerData: { module, directory: folder.path, rounds } }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    const counter = await snapshots.get('counter');
    expect(Buffer.from(counter?.value ?? []).toString()).toBe(`${3 * rounds}`);
    await snapshots.close();
  });

  test('a commit that was acknowledged before a kill is there, and none is there in part', async () => {
    for (let round = 0; round < 3; round++) {
      const child = spawn(process.execPath, [fixture('commit-forever.mjs'), module, folder.path]);
      const exit = once(child, 'exit');
      let acknowledged = 0;
      const enough = 100 * (round + 1);
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        // The last line may be cut: take the last whole one.
        acknowledged = Number(text.split('\n').at(-2) ?? acknowledged);
        if (acknowledged >= enough) child.kill('SIGKILL');
      });
      await exit;
      const snapshots = openLmdbSnapshots({ directory: folder.path });
      const values: number[] = [];
      for await (const { value } of snapshots.list('part/'))
        values.push(Number(Buffer.from(value).toString()));
      expect(values).toHaveLength(8);
      expect(new Set(values).size).toBe(1);
      expect(values[0]).toBeGreaterThanOrEqual(acknowledged);
      await snapshots.close();
    }
  });
});

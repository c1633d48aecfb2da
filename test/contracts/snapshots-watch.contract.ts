/** What following documents means, on every store of snapshots: the sentences of `Snapshots.watch`. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Snapshot, Snapshots, SnapshotWatch } from '../../storage/snapshots/port.ts';
import { waitFor } from '../support/wait.ts';
import type { SnapshotsEngine } from './snapshots.contract.ts';

/** A view that is fed by a watch: the last value of each key. */
export class WatchedView {
  readonly values = new Map<string, string>();
  /** How often something was handed out. */
  count = 0;

  readonly put = ({ key, value }: Snapshot): void => {
    this.values.set(key, Buffer.from(value).toString('latin1'));
    this.count++;
  };
}

export function describeSnapshotWatchContract(
  name: string,
  makeEngine: () => Promise<SnapshotsEngine>,
): void {
  describe(`following snapshots on ${name}`, () => {
    let engine: SnapshotsEngine;
    let snapshots: Snapshots;
    let view: WatchedView;
    const put = (key: string, value: string): Promise<number[]> =>
      snapshots.commit([{ key, value: Buffer.from(value, 'latin1') }]);
    const follow = (prefix = 'summary/'): Promise<SnapshotWatch> => snapshots.watch(prefix, view.put);
    const listed = async (prefix: string): Promise<Map<string, string>> => {
      const found = new WatchedView();
      for await (const snapshot of snapshots.list(prefix)) found.put(snapshot);
      return found.values;
    };

    beforeEach(async () => {
      engine = await makeEngine();
      snapshots = await engine.open({ now: Date.now });
      view = new WatchedView();
    });
    afterEach(async () => {
      await snapshots.close();
      await engine.dispose();
    });

    test('hands out first what is there, and nothing else', async () => {
      const keys = Array.from({ length: 300 }, (_, i) => `summary/${i}`);
      await snapshots.commit(keys.map((key) => ({ key, value: Buffer.from(key) })));
      for (const key of ['summary', 'summaries/1', 'other/summary/1']) await put(key, key);
      await follow();
      expect(new Set(view.values.keys())).toEqual(new Set(keys));
      for (const [key, value] of view.values) expect(value).toBe(key);
    });

    test('of nothing waits for nothing', async () => {
      await follow();
      expect(view.count).toBe(0);
      await put('summary/first', 'x');
      await waitFor('the first document', () => view.values.get('summary/first') === 'x');
    });

    test('hands out what is written, whoever writes it, and leaves out other documents', async () => {
      const other = await engine.open({ now: Date.now });
      await put('summary/a', 'old');
      await follow();
      await put('summary/a', 'new');
      await put('elsewhere', 'x');
      await other.commit([
        { key: 'summary/b', value: Buffer.from('1') },
        { key: 'summaries', value: Buffer.from('x') },
        { key: 'summary/c', value: Buffer.from('1') },
      ]);
      await other.commit([{ key: 'summary/b', value: Buffer.from('2') }]);
      const expected = new Map([
        ['summary/a', 'new'],
        ['summary/b', '2'],
        ['summary/c', '1'],
      ]);
      await waitFor('all changes', () => view.values.size === 3 && view.values.get('summary/b') === '2');
      expect(view.values).toEqual(expected);
      await other.close();
    });

    test('takes any prefix', async () => {
      for (const key of ['a', 'ab/c', 'ab.c', 'b']) await put(key, '1');
      await follow('a');
      expect([...view.values.keys()].sort()).toEqual(['a', 'ab.c', 'ab/c']);
      const all = new WatchedView();
      await snapshots.watch('', all.put);
      await put('ab', '2');
      await put('b', '2');
      await waitFor('the changes', () => view.values.get('ab') === '2' && all.values.get('b') === '2');
      expect(view.values.size).toBe(4);
      expect(all.values.size).toBe(5);
    });

    test('ends with the last state of each document, however fast they change', async () => {
      const writing = Promise.all(
        Array.from({ length: 8 }, async (_, writer) => {
          for (let i = 0; i < 60; i++) await put(`summary/${writer}/${i % 7}`, `${i}`);
        }),
      );
      await follow();
      await writing;
      const last = await listed('summary/');
      expect(last.size).toBe(56);
      await waitFor('the last changes', () =>
        [...last].every(([key, value]) => view.values.get(key) === value),
      );
    });

    test('goes on where documents are deleted, and hands out what is written there again', async () => {
      await put('summary/a', '1');
      await follow();
      await snapshots.commit([{ key: 'summary/a', value: undefined }]);
      await put('summary/b', '1');
      await put('summary/a', '2');
      await waitFor('what was written again', () => view.values.get('summary/a') === '2');
      expect(view.values.get('summary/b')).toBe('1');
    });

    test('hands out large documents whole', async () => {
      const [before, after] = [randomBytes(2 ** 21), randomBytes(3 * 2 ** 20)].map((data) =>
        data.toString('latin1'),
      ) as [string, string];
      await put('summary/large', before);
      await follow();
      expect(view.values.get('summary/large') === before).toBe(true);
      await put('summary/large', after);
      await put('summary/small', 'x');
      await waitFor('the small document', () => view.values.has('summary/small'));
      await waitFor('the large document', () => view.values.get('summary/large') !== before);
      expect(view.values.get('summary/large') === after).toBe(true);
    });

    test('ends when it is closed, and hands out nothing any more', async () => {
      const watch = await follow();
      const beside = new WatchedView();
      await snapshots.watch('summary/', beside.put);
      watch.close();
      expect(await watch.ended).toBeUndefined();
      await put('summary/a', '1');
      await waitFor('the other view', () => beside.count > 0);
      expect(view.count).toBe(0);
      watch.close();
    });

    test('ends with the store', async () => {
      const watch = await follow();
      await snapshots.close();
      expect(await watch.ended).toBeUndefined();
      snapshots = await engine.open({ now: Date.now });
    });

    test('ends with what the receiver throws', async () => {
      const failure = new Error('of the receiver');
      const watch = await snapshots.watch('summary/', () => {
        throw failure;
      });
      await put('summary/a', '1');
      expect(await watch.ended).toBe(failure);
      await expect(
        snapshots.watch('summary/', () => {
          throw failure;
        }),
      ).rejects.toBe(failure);
    });
  });
}

/** What every store of snapshots must do: the sentences of `storage/snapshots/port.ts`, as tests. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  keyPart,
  type Lease,
  RevisionConflict,
  type Snapshot,
  type Snapshots,
  type SnapshotWrite,
} from '../../storage/snapshots/port.ts';

export interface SnapshotsEngine {
  /** Whether a commit writes all or nothing. Otherwise it may stop after any prefix. */
  readonly atomic: boolean;
  /** Whether `open` obeys the clock that it is given. */
  readonly controlsTime: boolean;
  /** Opens the store; again, beside it or after it was closed: the same store. */
  open(options: { now: () => number }): Promise<Snapshots>;
  /** Removes all that was stored. */
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (snapshot: Snapshot | undefined): string | undefined =>
  snapshot && Buffer.from(snapshot.value).toString();

export function describeSnapshotsContract(name: string, makeEngine: () => Promise<SnapshotsEngine>): void {
  describe(`snapshots on ${name}`, () => {
    let engine: SnapshotsEngine;
    let snapshots: Snapshots;
    let now: number;
    const open = (): Promise<Snapshots> => engine.open({ now: () => now });
    const put = async (key: string, value: string, expected?: number): Promise<number> => {
      const write = { key, value: bytes(value) };
      const [revision] = await snapshots.commit([expected === undefined ? write : { ...write, expected }]);
      return revision as number;
    };
    const remove = (key: string, expected?: number): Promise<number[]> =>
      snapshots.commit([{ key, value: undefined, ...(expected === undefined ? {} : { expected }) }]);
    const list = async (prefix: string): Promise<Snapshot[]> => {
      const found: Snapshot[] = [];
      for await (const snapshot of snapshots.list(prefix)) found.push(snapshot);
      return found;
    };
    const keysOf = async (prefix: string): Promise<string[]> => (await list(prefix)).map(({ key }) => key);

    beforeEach(async () => {
      now = 1_700_000_000_000;
      engine = await makeEngine();
      snapshots = await open();
    });
    afterEach(async () => {
      await snapshots.close();
      await engine.dispose();
    });

    describe('a document', () => {
      test('that was never written is undefined', async () => {
        expect(await snapshots.get('a')).toBeUndefined();
      });

      test('is read as it was written, with its revision', async () => {
        const revision = await put('actors/campaign/summer', 'state');
        const snapshot = await snapshots.get('actors/campaign/summer');
        expect(snapshot).toMatchObject({ key: 'actors/campaign/summer', revision });
        expect(text(snapshot)).toBe('state');
      });

      test('may be empty, and hundreds of KiB of any bytes', async () => {
        const large = randomBytes(700_000);
        await snapshots.commit([
          { key: 'empty', value: new Uint8Array(0) },
          { key: 'large', value: large },
        ]);
        expect((await snapshots.get('empty'))?.value).toHaveLength(0);
        expect(Buffer.compare(Buffer.from((await snapshots.get('large'))?.value ?? []), large)).toBe(0);
      });

      test('gets a new revision with every write, never 0', async () => {
        const revisions = [await put('a', '1'), await put('a', '1'), await put('a', '2')];
        expect(new Set(revisions).size).toBe(3);
        expect(revisions).not.toContain(0);
        expect((await snapshots.get('a'))?.revision).toBe(revisions[2]);
      });

      test('that is deleted is undefined, and its delete has the revision 0', async () => {
        await put('a', '1');
        expect(await remove('a')).toEqual([0]);
        expect(await snapshots.get('a')).toBeUndefined();
        expect(await remove('a')).toEqual([0]);
      });

      test('that is deleted and written again never gets a revision back', async () => {
        const revisions = new Set<number>();
        for (let i = 0; i < 5; i++) {
          revisions.add(await put('a', 'again'));
          await remove('a');
        }
        expect(revisions.size).toBe(5);
      });

      test('is there when the store is opened again', async () => {
        const revision = await put('a', 'kept');
        await snapshots.close();
        snapshots = await open();
        expect(text(await snapshots.get('a'))).toBe('kept');
        expect(await put('a', 'changed', revision)).not.toBe(revision);
      });

      test('may have any text as part of its key, through `keyPart`', async () => {
        const parts = ['a b', 'ñ', '*.>', '/', '漢字', 'a=b', '..', 'UPPER', "'\\\0"];
        const keys = parts.map((part) => `docs/${keyPart(part)}`);
        for (const [i, key] of keys.entries()) await put(key, parts[i] as string);
        for (const [i, key] of keys.entries()) expect(text(await snapshots.get(key))).toBe(parts[i]);
        expect(await list('docs/')).toHaveLength(parts.length);
      });

      test('with a key that cannot be stored is refused', async () => {
        for (const key of ['', 'a b', 'ñ', 'a\n', 'a*'])
          await expect(put(key, 'x')).rejects.toMatchObject({ failure: { code: 'invalid_argument' } });
      });
    });

    describe('compare-and-set', () => {
      test('writes where the revision is the expected one', async () => {
        const first = await put('a', '1', 0);
        const second = await put('a', '2', first);
        await remove('a', second);
        expect(await snapshots.get('a')).toBeUndefined();
        await put('a', '3', 0);
        expect(text(await snapshots.get('a'))).toBe('3');
      });

      test('is a conflict where another revision is there', async () => {
        const old = await put('a', '1');
        await put('a', '2');
        await expect(put('a', '3', old)).rejects.toThrow(RevisionConflict);
        await expect(remove('a', old)).rejects.toThrow(RevisionConflict);
        expect(text(await snapshots.get('a'))).toBe('2');
      });

      test('is a conflict where the document must not exist and does', async () => {
        await put('a', '1');
        await expect(put('a', '2', 0)).rejects.toThrow(RevisionConflict);
      });

      test('is a conflict where the document must exist and does not', async () => {
        await expect(put('a', '1', 17)).rejects.toThrow(RevisionConflict);
        expect(await snapshots.get('a')).toBeUndefined();
      });

      test('names the key that was changed', async () => {
        await put('b', '1');
        const writes = [
          { key: 'a', value: bytes('x'), expected: 0 },
          { key: 'b', value: bytes('x'), expected: 0 },
        ];
        await expect(snapshots.commit(writes)).rejects.toMatchObject({ key: 'b' });
      });

      test('lets one of several win, whoever they are', async () => {
        const others = await Promise.all([open(), open(), open()]);
        const increment = async (store: Snapshots): Promise<void> => {
          for (;;) {
            const seen = await store.get('counter');
            const value = bytes(`${Number(text(seen) ?? 0) + 1}`);
            try {
              await store.commit([{ key: 'counter', value, expected: seen?.revision ?? 0 }]);
              return;
            } catch (error) {
              if (!(error instanceof RevisionConflict)) throw error;
            }
          }
        };
        const runs = others.map(async (store) => {
          for (let i = 0; i < 20; i++) await increment(store);
        });
        await Promise.all(runs);
        expect(text(await snapshots.get('counter'))).toBe('60');
        await Promise.all(others.map((store) => store.close()));
      });
    });

    describe('a commit of several writes', () => {
      test('does all of them and gives their revisions in order', async () => {
        await put('old', 'x');
        const revisions = await snapshots.commit([
          { key: 'a', value: bytes('1') },
          { key: 'old', value: undefined },
          { key: 'b', value: bytes('2') },
        ]);
        expect(revisions).toEqual([
          (await snapshots.get('a'))?.revision,
          0,
          (await snapshots.get('b'))?.revision,
        ]);
        expect(await snapshots.get('old')).toBeUndefined();
      });

      test('of nothing does nothing', async () => {
        expect(await snapshots.commit([])).toEqual([]);
      });

      test('that fails does nothing at all, or a prefix where the engine cannot do better', async () => {
        await put('c', 'of another');
        const writes: SnapshotWrite[] = [
          { key: 'a', value: bytes('1') },
          { key: 'b', value: bytes('2') },
          { key: 'c', value: bytes('3'), expected: 0 },
          { key: 'd', value: bytes('4') },
        ];
        await expect(snapshots.commit(writes)).rejects.toThrow(RevisionConflict);
        const present = await keysOf('');
        const allowed = engine.atomic ? [['c']] : [['c'], ['a', 'c'], ['a', 'b', 'c']];
        expect(allowed).toContainEqual(present);
        expect(text(await snapshots.get('c'))).toBe('of another');
      });

      test('is not mixed with another that runs beside it', async ({ skip }) => {
        if (!engine.atomic) skip();
        const keys = Array.from({ length: 10 }, (_, i) => `k/${i}`);
        const commit = (value: string): Promise<number[]> =>
          snapshots.commit(keys.map((key) => ({ key, value: bytes(value) })));
        await Promise.all(Array.from({ length: 20 }, (_, i) => commit(`${i}`)));
        expect(new Set((await list('k/')).map(text)).size).toBe(1);
      });
    });

    describe('listing', () => {
      test('gives the documents whose keys begin so, and no others', async () => {
        for (const key of ['a', 'a/1', 'a/2', 'a-b', 'a.b', 'aa', 'b/1']) await put(key, key);
        expect(await keysOf('a/')).toEqual(['a/1', 'a/2']);
        expect(await keysOf('a')).toEqual(['a', 'a-b', 'a.b', 'a/1', 'a/2', 'aa']);
        expect(await keysOf('c')).toEqual([]);
        expect((await list('a/')).map(text)).toEqual(['a/1', 'a/2']);
      });

      test('gives all of them for the empty prefix', async () => {
        for (const key of ['z', '-', '=20', '0', '_']) await put(key, key);
        expect(await keysOf('')).toEqual(['-', '0', '=20', '_', 'z']);
      });

      test('gives many, and large ones, in the byte order of their keys', async () => {
        const value = randomBytes(50_000);
        const keys = Array.from({ length: 300 }, (_, i) => `many/${(i * 7919) % 300}`);
        await snapshots.commit(keys.map((key, i) => ({ key, value: i % 3 === 0 ? value : bytes(key) })));
        const listed = await keysOf('many/');
        expect(listed).toEqual(keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      });

      test('gives a document right before those below its key', async () => {
        const keys = ['a/1-0', 'a/1-0/b', 'a/1-00', 'a/1-1', 'a/1-1/b'];
        await snapshots.commit(keys.toReversed().map((key) => ({ key, value: bytes(key) })));
        expect(await keysOf('a/')).toEqual(keys);
        await remove('a/1-0/b');
        expect(await keysOf('a/1-0')).toEqual(['a/1-0', 'a/1-00']);
      });

      test('may be given up, and goes on beside writes', async () => {
        await snapshots.commit(
          Array.from({ length: 200 }, (_, i) => ({ key: `k/${1_000 + i}`, value: bytes('x') })),
        );
        for await (const { key } of snapshots.list('k/')) if (key === 'k/1003') break;
        let count = 0;
        for await (const { key } of snapshots.list('k/')) {
          count++;
          await remove(key);
        }
        expect(count).toBe(200);
        expect(await keysOf('k/')).toEqual([]);
      });

      test('is, whatever was written and deleted, what a plain table would hold', async () => {
        const key = fc.stringMatching(/^[a-c/._=-]{1,4}$/);
        const step = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 20 })) });
        const table = new Map<string, string>();
        const property = fc.asyncProperty(
          fc.array(fc.array(step, { maxLength: 5 }), { maxLength: 8 }),
          fc.stringMatching(/^[a-c/._=-]{0,2}$/),
          async (commits, prefix) => {
            for (const steps of commits) {
              const writes = [...new Map(steps.map((write) => [write.key, write])).values()];
              await snapshots.commit(
                writes.map((write) => ({ key: write.key, value: write.value ?? undefined })),
              );
              for (const write of writes) {
                if (write.value) table.set(write.key, Buffer.from(write.value).toString('hex'));
                else table.delete(write.key);
              }
            }
            const expected = [...table]
              .filter(([each]) => each.startsWith(prefix))
              .sort(([a], [b]) => (a < b ? -1 : 1));
            const found = (await list(prefix)).map((each) => [
              each.key,
              Buffer.from(each.value).toString('hex'),
            ]);
            expect(found).toEqual(expected);
          },
        );
        await fc.assert(property, { numRuns: 30 });
      });
    });

    describe('a lease', () => {
      const acquire = (owner: string, ttlMs = 10_000): Promise<Lease | undefined> =>
        snapshots.acquire('partitions/3', owner, ttlMs);

      test('is given to who asks first, and to nobody else while it lasts', async () => {
        expect(await acquire('a')).toMatchObject({ name: 'partitions/3', owner: 'a' });
        expect(await acquire('b')).toBeUndefined();
        expect(await snapshots.acquire('partitions/4', 'b', 10_000)).toMatchObject({ owner: 'b' });
      });

      test('is renewed by its holder under the same epoch', async () => {
        const first = await acquire('a');
        const renewed = await acquire('a');
        expect(renewed?.epoch).toBe(first?.epoch);
        expect(renewed?.expiresAt).toBeGreaterThanOrEqual(first?.expiresAt as number);
      });

      test('has a higher epoch with every new holder', async () => {
        const epochs: number[] = [];
        for (const owner of ['a', 'b', 'a', 'a', 'c']) {
          const lease = (await acquire(owner)) as Lease;
          epochs.push(lease.epoch);
          await snapshots.release(lease);
        }
        expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
        expect(new Set(epochs).size).toBe(5);
      });

      test('that was given up is free at once', async () => {
        await snapshots.release((await acquire('a')) as Lease);
        expect(await acquire('b')).toMatchObject({ owner: 'b' });
      });

      test('is given up only by its present holder', async () => {
        const old = (await acquire('a')) as Lease;
        await snapshots.release(old);
        await acquire('b');
        await snapshots.release(old);
        expect(await acquire('c')).toBeUndefined();
      });

      test('is given to one of many that ask at once', async () => {
        const leases = await Promise.all(Array.from({ length: 20 }, (_, i) => acquire(`owner-${i}`)));
        expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1);
      });

      test('keeps its epoch over a restart', async () => {
        const lease = (await acquire('a')) as Lease;
        await snapshots.close();
        snapshots = await open();
        expect(await acquire('b')).toBeUndefined();
        expect((await acquire('a'))?.epoch).toBe(lease.epoch);
      });

      describe('as time goes by', () => {
        beforeEach(({ skip }) => {
          if (!engine.controlsTime) skip();
        });

        test('runs out, and is then given to another under a higher epoch', async () => {
          const first = (await acquire('a')) as Lease;
          expect(first.expiresAt).toBe(now + 10_000);
          now += 9_999;
          expect(await acquire('b')).toBeUndefined();
          now += 1;
          expect((await acquire('b'))?.epoch).toBeGreaterThan(first.epoch);
        });

        test('that ran out is nobody’s: who held it comes back under a higher epoch', async () => {
          const first = (await acquire('a')) as Lease;
          now += 10_000;
          expect((await acquire('a'))?.epoch).toBeGreaterThan(first.epoch);
        });

        test('that is renewed in time does not run out', async () => {
          await acquire('a');
          now += 9_000;
          await acquire('a');
          now += 9_000;
          expect(await acquire('b')).toBeUndefined();
        });

        test('that ran out and is another’s is not given up by who held it', async () => {
          const first = (await acquire('a')) as Lease;
          now += 10_000;
          await acquire('b');
          await snapshots.release(first);
          expect(await acquire('c')).toBeUndefined();
        });
      });
    });
  });
}

/** What snapshots and leases on NATS promise while the server is killed, paused, cut off or full. */
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { NatsLink } from '../../storage/nats/link.ts';
import { NatsBucket } from '../../storage/snapshots/nats-bucket.ts';
import { openNatsSnapshots } from '../../storage/snapshots/nats-kv.ts';
import { removeLeftOvers } from '../../storage/snapshots/nats-pieces.ts';
import { RevisionConflict, type Snapshot, type Snapshots } from '../../storage/snapshots/port.ts';
import { NatsServer } from '../support/nats-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { waitFor } from '../support/wait.ts';
import { withJetStream } from './support/nats-streams.ts';

const MiB = 2 ** 20;
const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (snapshot: Snapshot | undefined): string | undefined =>
  snapshot && Buffer.from(snapshot.value).toString();
const isEqual = (snapshot: Snapshot | undefined, value: Uint8Array): boolean =>
  snapshot !== undefined && Buffer.compare(snapshot.value, value) === 0;
const codeOf = (error: unknown): string => {
  if (!(error instanceof TurnpikeError)) throw error;
  return error.failure.code;
};

describe('snapshots on NATS KV', () => {
  let server: NatsServer;
  let proxy: TcpProxy;
  let snapshots: Snapshots;
  const begin = async (maxBytes?: number): Promise<void> => {
    server = await NatsServer.start();
    proxy = await TcpProxy.start(server.port);
    snapshots = await openNatsSnapshots({
      url: `nats://127.0.0.1:${proxy.port}`,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
  };
  const put = async (key: string, value: string | Uint8Array, expected?: number): Promise<number> => {
    const write = { key, value: typeof value === 'string' ? bytes(value) : value };
    const [revision] = await snapshots.commit([expected === undefined ? write : { ...write, expected }]);
    return revision as number;
  };
  const remove = (key: string): Promise<number[]> => snapshots.commit([{ key, value: undefined }]);
  const list = async (prefix: string): Promise<Snapshot[]> => {
    const found: Snapshot[] = [];
    for await (const snapshot of snapshots.list(prefix)) found.push(snapshot);
    return found;
  };
  /** The bucket past the engine, over a connection of its own. */
  const withBucket = async <T>(action: (bucket: NatsBucket) => Promise<T>): Promise<T> => {
    const link = await NatsLink.open({ url: server.url, name: 'test' });
    try {
      return await action(
        await NatsBucket.open(link, { cluster: 'turnpike', replicas: 1, maxBytes: undefined }),
      );
    } finally {
      await link.close();
    }
  };
  afterEach(async () => {
    await snapshots.close();
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  describe('a document larger than a message', () => {
    beforeEach(() => begin());

    test('is read, listed, replaced and deleted like any other', async () => {
      const values = [limits.recordBytes, limits.recordBytes + 1, 5 * MiB + 7].map((size) =>
        randomBytes(size),
      );
      for (const [i, value] of values.entries()) await put(`large/${i}`, value);
      for (const [i, value] of values.entries())
        expect(isEqual(await snapshots.get(`large/${i}`), value)).toBe(true);
      const listed = await list('large/');
      expect(listed.map((one, i) => isEqual(one, values[i] as Uint8Array))).toEqual([true, true, true]);

      const revision = await put('large/2', 'small', listed[2]?.revision);
      await expect(put('large/2', values[2] as Uint8Array, listed[2]?.revision)).rejects.toThrow(
        RevisionConflict,
      );
      expect(text(await snapshots.get('large/2'))).toBe('small');
      await put('large/2', values[1] as Uint8Array, revision);
      expect(isEqual(await snapshots.get('large/2'), values[1] as Uint8Array)).toBe(true);
      await remove('large/2');
      expect((await list('large/')).map(({ key }) => key)).toEqual(['large/0', 'large/1']);
    });

    test('is seen whole, before and after it is replaced', async () => {
      const values = [1, 2, 3, 4].map((fill) => Buffer.alloc(2 * MiB, fill));
      await put('a', values[0] as Uint8Array);
      let isWriting = true;
      const writing = (async () => {
        for (let i = 1; i < 20; i++) await put('a', values[i % 4] as Uint8Array);
        isWriting = false;
      })();
      let reads = 0;
      while (isWriting) {
        const value = (await snapshots.get('a'))?.value ?? new Uint8Array(0);
        expect(value).toHaveLength(2 * MiB);
        expect(values.some((one) => Buffer.compare(one, value) === 0)).toBe(true);
        reads++;
      }
      await writing;
      expect(reads).toBeGreaterThan(0);
    });

    test('leaves nothing over in the end', async () => {
      const value = randomBytes(2 * MiB);
      await put('replaced', randomBytes(2 * MiB));
      await put('replaced', value);
      await put('deleted/a.b', randomBytes(2 * MiB));
      await remove('deleted/a.b');
      await put('kept/=', value);
      const pieces = (): Promise<string[]> => withBucket((bucket) => bucket.subjects('c.>'));
      expect(await pieces()).toHaveLength(4 * 4);
      // Young ones may yet be named by somebody.
      await withBucket((bucket) => removeLeftOvers(bucket));
      expect(await pieces()).toHaveLength(4 * 4);
      await withBucket((bucket) => removeLeftOvers(bucket, 0));
      expect(await pieces()).toHaveLength(2 * 4);
      expect(isEqual(await snapshots.get('replaced'), value)).toBe(true);
      expect(isEqual(await snapshots.get('kept/='), value)).toBe(true);
    });

    test('is not taken for another where pieces of it were lost', async () => {
      await put('a', randomBytes(2 * MiB));
      await withBucket(async (bucket) => {
        const [piece] = await bucket.subjects('c.>');
        await bucket.remove(piece as string, (await bucket.end()).revision);
      });
      await expect(snapshots.get('a')).rejects.toThrow('pieces of the snapshot a are missing');
    });

    test('has its bound', async () => {
      await expect(put('a', new Uint8Array(65 * MiB))).rejects.toMatchObject({
        failure: { code: 'invalid_argument' },
      });
    });
  });

  describe('with a server that is killed', () => {
    beforeEach(() => begin());

    test('loses no commit that was acknowledged, and does none twice', async () => {
      let done = 0;
      let stopping = false;
      /** Adds one to a counter, for as long as it takes to know that it is done. */
      const increment = async (key: string, before: Snapshot | undefined): Promise<number> => {
        const value = `${Number(text(before) ?? 0) + 1}`;
        for (;;) {
          try {
            return await put(key, value, before?.revision ?? 0);
          } catch (error) {
            // Nobody else writes: a conflict is a write of ours whose outcome was not known.
            if (!(error instanceof RevisionConflict)) codeOf(error);
            else return (await patiently(() => snapshots.get(key)))?.revision as number;
          }
        }
      };
      const patiently = async <T>(action: () => Promise<T>): Promise<T> => {
        for (;;) {
          try {
            return await action();
          } catch (error) {
            codeOf(error);
          }
        }
      };
      const count = async (key: string): Promise<number> => {
        let total = 0;
        for (; !stopping; total++, done++) {
          const before = await patiently(() => snapshots.get(key));
          expect(Number(text(before) ?? 0)).toBe(total);
          await increment(key, before);
        }
        return total;
      };
      const counting = Promise.all(Array.from({ length: 8 }, (_, i) => count(`counter/${i}`)));
      for (let kills = 1; kills <= 3; kills++) {
        const enough = done + 300;
        await waitFor('the counters to get on', () => done >= enough);
        await server.kill();
        await server.start();
      }
      stopping = true;
      const totals = await counting;
      expect((await list('counter/')).map((one) => Number(text(one)))).toEqual(totals);
    });

    test('has deleted what was deleted', async () => {
      for (let i = 0; i < 30; i++) await put(`doc/${i}`, 'x');
      for (let i = 0; i < 30; i++) if (i % 3 !== 0) await remove(`doc/${i}`);
      await server.kill();
      await server.start();
      expect(await list('doc/')).toHaveLength(10);
      expect(await put('doc/1', 'again', 0)).toBeGreaterThan(30);
    });

    test('keeps leases', async () => {
      const lease = await snapshots.acquire('partition/1', 'a', 60_000);
      await server.kill();
      await server.start();
      expect(await snapshots.acquire('partition/1', 'b', 60_000)).toBeUndefined();
      expect((await snapshots.acquire('partition/1', 'a', 60_000))?.epoch).toBe(lease?.epoch);
    });
  });

  describe('with a server that is paused', () => {
    beforeEach(() => begin());

    test('fails in time, and goes on afterwards', async () => {
      const revision = await put('a', 'before');
      await server.pause();
      const began = performance.now();
      const [get, write, lease, deletion] = await Promise.all([
        snapshots.get('a').catch(codeOf),
        put('a', 'after', revision).catch(codeOf),
        snapshots.acquire('lease', 'me', 60_000).catch(codeOf),
        remove('a').catch(codeOf),
      ]);
      expect(performance.now() - began).toBeLessThan(limits.appendMs + 2_000);
      expect([get, write, lease, deletion]).toEqual([
        'unavailable',
        'deadline_exceeded',
        'unavailable',
        'unavailable',
      ]);
      server.resume();
      const after = await snapshots.get('a');
      expect(['before', 'after']).toContain(text(after));
      expect(await put('a', 'last', after?.revision)).toBeGreaterThan(revision);
    });
  });

  describe('with a connection that breaks', () => {
    beforeEach(() => begin());

    /** Does something whose acknowledgement gets lost. */
    const unheard = async <T>(action: () => Promise<T>): Promise<T> => {
      const last = (): Promise<number> =>
        withJetStream(
          server.url,
          async ({ streams }) => (await streams.info('KV_turnpike-snapshots')).state.last_seq,
        );
      const before = await last();
      proxy.silence();
      const result = action();
      await waitFor('the write to be stored', async () => (await last()) > before);
      proxy.cut();
      return result;
    };

    test('finds its own write behind a conflict', async () => {
      const first = await put('a', '1', 0);
      const second = await unheard(() => put('a', '2', first));
      expect(second).toBe((await snapshots.get('a'))?.revision);
      expect(await put('a', '3', second)).toBe(second + 1);
    });

    test('writes once where anything may be replaced', async () => {
      const first = await put('a', '1');
      expect(await unheard(() => put('a', '2'))).toBe(first + 1);
      expect(await put('a', '3')).toBe(first + 2);
    });

    test('does not take the conflict of another for its own write', async () => {
      const first = await put('a', '1', 0);
      await withBucket((bucket) => bucket.write({ subject: 'd.a', data: bytes('1') }));
      await expect(put('a', '1', first)).rejects.toThrow(RevisionConflict);
    });
  });

  describe('a commit', () => {
    beforeEach(() => begin());

    test('whose last expectation does not hold writes nothing', async () => {
      const fence = await put('fence', 'mine');
      await put('fence', 'of another');
      const writes = [
        { key: 'page', value: bytes('late') },
        { key: 'fence', value: bytes('mine'), expected: fence },
      ];
      await expect(snapshots.commit(writes)).rejects.toMatchObject({ key: 'fence' });
      expect(await snapshots.get('page')).toBeUndefined();
    });

    test('reads what NATS’ own tools have deleted as deleted, and writes there', async () => {
      await put('a', '1');
      await withBucket((bucket) =>
        bucket.write({ subject: 'd.a', data: bytes(''), headers: { 'KV-Operation': 'DEL' } }),
      );
      expect(await snapshots.get('a')).toBeUndefined();
      expect(await list('')).toEqual([]);
      await put('a', '2', 0);
      expect(text(await snapshots.get('a'))).toBe('2');
    });
  });

  test('in a full bucket refuse, and deleting makes room', async () => {
    await begin(2_000_000);
    const value = randomBytes(100_000);
    let stored = 0;
    let refusal = '';
    while (refusal === '') {
      refusal = await put(`doc/${stored}`, value).then(() => '', codeOf);
      if (refusal === '') stored++;
    }
    expect(refusal).toBe('unavailable');
    expect(stored).toBeGreaterThan(15);
    await remove('doc/0');
    await put('doc/more', value);
    expect(await list('doc/')).toHaveLength(stored);
  });
});

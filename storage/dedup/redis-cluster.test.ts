import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RedisCluster } from '../../test/support/redis-cluster.ts';
import type { RedisServer } from '../../test/support/redis-server.ts';
import { TcpProxy } from '../../test/support/tcp-proxy.ts';
import { waitFor } from '../../test/support/wait.ts';
import { Claim, type DedupKeys } from './port.ts';
import { openRedisDedup, type RedisDedup } from './redis.ts';
import { probeName, SHARES } from './redis-keys.ts';

const { new: NEW, duplicate: DUPLICATE, uncertain: UNCERTAIN } = Claim;
const SLOTS = 16_384;

let cluster: RedisCluster;
let dedup: RedisDedup;
let lastNumber = 0;

// A cluster takes seconds to agree: it is one for all tests, each of which leaves it whole.
beforeAll(async () => {
  cluster = await RedisCluster.start(3);
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

beforeEach(async () => {
  await Promise.all(cluster.nodes.map((node) => node.run('FLUSHALL')));
  dedup = await openRedisDedup({ url: nodeAt(0).url, logger: pino({ enabled: false }) });
});
afterEach(() => dedup?.close());

const nodeAt = (index: number): RedisServer => cluster.nodes[index] as RedisServer;

/** A key in every share, that nobody has used. */
function freshKeys(): DedupKeys {
  lastNumber++;
  return Uint32Array.from(
    Array.from({ length: SHARES }, (_, share) => [share, lastNumber << 8, lastNumber << 8]).flat(),
  );
}

/** The node of each share, in order. */
async function owners(): Promise<RedisServer[]> {
  const slots = await Promise.all(
    Array.from({ length: SHARES }, (_, share) => nodeAt(0).run('CLUSTER', 'KEYSLOT', probeName(share))),
  );
  return Promise.all(slots.map((slot) => cluster.ownerOf(slot as number)));
}

const reachable = (): Promise<boolean> => waitFor('the whole cluster', () => dedup.isReachable);

/** A filter that asks the cluster anew where its nodes are. */
async function openOther(): Promise<AsyncDisposable & { dedup: RedisDedup }> {
  const other = await openRedisDedup({ url: nodeAt(0).url, logger: pino({ enabled: false }) });
  return { dedup: other, [Symbol.asyncDispose]: () => other.close() };
}

describe('the filter on a Redis cluster', () => {
  test('spreads its keys evenly over the slots', async () => {
    for (let share = 0; share < SHARES; share++) {
      const slot = (await nodeAt(0).run('CLUSTER', 'KEYSLOT', probeName(share))) as number;
      expect(Math.floor((slot * SHARES) / SLOTS)).toBe(share);
    }
    const counts = cluster.nodes.map(() => 0);
    for (const owner of await owners()) (counts[cluster.nodes.indexOf(owner)] as number)++;
    expect(counts.sort()).toEqual([5, 5, 6]);
  });

  test('follows a slot to another node within the call', async () => {
    const slot = (await nodeAt(0).run('CLUSTER', 'KEYSLOT', probeName(0))) as number;
    const known = freshKeys();
    await dedup.claim(known, 'a');
    await dedup.confirm(known, 'a');
    expect(await cluster.ownerOf(slot)).toBe(nodeAt(0));
    await cluster.moveSlot(slot, nodeAt(1));
    expect(await cluster.ownerOf(slot)).toBe(nodeAt(1));
    expect(new Set(await dedup.claim(known, 'b'))).toEqual(new Set([DUPLICATE]));
    expect(new Set(await dedup.claim(freshKeys(), 'b'))).toEqual(new Set([NEW]));
    expect(dedup.isReachable).toBe(true);
  });

  test('has new keys of a slot that is on its way claimed at the node that takes it over', async () => {
    const slot = (await nodeAt(0).run('CLUSTER', 'KEYSLOT', probeName(1))) as number;
    await cluster.beginMove(slot, nodeAt(1));
    const keys = freshKeys();
    expect(new Set(await dedup.claim(keys, 'a'))).toEqual(new Set([NEW]));
    expect(new Set(await dedup.claim(keys, 'b'))).toEqual(new Set([UNCERTAIN]));
    expect(await nodeAt(1).run('CLUSTER', 'COUNTKEYSINSLOT', slot)).toBe(1);
    await cluster.moveSlot(slot, nodeAt(1));
  });

  test('goes on with the other nodes where one is killed, and with all once it is back', async () => {
    const dead = nodeAt(1);
    const nodes = await owners();
    await dead.kill();
    await waitFor('the circuits to open', async () => {
      await dedup.claim(freshKeys(), 'a');
      return !dedup.isReachable;
    });
    await waitFor('the others to go on', async () => {
      const results = await dedup.claim(freshKeys(), 'a');
      return nodes.every((node, share) => results[share] === (node === dead ? UNCERTAIN : NEW));
    });
    await dead.start();
    await cluster.settled();
    await reachable();
    expect(new Set(await dedup.claim(freshKeys(), 'a'))).toEqual(new Set([NEW]));
  });

  test('goes on with the other nodes for as long as one hangs, and with all once it goes on', async () => {
    const hung = nodeAt(2);
    const nodes = await owners();
    await hung.pause();
    const isAsExpected = async (): Promise<boolean> => {
      const results = await dedup.claim(freshKeys(), 'a');
      return nodes.every((node, share) => results[share] === (node === hung ? UNCERTAIN : NEW));
    };
    await waitFor('the others to go on alone', isAsExpected);
    // Longer than its silent connection is kept: the others do not notice when that is given up.
    const until = performance.now() + 3_000;
    while (performance.now() < until) expect(await isAsExpected()).toBe(true);
    hung.resume();
    await cluster.settled();
    await reachable();
    expect(new Set(await dedup.claim(freshKeys(), 'a'))).toEqual(new Set([NEW]));
  });

  test('gives up the connection to one node where nothing comes back over it any more', async () => {
    await using proxy = await TcpProxy.start(nodeAt(2).port);
    // Clients are told to come through the proxy; the nodes know better.
    await nodeAt(2).run('CONFIG', 'SET', 'cluster-announce-port', proxy.port);
    await waitFor('the nodes to tell of the proxy', async () =>
      String(await nodeAt(0).run('CLUSTER', 'SLOTS')).includes(`${proxy.port}`),
    );
    await using other = await openOther();
    const nodes = await owners();
    // On a busy machine a single answer may be late.
    const allNew = async (): Promise<boolean> =>
      (await other.dedup.claim(freshKeys(), 'a')).every((result) => result === NEW);
    const newButForOne = async (): Promise<boolean> => {
      const results = await other.dedup.claim(freshKeys(), 'a');
      return nodes.every((node, share) => results[share] === (node === nodeAt(2) ? UNCERTAIN : NEW));
    };
    await waitFor('all nodes to answer', allNew);
    expect(proxy.connections).toBeGreaterThan(0);
    // Connections that take its place are silent too, for as long as it takes to see that the others go on.
    proxy.isSilent = true;
    proxy.silence();
    await waitFor('the others to go on alone', newButForOne);
    proxy.isSilent = false;
    await waitFor('the whole cluster', () => other.dedup.isReachable);
    await waitFor('all nodes to answer again', allNew);
    await nodeAt(2).run('CONFIG', 'SET', 'cluster-announce-port', 0);
  });

  test('comes back after all nodes were killed', async () => {
    await Promise.all(cluster.nodes.map((node) => node.kill()));
    await waitFor('the circuits to open', async () => {
      await dedup.claim(freshKeys(), 'a');
      return !dedup.isReachable;
    });
    expect(new Set(await dedup.claim(freshKeys(), 'a'))).toEqual(new Set([UNCERTAIN]));
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await cluster.settled();
    await reachable();
    expect(new Set(await dedup.claim(freshKeys(), 'a'))).toEqual(new Set([NEW]));
  });

  // The last: it leaves the cluster with another master.
  test('knows what a node had confirmed once its replica has taken over', async () => {
    const master = nodeAt(1);
    const replica = await cluster.addReplica(master);
    const keys = freshKeys();
    await dedup.claim(keys, 'a');
    await dedup.confirm(keys, 'a');
    const offsets = () => Promise.all([master, replica].map((node) => node.info('master_repl_offset')));
    await waitFor('the replica to have it all', () => offsets().then(([of, has]) => of === has));
    await master.kill();
    await waitFor('the circuits to open', async () => {
      await dedup.claim(freshKeys(), 'a');
      return !dedup.isReachable;
    });
    await reachable();
    expect(new Set(await dedup.claim(keys, 'b'))).toEqual(new Set([DUPLICATE]));
    expect(new Set(await dedup.claim(freshKeys(), 'b'))).toEqual(new Set([NEW]));
  });
});

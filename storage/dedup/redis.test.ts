import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { keys } from '../../test/contracts/dedup.contract.ts';
import {
  claim,
  expectFreeRefusals,
  outOfReach,
  ownerOf,
  RedisFilterTest,
  reachable,
} from '../../test/support/redis-filter.ts';
import { waitFor } from '../../test/support/wait.ts';
import { Claim } from './port.ts';
import { ANSWER_MS } from './redis-circuit.ts';
import { GENERATION } from './redis-keys.ts';

const { new: NEW, duplicate: DUPLICATE, uncertain: UNCERTAIN } = Claim;

let bench: RedisFilterTest;
beforeEach(() => {
  bench = new RedisFilterTest();
});
afterEach(() => bench[Symbol.asyncDispose]());

describe('the filter on a sound Redis', () => {
  test('lets all it knows expire by Redis’ own clock', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await claim(dedup, 'alone', 1, 2);
    await dedup.confirm(keys(2), 'alone');
    await claim(dedup, 'together', 3, 4);
    await dedup.confirm(keys(4, 3), 'together');
    const names = ((await server.run('KEYS', '*')) as string[]).filter((name) => !name.endsWith('probe'));
    expect(names).toEqual([GENERATION]);
    const leftMs = (await server.run('PTTL', GENERATION)) as number;
    expect(leftMs).toBeLessThanOrEqual(2 * limits.claimMs);
    expect(leftMs).toBeGreaterThan(2 * limits.claimMs - 10_000);
  });

  test('forgets a generation as a whole, once the next has lasted as long as claims do', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const confirmed = async (token: string, number: number): Promise<number[]> => {
      const results = await claim(dedup, token, number);
      await dedup.confirm(keys(number), token);
      await server.run('PEXPIRE', GENERATION, limits.claimMs);
      return results;
    };
    expect(await confirmed('a', 1)).toEqual([NEW]);
    expect(await confirmed('b', 2)).toEqual([NEW]);
    expect(await claim(dedup, 'c', 1, 2)).toEqual([NEW, DUPLICATE]);
    expect(await server.run('PTTL', GENERATION)).toBeGreaterThan(limits.claimMs);
  });

  test('makes one field of the confirmation of all that a token has claimed', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const numbers = Array.from({ length: 2_000 }, (_, i) => i);
    await claim(dedup, 'a', ...numbers);
    expect(await server.run('HLEN', GENERATION)).toBe(2_001);
    await dedup.confirm(keys(...numbers), 'a');
    expect(await server.run('HLEN', GENERATION)).toBe(2_001);
    expect(new Set(await claim(dedup, 'b', ...numbers))).toEqual(new Set([DUPLICATE]));
    // What a token claims after that is another matter.
    await claim(dedup, 'a', ...numbers.map((number) => number + 10_000));
    expect(new Set(await claim(dedup, 'b', ...numbers.map((number) => number + 10_000)))).toEqual(
      new Set([UNCERTAIN]),
    );
  });

  test('takes what is to be confirmed along with the next claim', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const scripts = async (): Promise<number> => {
      const counts = String(await server.run('INFO', 'commandstats')).matchAll(
        /cmdstat_eval\w*:calls=(\d+)/g,
      );
      return [...counts].reduce((sum, [, calls]) => sum + Number(calls), 0);
    };
    await Promise.all([claim(dedup, 'a', 1), claim(dedup, 'b', 2)]);
    const before = await scripts();
    const confirming = [dedup.confirm(keys(1), 'a'), dedup.confirm(keys(2), 'b')];
    expect(await claim(dedup, 'c', 1, 2, 3)).toEqual([DUPLICATE, DUPLICATE, NEW]);
    await Promise.all(confirming);
    expect(await scripts()).toBe(before + 1);
  });

  test('gives a key to one of many collectors that ask at the same time', async () => {
    const server = await bench.startServer();
    const collectors = await Promise.all(Array.from({ length: 4 }, () => bench.open(server.url)));
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    const answers = await Promise.all(
      collectors.flatMap((dedup, i) => [
        claim(dedup, `first of ${i}`, ...numbers),
        claim(dedup, `second of ${i}`, ...numbers),
      ]),
    );
    for (const number of numbers) {
      const results = answers.map((results) => results[number] as number).sort();
      expect(results).toEqual([NEW, ...Array.from({ length: 7 }, () => UNCERTAIN)]);
    }
  });

  test('knows a key that occurs again in a call of many scripts', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const number = fc.integer({ min: 1, max: 3_000 });
    let round = 0;
    const property = fc.asyncProperty(
      fc.array(number, { minLength: 1_025, maxLength: 5_000 }),
      async (numbers) => {
        const base = ++round * 10_000;
        const own = numbers.map((n) => base + n);
        const expected = own.map((n, i) => (own.indexOf(n) < i ? DUPLICATE : NEW));
        expect(await claim(dedup, 'a', ...own)).toEqual(expected);
        expect(await claim(dedup, 'a', ...own)).toEqual(expected);
      },
    );
    await fc.assert(property, { numRuns: 10 });
  });

  test('keeps to the database and the password of its URL', async () => {
    const server = await bench.startServer({
      settings: ['--requirepass', 'p@ss/word%'],
      password: 'p@ss/word%',
    });
    const dedup = await bench.open(`redis://:p%40ss%2Fword%25@127.0.0.1:${server.port}/3`);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
    expect(await server.run('DBSIZE')).toBe(0);
    expect(bench.logged).toEqual([]);
  });

  test('holds words that are not whole keys to be a bug', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await expect(dedup.claim(new Uint32Array(4), 'a')).rejects.toThrow('whole fingerprints');
  });

  test('reads an answer that came while the process itself was held up', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const claiming = claim(dedup, 'a', 1);
    const until = performance.now() + 2 * ANSWER_MS;
    while (performance.now() < until);
    expect(await claiming).toEqual([NEW]);
    expect(dedup.isReachable).toBe(true);
  });

  test('is closed in the end, and answers that nothing is certain', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const claiming = claim(dedup, 'a', 1);
    await dedup.close();
    await dedup.close();
    expect([[NEW], [UNCERTAIN]]).toContainEqual(await claiming);
    expect(await claim(dedup, 'a', 2)).toEqual([UNCERTAIN]);
    await dedup.confirm(keys(1), 'a');
    await dedup.release(keys(1), 'a');
  });
});

describe('a Redis that forgets', () => {
  test('all keys, has them claimed anew', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await claim(dedup, 'a', 1, 2);
    await dedup.confirm(keys(1), 'a');
    await server.run('FLUSHALL');
    await dedup.confirm(keys(2), 'a');
    expect(await claim(dedup, 'b', 1, 2)).toEqual([NEW, NEW]);
  });

  test('its scripts, is sent them again within the call', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await claim(dedup, 'a', 1);
    await server.run('SCRIPT', 'FLUSH');
    const answers = await Promise.all([
      claim(dedup, 'b', 2),
      claim(dedup, 'c', 3),
      dedup.confirm(keys(1), 'a'),
    ]);
    expect(answers.slice(0, 2)).toEqual([[NEW], [NEW]]);
    expect(await claim(dedup, 'd', 1)).toEqual([DUPLICATE]);
  });
});

describe('a Redis that refuses', () => {
  test('while it loads its data is used when it has', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const numbers = Array.from({ length: 1_000 }, (_, i) => i);
    await claim(dedup, 'a', ...numbers);
    await dedup.confirm(keys(...numbers), 'a');
    // Keys of somebody else, of which Redis takes its time to load each.
    await server.run('EVAL', "for i = 1, 1000 do redis.call('SET', 'other' .. i, i) end", 0);
    await server.run('SAVE');
    await server.kill();
    await outOfReach(dedup);
    // Two milliseconds a key, and a look at its clients now and then.
    server.launch(['--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024']);
    await waitFor('Redis to load', () =>
      server.run('PING').then(
        () => false,
        (error: unknown) => String(error).includes('LOADING'),
      ),
    );
    await expectFreeRefusals(dedup);
    await reachable(dedup);
    expect(new Set(await claim(dedup, 'b', ...numbers))).toEqual(new Set([DUPLICATE]));
  });

  test('because it is a replica is used once it is a master', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await server.run('REPLICAOF', '127.0.0.1', 1);
    expect(await claim(dedup, 'a', 1)).toEqual([UNCERTAIN]);
    await expectFreeRefusals(dedup);
    expect(bench.logged.join()).toContain('READONLY');
    await server.run('REPLICAOF', 'NO', 'ONE');
    await reachable(dedup);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
  });

  test('because it is a replica by now is left for the master that its name leads to', async () => {
    const { server, proxy, dedup } = await bench.openThroughProxy();
    const master = await bench.startServer();
    await server.run('REPLICAOF', '127.0.0.1', master.port);
    proxy.targetPort = master.port;
    expect(await claim(dedup, 'a', 1)).toEqual([UNCERTAIN]);
    await reachable(dedup);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
    expect(await ownerOf(master, 1)).not.toBeNull();
  });

  test('because its memory is full is used once there is room', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await server.run('CONFIG', 'SET', 'maxmemory', 1);
    expect(await claim(dedup, 'a', 1)).toEqual([UNCERTAIN]);
    await expectFreeRefusals(dedup);
    expect(bench.logged.join()).toContain('OOM');
    await server.run('CONFIG', 'SET', 'maxmemory', 0);
    await reachable(dedup);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
  });

  test('our password is told of without it', async () => {
    const server = await bench.startServer({ settings: ['--requirepass', 'right'], password: 'right' });
    const dedup = await bench.open(`redis://:hunter2@127.0.0.1:${server.port}`);
    expect(await claim(dedup, 'a', 1)).toEqual([UNCERTAIN]);
    expect(bench.logged.join()).toContain('WRONGPASS');
    expect(bench.logged.join()).not.toContain('hunter2');
  });

  test('our password and repeats it is told of without it', async () => {
    const server = await bench.startServer({ settings: ['--rename-command', 'AUTH', ''] });
    await bench.open(`redis://somebody:hunter%322@127.0.0.1:${server.port}`);
    expect(bench.logged.join()).toContain('unknown command');
    expect(bench.logged.join()).not.toContain('hunter');
  });
});

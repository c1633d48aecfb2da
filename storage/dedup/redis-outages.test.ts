import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { keys } from '../../test/contracts/dedup.contract.ts';
import {
  claim,
  expectFreeRefusals,
  outOfReach,
  ownerOf,
  RedisFilterTest,
  reachable,
  took,
  urlOf,
} from '../../test/support/redis-filter.ts';
import { waitFor } from '../../test/support/wait.ts';
import { Claim } from './port.ts';
import { ANSWER_MS } from './redis-circuit.ts';

const { new: NEW, duplicate: DUPLICATE, uncertain: UNCERTAIN } = Claim;

let bench: RedisFilterTest;
beforeEach(() => {
  bench = new RedisFilterTest();
});
afterEach(() => bench[Symbol.asyncDispose]());

describe('a connection that breaks', () => {
  test('after Redis has taken a claim: sent again, it reads as new', async () => {
    const { server, proxy, dedup } = await bench.openThroughProxy();
    proxy.cutAtReply();
    expect(await claim(dedup, 'a', 1, 2, 1)).toEqual([NEW, NEW, DUPLICATE]);
    expect(proxy.connections).toBeGreaterThan(1);
    expect(await ownerOf(server, 1)).toMatch(/^[\w-]{11}000$/);
  });

  test('after Redis has taken a confirmation: sent again, it changes nothing', async () => {
    const { proxy, dedup } = await bench.openThroughProxy();
    await claim(dedup, 'a', 1);
    proxy.cutAtReply();
    await dedup.confirm(keys(1), 'a');
    await reachable(dedup);
    expect(await claim(dedup, 'b', 1)).toEqual([DUPLICATE]);
  });

  test('is replaced', async () => {
    const { proxy, dedup } = await bench.openThroughProxy();
    proxy.cut();
    await outOfReach(dedup);
    await reachable(dedup);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
  });

  test('without a sign, so that nothing comes back over it, is given up for a new one', async () => {
    const { proxy, dedup } = await bench.openThroughProxy();
    proxy.silence();
    expect(await claim(dedup, 'a', 1)).toEqual([UNCERTAIN]);
    await expectFreeRefusals(dedup);
    await reachable(dedup);
    expect(proxy.connections).toBeGreaterThan(1);
    expect(await claim(dedup, 'a', 2)).toEqual([NEW]);
  });
});

describe('a connection that leads to nobody', () => {
  test('although it is made is given up for a new one', async () => {
    const server = await bench.startServer();
    const proxy = await bench.startProxy(server);
    proxy.isSilent = true;
    const dedup = await bench.open(urlOf(proxy));
    expect(proxy.connections).toBe(1);
    await expectFreeRefusals(dedup);
    proxy.isSilent = false;
    await reachable(dedup);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
  });
});

describe('a Redis that is not there', () => {
  test('at the start keeps nobody waiting for long, and is used once it is', async () => {
    const server = await bench.prepareServer();
    const dedup = await bench.open(server.url);
    await expectFreeRefusals(dedup);
    await server.start();
    await reachable(dedup);
    expect(await claim(dedup, 'a', 1)).toEqual([NEW]);
  });

  test('is told of once, with the reason, and when it is back', async () => {
    const server = await bench.prepareServer();
    const dedup = await bench.open(server.url);
    expect(bench.logged).toHaveLength(1);
    expect(bench.logged[0]).toMatch(/"level":40.*ECONNREFUSED.*out of reach/);
    await server.start();
    await reachable(dedup);
    expect(bench.logged).toHaveLength(2);
    expect(bench.logged[1]).toMatch(/"level":30.*filters events again/);
  });

  test('because it was killed costs the calls under way a bounded time, and later ones none', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    const underWay = Array.from({ length: 50 }, (_, i) => claim(dedup, `${i}`, i));
    const ms = await took(async () => {
      await server.kill();
      for (const [result] of await Promise.all(underWay)) expect([NEW, UNCERTAIN]).toContain(result);
    });
    expect(ms).toBeLessThan(10 * ANSWER_MS);
    await outOfReach(dedup);
    await expectFreeRefusals(dedup);
    expect(await took(() => dedup.confirm(keys(1), '1'))).toBeLessThan(ANSWER_MS);
    expect(await took(() => dedup.release(keys(2), '2'))).toBeLessThan(ANSWER_MS);
  });

  test('and comes back with an empty memory and no scripts, knows nothing and works', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await claim(dedup, 'a', 1);
    await dedup.confirm(keys(1), 'a');
    for (let restart = 0; restart < 3; restart++) {
      await server.kill();
      await outOfReach(dedup);
      await server.start();
      await reachable(dedup);
      expect(await claim(dedup, `after ${restart}`, 1)).toEqual([NEW]);
    }
  });
});

describe('a Redis that is too slow', () => {
  test('costs nobody anything after the first call, and is used once it is quick', async () => {
    const { proxy, dedup } = await bench.openThroughProxy();
    proxy.delayMs = 2 * ANSWER_MS;
    expect(await claim(dedup, 'a', 1)).toEqual([UNCERTAIN]);
    // All the while it answers the probes, only too late.
    const until = performance.now() + 8 * ANSWER_MS;
    while (performance.now() < until) await expectFreeRefusals(dedup);
    proxy.delayMs = 0;
    await reachable(dedup);
    expect(await claim(dedup, 'a', 2)).toEqual([NEW]);
  });
});

describe('a Redis that hangs', () => {
  test('costs the first call a bounded time and later ones none, and is used once it goes on', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await server.pause();
    const ms = await took(async () => expect(await claim(dedup, 'late', 1)).toEqual([UNCERTAIN]));
    expect(ms).toBeGreaterThan(ANSWER_MS - 10);
    expect(ms).toBeLessThan(10 * ANSWER_MS);
    await expectFreeRefusals(dedup);
    server.resume();
    await reachable(dedup);
    expect(await claim(dedup, 'a', 2)).toEqual([NEW]);
  });

  test('takes a late claim as one that nobody has confirmed: never are its keys duplicates', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await server.pause();
    await claim(dedup, 'late', 1);
    server.resume();
    await waitFor('the late claim', () => ownerOf(server, 1).then((owner) => owner !== null));
    await reachable(dedup);
    expect(await claim(dedup, 'b', 1)).toEqual([UNCERTAIN]);
    await dedup.confirm(keys(1), 'late');
    expect(await claim(dedup, 'b', 1)).toEqual([DUPLICATE]);
  });

  test('is used again after many connections that came to nothing', async () => {
    const { server, proxy, dedup } = await bench.openThroughProxy();
    await server.pause();
    expect(await claim(dedup, 'late', 1)).toEqual([UNCERTAIN]);
    // The silent one is given up, and then the one after it, which is never ready.
    await waitFor('a third connection', () => proxy.connections >= 3, 30_000);
    await expectFreeRefusals(dedup);
    server.resume();
    await reachable(dedup);
    expect(await claim(dedup, 'a', 2)).toEqual([NEW]);
  });

  test('does not collect calls without end', async () => {
    const server = await bench.startServer();
    const dedup = await bench.open(server.url);
    await server.pause();
    const batch = keys(...Array.from({ length: 8_192 }, (_, i) => i));
    let refused = 0;
    const claims = Array.from({ length: 40 }, (_, i) =>
      dedup.claim(batch, `${i}`).then((results) => {
        refused++;
        return results;
      }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    // 32 batches are what may be under way.
    expect(refused).toBe(8);
    for (const results of await Promise.all(claims)) expect(new Set(results)).toEqual(new Set([UNCERTAIN]));
    server.resume();
    await reachable(dedup);
    const results = await waitFor('room for a batch', async () => {
      const results = await dedup.claim(keys(100_001, 100_002), 'after');
      return results.includes(UNCERTAIN) ? undefined : results;
    });
    expect([...results]).toEqual([NEW, NEW]);
  });
});

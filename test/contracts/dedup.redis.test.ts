import { pino } from 'pino';
import { afterAll, beforeAll } from 'vitest';
import { openRedisDedup } from '../../storage/dedup/redis.ts';
import { RedisCluster } from '../support/redis-cluster.ts';
import { RedisServer } from '../support/redis-server.ts';
import { type DedupEngine, describeDedupContract } from './dedup.contract.ts';
import { scaledTimes, withClock } from './support/redis-clock.ts';

const logger = pino({ enabled: false });

let server: RedisServer;
let cluster: RedisCluster;
beforeAll(async () => {
  [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start(3)]);
});
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await cluster?.[Symbol.asyncDispose]();
});

describeDedupContract('a Redis server', async () => engineOn([server]));
describeDedupContract('a Redis cluster', async () => engineOn(cluster.nodes));

function engineOn(servers: readonly RedisServer[]): DedupEngine {
  const [{ url }] = servers as [RedisServer];
  return {
    controlsTime: true,
    async open({ now }) {
      await Promise.all(servers.map((each) => each.run('FLUSHALL')));
      return withClock(await openRedisDedup({ url, logger, ...scaledTimes }), servers, now);
    },
    dispose: async () => undefined,
  };
}

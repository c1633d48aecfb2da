/**
 * A clock for a filter on real Redis servers, which have none that a test could set: what passes on the
 * test's clock is taken from the life of every key.
 *
 * A millisecond of the test is a second in Redis. So the time that really passes does not count.
 */
import { limits } from '../../../limits.ts';
import type { Dedup } from '../../../storage/dedup/port.ts';
import type { RedisServer } from '../../support/redis-server.ts';

const SCALE = 1_000;

/** How long claims last, in the time of these servers. */
export const scaledTimes = {
  pendingClaimMs: limits.pendingClaimMs * SCALE,
  claimMs: limits.claimMs * SCALE,
};

const LET_PASS = `
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key) - ARGV[1]
  if left <= 0 then redis.call('DEL', key) else redis.call('PEXPIRE', key, left) end
end
`;

/** The filter, opened with `scaledTimes`, obeying `now`. */
export function withClock(dedup: Dedup, servers: readonly RedisServer[], now: () => number): Dedup {
  let last = now();
  const catchUp = async (): Promise<void> => {
    const passed = now() - last;
    last += passed;
    if (passed === 0) return;
    await Promise.all(servers.map((server) => server.run('EVAL', LET_PASS, 0, passed * SCALE)));
  };
  return {
    get isReachable() {
      return dedup.isReachable;
    },
    claim: async (keys, token) => {
      await catchUp();
      return dedup.claim(keys, token);
    },
    confirm: async (keys, token) => {
      await catchUp();
      return dedup.confirm(keys, token);
    },
    release: async (keys, token) => {
      await catchUp();
      return dedup.release(keys, token);
    },
    close: () => dedup.close(),
  };
}

/**
 * What the filter does inside Redis: three scripts, each atomic over all of its keys.
 *
 * A key that is not there is nobody's. Its value is the owner of an unconfirmed claim, or `1` once it is
 * confirmed (a number that Redis keeps for all keys together). Both expire by Redis' own clock.
 *
 * A script may run twice: the client sends what was under way again after a reconnect. The owner in the
 * value makes the second run give the answers of the first.
 */
import type { Cluster, Redis, Result } from 'ioredis';
import { Claim } from './port.ts';

/** A connection that knows the scripts. */
export type FilterClient = Redis | Cluster;

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** @returns a byte per key, in order: its `ClaimResult` */
    filterClaimBuffer(
      keys: number,
      names: string[],
      owner: string,
      pendingMs: number,
    ): Result<Buffer, Context>;
    filterConfirm(keys: number, names: string[], owner: string, claimMs: number): Result<number, Context>;
    filterRelease(keys: number, names: string[], owner: string): Result<number, Context>;
  }
}

const CONFIRMED = '1';

/** The value of an unconfirmed claim of the token; never `CONFIRMED`. */
export function ownerOf(token: string): string {
  return `~${token}`;
}

const CLAIM = `
local owner, pendingMs = ARGV[1], ARGV[2]
local call, results, seen = redis.call, {}, nil
for i = 1, #KEYS do
  local key = KEYS[i]
  if call('SET', key, owner, 'NX', 'PX', pendingMs) then
    results[i] = '\\${Claim.new}'
  else
    local value = call('GET', key)
    if value == '${CONFIRMED}' then
      results[i] = '\\${Claim.duplicate}'
    else
      -- Rare, so only now: which keys occur earlier in this call.
      if not seen then
        seen = {}
        for earlier = 1, i - 1 do seen[KEYS[earlier]] = true end
      end
      if seen[key] then
        results[i] = '\\${Claim.duplicate}'
      elseif value == owner then
        call('SET', key, owner, 'PX', pendingMs)
        results[i] = '\\${Claim.new}'
      else
        results[i] = '\\${Claim.uncertain}'
      end
    end
  end
  if seen then seen[key] = true end
end
return table.concat(results)
`;

const CONFIRM = `
local owner, claimMs = ARGV[1], ARGV[2]
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == owner then redis.call('SET', KEYS[i], '${CONFIRMED}', 'PX', claimMs) end
end
return #KEYS
`;

const RELEASE = `
local owner = ARGV[1]
for i = 1, #KEYS do
  if redis.call('GET', KEYS[i]) == owner then redis.call('DEL', KEYS[i]) end
end
return #KEYS
`;

/** The scripts by name, as the client takes them. It sends a script's hash, and the text where it is needed. */
export const SCRIPTS = {
  filterClaim: { lua: CLAIM },
  filterConfirm: { lua: CONFIRM },
  filterRelease: { lua: RELEASE },
};

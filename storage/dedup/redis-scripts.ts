/**
 * What the filter does inside Redis: four scripts, each atomic over all of its keys.
 *
 * A key that is not there is nobody's. Its value is the owner of a claim, or `1` once it is confirmed by itself
 * (a number that Redis keeps for all keys together). Nearly always all claims of an owner are confirmed at once:
 * then one key says so, the owner's *seal*, and theirs stay as they are. So an event costs Redis one `SET`,
 * where a confirmation of each took three calls: 5.9 µs of Redis' time for an event of a batch are 3.8 so.
 * Everything expires by Redis' own clock.
 *
 * A script may run twice: the client sends what was under way again after a reconnect. The owner in the
 * value makes the second run give the answers of the first.
 */
import type { Cluster, Redis, Result } from 'ioredis';
import { Claim } from './port.ts';
import { PREFIX_LENGTH } from './redis-keys.ts';

/** A connection that knows the scripts. */
export type FilterClient = Redis | Cluster;

/** How long claims last, and how all seals begin: empty on a cluster. */
type Settings = [pendingMs: number, claimMs: number, sealPrefix: string];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    /** @returns a byte per key, in order: its `ClaimResult` */
    filterClaimBuffer(
      keys: number,
      names: string[],
      owner: string,
      ...settings: Settings
    ): Result<Buffer, Context>;
    filterConfirm(
      keys: number,
      names: string[],
      owner: string,
      ...settings: Settings
    ): Result<number, Context>;
    filterRelease(
      keys: number,
      names: string[],
      owner: string,
      ...settings: Settings
    ): Result<number, Context>;
    /** @param names as `sealsOf` gives them */
    filterSeal(keys: number, names: string[], owner: string, ...settings: Settings): Result<number, Context>;
  }
}

const CONFIRMED = '1';

/** See `sealsOf`: on a single server all seals begin alike, on a cluster each as the keys of its share do. */
const IS_SEALED = `
local function isSealed(key, value, sealPrefix)
  if sealPrefix == '' then sealPrefix = string.sub(key, 1, ${PREFIX_LENGTH}) .. '~' end
  return redis.call('EXISTS', sealPrefix .. value) == 1
end
`;

/** Keys last as long as confirmed claims, so what is left of that tells how old a claim is. */
const IS_HELD = `
local function isHeld(key, owner, pendingMs, claimMs)
  return redis.call('GET', key) == owner and claimMs - redis.call('PTTL', key) < pendingMs
end
`;

const CLAIM = `${IS_SEALED}
local owner, pendingMs, claimMs, sealPrefix = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local call, results, seen = redis.call, {}, nil
for i = 1, #KEYS do
  local key = KEYS[i]
  if call('SET', key, owner, 'NX', 'PX', claimMs) then
    results[i] = '\\${Claim.new}'
  else
    local value = call('GET', key)
    if value == '${CONFIRMED}' or isSealed(key, value, sealPrefix) then
      results[i] = '\\${Claim.duplicate}'
    else
      -- Rare, so only now: which keys occur earlier in this call.
      if not seen then
        seen = {}
        for earlier = 1, i - 1 do seen[KEYS[earlier]] = true end
      end
      if seen[key] then
        results[i] = '\\${Claim.duplicate}'
      elseif value == owner or claimMs - call('PTTL', key) >= pendingMs then
        call('SET', key, owner, 'PX', claimMs)
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

const CONFIRM = `${IS_HELD}
local owner, pendingMs, claimMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, #KEYS do
  if isHeld(KEYS[i], owner, pendingMs, claimMs) then
    redis.call('SET', KEYS[i], '${CONFIRMED}', 'PX', claimMs)
  end
end
return #KEYS
`;

/** The first key is one of those claimed, which all are of the same age; the others are seals. */
const SEAL = `
local owner, pendingMs, claimMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local sample = KEYS[1]
if redis.call('GET', sample) == owner and claimMs - redis.call('PTTL', sample) >= pendingMs then return 0 end
for i = 2, #KEYS do redis.call('SET', KEYS[i], '${CONFIRMED}', 'PX', claimMs) end
return #KEYS
`;

const RELEASE = `${IS_SEALED}${IS_HELD}
local owner, pendingMs, claimMs = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
for i = 1, #KEYS do
  local key = KEYS[i]
  if isHeld(key, owner, pendingMs, claimMs) and not isSealed(key, owner, ARGV[4]) then redis.call('DEL', key) end
end
return #KEYS
`;

/** The scripts by name, as the client takes them. It sends a script's hash, and the text where it is needed. */
export const SCRIPTS = {
  filterClaim: { lua: CLAIM },
  filterConfirm: { lua: CONFIRM },
  filterSeal: { lua: SEAL },
  filterRelease: { lua: RELEASE },
};

import { describe, expect, test } from 'vitest';
import { limits } from '../../limits.ts';
import { keys } from '../../test/contracts/dedup.contract.ts';
import { openMemoryDedup } from './memory.ts';
import { Claim } from './port.ts';

describe('the in-memory filter', () => {
  test('holds no more than its capacity: it forgets the oldest half', async () => {
    const dedup = openMemoryDedup({ now: () => 0, capacity: 200 });
    const claimAndConfirm = async (number: number): Promise<void> => {
      await dedup.claim(keys(number), 'a');
      await dedup.confirm(keys(number), 'a');
    };
    for (let number = 1; number <= 1_000; number++) await claimAndConfirm(number);
    const remembered: number[] = [];
    for (let number = 1; number <= 1_000; number++) {
      // Each question may itself make it forget, so ask the newest first.
      const [result] = await dedup.claim(keys(1_001 - number), 'b');
      if (result === Claim.duplicate) remembered.push(1_001 - number);
    }
    expect(remembered.length).toBeLessThanOrEqual(200);
    expect(remembered.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => 1_000 - i));
  });

  test('judges a call that is larger than its capacity', async () => {
    const dedup = openMemoryDedup({ now: () => 0, capacity: 10 });
    const numbers = Array.from({ length: 100 }, (_, i) => i + 1);
    const results = await dedup.claim(keys(...numbers), 'a');
    expect(new Set(results)).toEqual(new Set([Claim.new]));
  });

  test('confirms a claim that was made before the generations turned, for the whole time', async () => {
    let now = 0;
    const dedup = openMemoryDedup({ now: () => now });
    now = limits.claimMs - 1;
    await dedup.claim(keys(1), 'a');
    now += 1;
    await dedup.claim(keys(2), 'b');
    await dedup.confirm(keys(1), 'a');
    now += limits.claimMs - 1;
    await dedup.claim(keys(3), 'c');
    expect([...(await dedup.claim(keys(1), 'd'))]).toEqual([Claim.duplicate]);
  });

  test('remembers a call that was confirmed as a whole until the second turn of the generations', async () => {
    let now = 0;
    const dedup = openMemoryDedup({ now: () => now });
    const results: number[] = [];
    await dedup.claim(keys(1, 2), 'a');
    await dedup.confirm(keys(1, 2), 'a');
    for (let turn = 0; turn < 3; turn++) {
      await dedup.claim(keys(100 + turn), 'other');
      results.push(...(await dedup.claim(keys(2), 'b')));
      now += limits.claimMs;
    }
    expect(results).toEqual([Claim.duplicate, Claim.duplicate, Claim.new]);
  });

  test('leaves alone what was given back of a call before it was confirmed as a whole', async () => {
    const dedup = openMemoryDedup();
    await dedup.claim(keys(1, 2), 'a');
    await dedup.release(keys(1), 'a');
    await dedup.confirm(keys(1, 2), 'a');
    expect([...(await dedup.claim(keys(1, 2), 'b'))]).toEqual([Claim.new, Claim.duplicate]);
  });

  test('holds words that are not whole keys to be a bug', async () => {
    const dedup = openMemoryDedup();
    await expect(dedup.claim(new Uint32Array(4), 'a')).rejects.toThrow('whole fingerprints');
  });
});

import { describe, expect, test, vi } from 'vitest';
import { MESSAGE_MUTANTS } from './message-mutants.ts';
import type { Mutant } from './mutant.ts';
import { SMALL_LIMITS } from './small-limits.ts';
import { talk } from './talk.ts';

vi.mock('../../limits.ts', async (importOriginal) => {
  const { limits } = await importOriginal<typeof import('../../limits.ts')>();
  return { limits: { ...limits, ...SMALL_LIMITS } };
});

const SEEDS = 100;
const SECONDS = 1_000;

describe('messages between actors', () => {
  test(`are each heard once and in order, whatever fails, in ${SEEDS} seeds`, {
    timeout: 120 * SECONDS,
  }, async () => {
    let told = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { violations, told: here } = await talk(seed);
      expect(violations, `seed ${seed}`).toEqual([]);
      told += here;
    }
    expect(told).toBeGreaterThan(SEEDS * 20);
  });

  test.each<[string, Mutant]>(Object.entries(MESSAGE_MUTANTS))(
    'are not with %s',
    { timeout: 120 * SECONDS },
    async (_, mutant) => {
      let seed = 0;
      let violations: readonly string[] = [];
      while (violations.length === 0 && seed < SEEDS) ({ violations } = await talk(++seed, mutant));
      expect(violations).not.toEqual([]);
    },
  );
});

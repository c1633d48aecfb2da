import { describe, expect, test } from 'vitest';
import { SeededRandom } from '../../../cli/demo/random.ts';
import { FAULT_KINDS, NEEDED_KINDS } from './kinds.ts';
import { planFaults } from './plan.ts';

const MINUTE = 60_000;

describe('planFaults', () => {
  test('plans the same for the same seed, and something else for another', () => {
    const plan = (seed: number) => planFaults(new SeededRandom(seed), 10 * MINUTE, 90);
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  test('has every kind of fault that a run needs, however short it is', () => {
    for (let seed = 0; seed < 50; seed++) {
      for (const count of [NEEDED_KINDS.length, 8, 12, 90]) {
        const kinds = planFaults(new SeededRandom(seed), MINUTE, count).map(({ kind }) => kind);
        expect(kinds).toHaveLength(count);
        expect(kinds).toEqual(expect.arrayContaining([...NEEDED_KINDS]));
      }
    }
  });

  test('has all kinds of faults within ten minutes', () => {
    const kinds = planFaults(new SeededRandom(3), 10 * MINUTE, 90).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(FAULT_KINDS));
  });

  test('begins faults one after the other, the first after a while and the last well before the end', () => {
    for (let seed = 0; seed < 50; seed++) {
      const times = planFaults(new SeededRandom(seed), 5 * MINUTE, 45).map(({ atMs }) => atMs);
      expect(times).toEqual([...times].sort((left, right) => left - right));
      expect(times[0]).toBeGreaterThan(3_000);
      expect(times.at(-1)).toBeLessThan(5 * MINUTE - 10_000);
    }
  });

  test('leaves the system alone for a while, time and again', () => {
    const times = planFaults(new SeededRandom(5), 10 * MINUTE, 90).map(({ atMs }) => atMs);
    const pauses = times.slice(1).filter((at, index) => at - (times[index] as number) >= 10_000);
    expect(pauses.length).toBeGreaterThan(8);
  });
});

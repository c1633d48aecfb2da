import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeededRandom, WeightedPicker, zipfWeights } from './random.ts';

const sequence = (random: SeededRandom): number[] => Array.from({ length: 50 }, () => random.next());

/** How often each of the indexes is picked. */
function countPicks(indexes: number, picks: number, pick: () => number): number[] {
  const counts = new Array<number>(indexes).fill(0);
  for (let i = 0; i < picks; i++) {
    const index = pick();
    counts[index] = (counts[index] as number) + 1;
  }
  return counts;
}

describe('SeededRandom', () => {
  test('gives the same numbers for the same seed and stream', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat(9), (seed, stream) => {
        expect(sequence(new SeededRandom(seed, stream))).toEqual(sequence(new SeededRandom(seed, stream)));
      }),
    );
  });

  test('gives other numbers for another seed, also beyond 32 bits, and for another stream', () => {
    const first = sequence(new SeededRandom(7));
    expect(sequence(new SeededRandom(8))).not.toEqual(first);
    expect(sequence(new SeededRandom(7 + 2 ** 32))).not.toEqual(first);
    expect(sequence(new SeededRandom(7, 1))).not.toEqual(first);
  });

  test('spreads its numbers evenly over [0, 1)', () => {
    const random = new SeededRandom(1);
    const tenths = countPicks(10, 100_000, () => Math.floor(random.next() * 10));
    for (const count of tenths) {
      expect(count).toBeGreaterThan(9_500);
      expect(count).toBeLessThan(10_500);
    }
  });

  test('keeps whole numbers below their bound', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 1_000 }), (seed, count) => {
        const value = new SeededRandom(seed).below(count);
        return Number.isInteger(value) && value >= 0 && value < count;
      }),
    );
  });
});

describe('WeightedPicker', () => {
  test('picks each index as often as its weight says', () => {
    const picker = new WeightedPicker([1, 0, 3]);
    const random = new SeededRandom(3);
    const [first, second, third] = countPicks(3, 40_000, () => picker.pick(random)) as [
      number,
      number,
      number,
    ];
    expect(second).toBe(0);
    expect(third / first).toBeGreaterThan(2.8);
    expect(third / first).toBeLessThan(3.2);
  });

  test('follows Zipf’s law with Zipf’s weights', () => {
    const picker = new WeightedPicker(zipfWeights(10));
    const random = new SeededRandom(5);
    const counts = countPicks(10, 100_000, () => picker.pick(random));
    const first = counts[0] as number;
    for (const [index, count] of counts.entries()) {
      expect(count * (index + 1)).toBeGreaterThan(first * 0.9);
      expect(count * (index + 1)).toBeLessThan(first * 1.1);
    }
  });
});

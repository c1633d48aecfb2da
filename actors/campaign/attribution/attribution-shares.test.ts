import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ATTRIBUTION_MODELS } from '../../../model/attribution.ts';
import { WHOLE_PPM } from '../../../model/terms.ts';
import { sharesOf, splitMicros } from './attribution-shares.ts';

const DAY = 86_400_000;
const WEEK = 7 * DAY;
const sum = (parts: readonly number[]): number => parts.reduce((total, part) => total + part, 0);

describe('the shares of touches', () => {
  test.each([
    ['LAST_CLICK', [3 * DAY, 2 * DAY, DAY], [0, 0, 1_000_000]],
    ['FIRST_CLICK', [3 * DAY, 2 * DAY, DAY], [1_000_000, 0, 0]],
    ['LINEAR', [3 * DAY, 2 * DAY], [500_000, 500_000]],
    ['LINEAR', [3 * DAY, 2 * DAY, DAY], [333_333, 333_333, 333_334]],
    ['POSITION_BASED', [DAY], [1_000_000]],
    ['POSITION_BASED', [2 * DAY, DAY], [500_000, 500_000]],
    ['POSITION_BASED', [3 * DAY, 2 * DAY, DAY], [400_000, 200_000, 400_000]],
    ['POSITION_BASED', [4 * DAY, 3 * DAY, 2 * DAY, DAY], [400_000, 100_000, 100_000, 400_000]],
    ['TIME_DECAY', [WEEK, 0], [333_333, 666_667]],
    ['TIME_DECAY', [WEEK + DAY, DAY], [333_333, 666_667]],
    ['TIME_DECAY', [2 * WEEK, WEEK, 0], [142_857, 285_714, 571_429]],
    ['TIME_DECAY', [3.5 * DAY, 0], [414_214, 585_786]],
    ['TIME_DECAY', [365 * DAY, 0], [0, 1_000_000]],
  ] as const)('by %s of touches of the ages %j are %j', (model, ages, shares) => {
    expect(sharesOf(model, ages, WEEK)).toEqual(shares);
  });

  test('sum to a million, and none is negative, whatever the model and the ages', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ATTRIBUTION_MODELS),
        fc.array(fc.integer({ min: 0, max: 365 * DAY }), { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1_000, max: 365 * DAY }),
        (model, ages, halfLifeMs) => {
          const shares = sharesOf(
            model,
            ages.sort((a, b) => b - a),
            halfLifeMs,
          );
          expect(sum(shares)).toBe(WHOLE_PPM);
          expect(shares.every((share) => Number.isSafeInteger(share) && share >= 0)).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('by time decay follow two to the power of the negative age by half-life', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60 * DAY }), { minLength: 2, maxLength: 10 }),
        (ages) => {
          const sorted = ages.sort((a, b) => b - a);
          const weights = sorted.map((age) => 2 ** (-age / WEEK));
          for (const [index, share] of sharesOf('TIME_DECAY', sorted, WEEK).entries())
            expect(Math.abs(share - ((weights[index] as number) / sum(weights)) * WHOLE_PPM)).toBeLessThan(
              1.01,
            );
        },
      ),
    );
  });
});

describe('an amount', () => {
  test('is split so that no micro is lost, in 100,000 random cases', () => {
    let state = 12_345;
    const next = (bound: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state % bound;
    };
    let wrong = 0;
    for (let run = 0; run < 100_000; run++) {
      const ages = Array.from({ length: 1 + next(10) }, () => next(30 * DAY)).sort((a, b) => b - a);
      const model = ATTRIBUTION_MODELS[next(ATTRIBUTION_MODELS.length)] ?? 'LINEAR';
      const shares = sharesOf(model, ages, WEEK);
      const micros = run % 3 === 0 ? next(100) : next(2 ** 31) * 4_000_000;
      const parts = splitMicros(micros, shares);
      const isFair = parts.every(
        (part, index) => Math.abs(part - (micros * (shares[index] as number)) / WHOLE_PPM) <= 2,
      );
      if (sum(parts) !== micros || !isFair || parts.some((part) => part < 0)) wrong++;
    }
    expect(wrong).toBe(0);
  });

  test('of one micro goes to the largest share', () => {
    expect(splitMicros(1, [400_000, 200_000, 400_000])).toEqual([0, 0, 1]);
    expect(splitMicros(1, [500_000, 300_000, 200_000])).toEqual([1, 0, 0]);
  });

  test('of thirds gives what is left to the last', () => {
    expect(splitMicros(100, [333_333, 333_333, 333_334])).toEqual([33, 33, 34]);
  });
});

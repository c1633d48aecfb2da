import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { successScore, TARGET_METRICS, type Target, type TargetMetric } from './targets.ts';

/** A score against figures that are all the same. */
const score = (targets: readonly Target[], actual: number | null) => successScore(targets, () => actual);

describe('the success score', () => {
  test('is there only with targets', () => {
    expect(score([], 5)).toBeUndefined();
  });

  test.each<[TargetMetric, number, number | null, number]>([
    ['clicks', 100, 50, 0.5],
    ['clicks', 100, 100, 1],
    ['clicks', 100, 250, 1],
    ['ctr', 0.02, 0.01, 0.5],
    ['ctr', 0.02, null, 0],
    ['roi', 1, -0.5, 0],
    ['cpa', 5, 10, 0.5],
    ['cpa', 5, 2, 1],
    ['cpa', 5, 0, 1],
    ['cpa', 5, null, 0],
  ])('of a target for %s of %d and an actual %d is %d', (metric, value, actual, expected) => {
    expect(score([{ metric, value }], actual)).toBe(expected);
  });

  test('is the mean over the targets', () => {
    const targets: Target[] = [
      { metric: 'clicks', value: 10 },
      { metric: 'cpc', value: 10 },
      { metric: 'conversions', value: 40 },
    ];
    expect(score(targets, 20)).toBeCloseTo((1 + 0.5 + 0.5) / 3, 12);
  });

  test('lies between 0 and 1, whatever the figures', () => {
    const target = fc.record({
      metric: fc.constantFrom(...TARGET_METRICS),
      value: fc.double({ min: 1e-9, max: 1e15, noNaN: true }),
    });
    const actual = fc.option(fc.double({ min: -1e15, max: 1e15, noNaN: true }));
    fc.assert(
      fc.property(fc.array(target, { minLength: 1, maxLength: 12 }), actual, (targets, figure) => {
        const result = score(targets, figure) as number;
        return result >= 0 && result <= 1 + 1e-12;
      }),
    );
  });
});

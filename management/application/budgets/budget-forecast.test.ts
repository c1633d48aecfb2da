import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forecastSpend, normalDistribution, type SpendForecast, type SpendSoFar } from './budget-forecast.ts';

const UNIT = 1_000_000;
const TODAY = 20_000;

/** A campaign that has spent these units on the days before today, the last one yesterday. */
function spent(units: readonly number[], more: Partial<SpendSoFar> = {}): SpendSoFar {
  const days = units
    .map((amount, i) => [TODAY - units.length + i, amount * UNIT] as const)
    .filter(([, micros]) => micros > 0);
  const spentMicros = days.reduce((sum, [, micros]) => sum + micros, 0);
  return {
    totalMicros: 1_000 * UNIT,
    spentMicros,
    records: 10,
    today: TODAY,
    ...(days[0] && { firstDay: days[0][0] }),
    days,
    minorMicros: 10_000n,
    ...more,
  };
}

const forecast = (so: SpendSoFar, days: number): SpendForecast => {
  const made = forecastSpend(so, days);
  if (!made) throw new Error('no forecast');
  return made;
};

describe('a forecast of spend', () => {
  test('is not made of fewer than three records', () => {
    expect(forecastSpend(spent([5, 5], { records: 2 }), 7)).toBeUndefined();
    expect(forecastSpend(spent([], { records: 0 }), 7)).toBeUndefined();
    expect(forecastSpend(spent([5, 5], { records: 3 }), 7)).toBeDefined();
  });

  test('is the mean of the last seven complete days times the days asked for', () => {
    const so = spent([900, 1, 2, 3, 4, 5, 6, 7], { totalMicros: 2_000 * UNIT });
    expect(forecast(so, 10)).toMatchObject({
      basisDays: 7,
      dailyMeanMicros: BigInt(4 * UNIT),
      expectedMicros: BigInt(40 * UNIT),
      projectedMicros: BigInt(968 * UNIT),
    });
  });

  test('counts days without spend, but none before the first', () => {
    expect(forecast(spent([6, 0, 0]), 1)).toMatchObject({ basisDays: 3, dailyMeanMicros: BigInt(2 * UNIT) });
  });

  test('leaves today out, unless there is nothing else', () => {
    const today = [TODAY, 90 * UNIT] as const;
    const both = spent([2, 4]);
    expect(forecast({ ...both, days: [...both.days, today] }, 1).dailyMeanMicros).toBe(BigInt(3 * UNIT));
    const alone = spent([], { days: [today], firstDay: TODAY, spentMicros: 90 * UNIT });
    expect(forecast(alone, 2)).toMatchObject({ basisDays: 1, expectedMicros: BigInt(180 * UNIT) });
  });

  test('rounds to the nearest micro', () => {
    const so = spent([], { days: [[TODAY - 3, 2]], firstDay: TODAY - 3, spentMicros: 2 });
    expect(forecast(so, 1).dailyMeanMicros).toBe(1n);
    expect(forecast(so, 10).expectedMicros).toBe(7n);
  });

  test('is certain of an excess, or of none, where days do not differ', () => {
    const so = spent([100, 100, 100]);
    expect(forecast(so, 7).overspendProbability).toBe(0);
    expect(forecast(so, 8).overspendProbability).toBe(1);
  });

  test('finds an excess as likely as not where exactly what is left is expected', () => {
    const so = spent([50, 150], { totalMicros: 1_200 * UNIT });
    expect(forecast(so, 10).overspendProbability).toBeCloseTo(0.5, 7);
  });

  test('works the probability out by the normal distribution', () => {
    // Mean 100, deviation 10 of three days; over 4 days 400 and 10·√(4·(1+4/3)) = 30.55; 450 are left.
    const so = spent([90, 100, 110], { totalMicros: 750 * UNIT });
    expect(forecast(so, 4).overspendProbability).toBeCloseTo(1 - 0.949_142, 4);
  });

  test('recommends what is left by the days to the end, or those asked for, rounded down to the minor unit', () => {
    const so = spent([100], { totalMicros: 200 * UNIT });
    expect(forecast(so, 3).recommendedDailyMicros).toBe(33_330_000n);
    expect(forecast({ ...so, daysLeft: 7 }, 3).recommendedDailyMicros).toBe(14_280_000n);
  });

  test('is trusted the more the more days there are, and the less they differ', () => {
    expect(forecast(spent([5, 5, 5, 5, 5, 5, 5]), 1).confidence).toBe(1);
    expect(forecast(spent([5, 5, 5]), 1).confidence).toBeCloseTo(3 / 7);
    expect(forecast(spent([1, 9, 5]), 1).confidence).toBeLessThan(3 / 7);
    expect(forecast(spent([5]), 1).confidence).toBeCloseTo(1 / 14);
  });

  test('has shares from 0 to 1 and sums that agree, whatever was spent', () =>
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 30 }),
        fc.nat(10_000),
        fc.integer({ min: 1, max: 365 }),
        fc.option(fc.integer({ min: 1, max: 400 }), { nil: undefined }),
        (units, left, days, daysLeft) => {
          const so = spent(units, daysLeft === undefined ? {} : { daysLeft });
          const made = forecastSpend({ ...so, totalMicros: so.spentMicros + left * UNIT }, days);
          if (!made) return;
          for (const share of [made.overspendProbability, made.confidence]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1);
          }
          expect(made.projectedMicros - made.expectedMicros).toBe(BigInt(so.spentMicros));
          expect(made.recommendedDailyMicros * BigInt(daysLeft ?? days)).toBeLessThanOrEqual(
            BigInt(left * UNIT),
          );
          expect(made.recommendedDailyMicros % 10_000n).toBe(0n);
          expect(made.basisDays).toBeLessThanOrEqual(7);
        },
      ),
    ));

  test('finds an excess the less likely the more is left', () =>
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 7 }),
        fc.integer({ min: 1, max: 100 }),
        fc.nat(50_000),
        fc.nat(50_000),
        (units, days, one, more) => {
          const so = spent(units);
          const likely = (left: number): number =>
            forecast({ ...so, totalMicros: so.spentMicros + left * UNIT }, days).overspendProbability;
          expect(likely(one + more)).toBeLessThanOrEqual(likely(one) + 1e-7);
        },
      ),
    ));
});

describe('the normal distribution', () => {
  test('is that of the tables', () => {
    const table = [
      [0, 0.5],
      [1, 0.841_344_7],
      [-1, 0.158_655_3],
      [1.959_964, 0.975],
      [-3, 0.001_349_9],
      [9, 1],
    ] as const;
    for (const [z, probability] of table) expect(normalDistribution(z)).toBeCloseTo(probability, 6);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TierMeasure, TierMode } from '../../../model/commission-plan.ts';
import type { Commission } from '../../../model/terms.ts';
import { type Brought, flatEarning, plus, type TieredRate, tieredEarning } from './tiers.ts';

const WHOLE = 1_000_000;
const PARTS = 1_000_000n;

const nothing: Brought = { count: 0n, revenueMicros: 0n };
const brings = (count: number, revenueMicros: number): Brought => ({
  count: BigInt(count),
  revenueMicros: BigInt(revenueMicros),
});

const price = (model: Commission['model'], rate: number): Commission =>
  model === 'PERCENTAGE' ? { model, sharePpm: rate } : { model, rate: { micros: rate, currency: 'USD' } };

const tiered = (
  mode: TierMode,
  by: TierMeasure,
  base: Commission,
  steps: readonly (readonly [from: number, rate: number])[],
): TieredRate => ({
  ...base,
  tiers: { mode, by, period: 'month', steps: steps.map(([from, rate]) => ({ from, rate })) },
});

/** What each event earns, in millionths of a micro, and what all of them have brought. */
function earnAll(rate: TieredRate, events: readonly Brought[]): { earned: bigint[]; total: Brought } {
  let total = nothing;
  const earned = events.map((event) => {
    const parts = tieredEarning(rate, total, event);
    total = plus(total, event);
    return parts;
  });
  return { earned, total };
}

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n);

describe('marginal tiers', () => {
  it('pay a higher rate for what comes after the threshold', () => {
    const rate = tiered('MARGINAL', 'conversions', price('FLAT', 5_000_000), [
      [2, 6_000_000],
      [3, 8_000_000],
    ]);
    const { earned } = earnAll(
      rate,
      [1, 2, 3, 4, 5].map(() => brings(WHOLE, 0)),
    );
    expect(earned.map((parts) => Number(parts / PARTS))).toEqual([
      5_000_000, 5_000_000, 6_000_000, 8_000_000, 8_000_000,
    ]);
  });

  it('divide an event that lies on both sides of a threshold', () => {
    const rate = tiered('MARGINAL', 'revenue', price('PERCENTAGE', 50_000), [[1_000_000_000, 100_000]]);
    const { earned } = earnAll(rate, [brings(WHOLE, 900_000_000), brings(WHOLE, 300_000_000)]);
    // 5 % of 900, then 5 % of 100 and 10 % of 200.
    expect(earned).toEqual([45_000_000n * PARTS, 25_000_000n * PARTS]);
  });

  it('that pay for conversions and go by revenue divide the conversion as its revenue is', () => {
    const rate = tiered('MARGINAL', 'revenue', price('FLAT', 4_000_000), [[100_000_000, 8_000_000]]);
    const { earned } = earnAll(rate, [
      brings(WHOLE, 75_000_000),
      brings(WHOLE, 100_000_000),
      brings(WHOLE, 0),
    ]);
    expect(earned.map((parts) => Number(parts / PARTS))).toEqual([4_000_000, 7_000_000, 8_000_000]);
  });
});

describe('the examples of docs/commissions.md', () => {
  it.each<[TierMode, number[]]>([
    ['MARGINAL', [20, 20, 26, 32]],
    ['RETROACTIVE', [20, 20, 56, 32]],
  ])('are what %s tiers earn', (mode, expected) => {
    const rate = tiered(mode, 'revenue', price('PERCENTAGE', 50_000), [[1_000 * WHOLE, 80_000]]);
    const { earned } = earnAll(
      rate,
      expected.map(() => brings(WHOLE, 400 * WHOLE)),
    );
    expect(earned.map((parts) => Number(parts / PARTS) / WHOLE)).toEqual(expected);
  });

  it.each<[TierMode, number[]]>([
    ['MARGINAL', [5, 5, 5, 7]],
    ['RETROACTIVE', [5, 5, 11, 7]],
  ])('of a flat rate are what %s tiers earn', (mode, expected) => {
    const rate = tiered(mode, 'conversions', price('FLAT', 5 * WHOLE), [[3, 7 * WHOLE]]);
    const { earned } = earnAll(
      rate,
      expected.map(() => brings(WHOLE, 0)),
    );
    expect(earned.map((parts) => Number(parts / PARTS) / WHOLE)).toEqual(expected);
  });
});

describe('retroactive tiers', () => {
  it('pay for the earlier part with the event that reaches the threshold', () => {
    const rate = tiered('RETROACTIVE', 'conversions', price('FLAT', 5_000_000), [[3, 7_000_000]]);
    const { earned } = earnAll(
      rate,
      [1, 2, 3, 4].map(() => brings(WHOLE, 0)),
    );
    expect(earned.map((parts) => Number(parts / PARTS))).toEqual([
      5_000_000, 5_000_000, 11_000_000, 7_000_000,
    ]);
  });

  it('may raise the share of all revenue by the number of conversions', () => {
    const rate = tiered('RETROACTIVE', 'conversions', price('PERCENTAGE', 50_000), [[2, 100_000]]);
    const { earned } = earnAll(rate, [brings(WHOLE, 80_000_000), brings(WHOLE, 20_000_000)]);
    expect(earned.map((parts) => Number(parts / PARTS))).toEqual([4_000_000, 6_000_000]);
  });
});

const steps = (highestFrom: number, highestRate: number) =>
  fc
    .uniqueArray(
      fc.tuple(fc.integer({ min: 1, max: highestFrom }), fc.integer({ min: 0, max: highestRate })),
      { minLength: 1, maxLength: 6, selector: ([from]) => from },
    )
    .map((drawn) => drawn.sort(([a], [b]) => a - b));

/** Events, some of them shares. Revenue in micros. */
const events = fc.array(
  fc.tuple(fc.integer({ min: 0, max: WHOLE }), fc.integer({ min: 0, max: 3_000_000 })),
  { maxLength: 40 },
);

describe('tiers', () => {
  it('that are marginal earn the integral of their rate, however it is divided into events', () =>
    fc.assert(
      fc.property(
        steps(12, 900_000),
        fc.integer({ min: 0, max: 900_000 }),
        events,
        (drawn, first, shares) => {
          const rate = tiered('MARGINAL', 'conversions', price('FLAT', first), drawn);
          const { earned, total } = earnAll(
            rate,
            shares.map(([count]) => brings(count, 0)),
          );
          // The area below each step, from the threshold before to its own.
          let area = 0n;
          let [from, current] = [0n, BigInt(first)];
          for (const [next, value] of [...drawn, [1e9, 0] as const]) {
            const to = BigInt(next) * BigInt(WHOLE);
            const end = total.count < to ? total.count : to;
            if (end > from) area += (end - from) * current;
            [from, current] = [to, BigInt(value)];
          }
          expect(sum(earned)).toBe(area);
          expect(earned.every((parts) => parts >= 0n)).toBe(true);
        },
      ),
    ));

  it('that are marginal by revenue earn the same, to the millionth of a micro', () =>
    fc.assert(
      fc.property(steps(9_000_000, 900_000), events, (drawn, shares) => {
        const rate = tiered('MARGINAL', 'revenue', price('PERCENTAGE', 10_000), drawn);
        const all = shares.map(([count, revenue]) => brings(count, revenue));
        const { earned, total } = earnAll(rate, all);
        expect(sum(earned)).toBe(tieredEarning(rate, nothing, total));
      }),
    ));

  it('that are retroactive have earned the reached rate of everything, after every event', () =>
    fc.assert(
      fc.property(
        steps(12, 900_000),
        fc.constantFrom<[Commission['model'], TierMeasure]>(
          ['FLAT', 'conversions'],
          ['FLAT', 'revenue'],
          ['PERCENTAGE', 'conversions'],
          ['PERCENTAGE', 'revenue'],
        ),
        events,
        (drawn, [model, by], shares) => {
          let highest = 0;
          const rising = drawn.map(([from, more]) => {
            highest += more;
            return [by === 'revenue' ? from * 1_000_000 : from, highest] as const;
          });
          const rate = tiered('RETROACTIVE', by, price(model, 0), rising);
          let [total, earned] = [nothing, 0n];
          for (const [count, revenue] of shares) {
            const added = brings(count, revenue);
            const parts = tieredEarning(rate, total, added);
            expect(parts).toBeGreaterThanOrEqual(0n);
            earned += parts;
            total = plus(total, added);
            const reached = by === 'revenue' ? total.revenueMicros : total.count;
            const unit = by === 'revenue' ? 1n : BigInt(WHOLE);
            const value = rising.findLast(([from]) => BigInt(from) * unit <= reached)?.[1] ?? 0;
            const paidFor = model === 'FLAT' ? total.count : total.revenueMicros;
            expect(earned).toBe(BigInt(value) * paidFor);
          }
        },
      ),
    ));

  it('lie between the lowest and the highest of their rates, also where a conversion is divided by revenue', () =>
    fc.assert(
      fc.property(steps(9_000_000, 900_000), events, (drawn, shares) => {
        const rate = tiered('MARGINAL', 'revenue', price('FLAT', 300_000), drawn);
        const rates = [300_000, ...drawn.map(([, value]) => value)];
        const { earned, total } = earnAll(
          rate,
          shares.map(([count, revenue]) => brings(count, revenue)),
        );
        expect(sum(earned)).toBeGreaterThanOrEqual(flatEarning(rate, Math.min(...rates), total));
        expect(sum(earned)).toBeLessThanOrEqual(flatEarning(rate, Math.max(...rates), total));
      }),
    ));

  it('by clicks and by impressions go by their number, a thousandth of the rate for an impression', () => {
    const views = tiered('MARGINAL', 'impressions', price('CPM', 2_000_000), [[2, 5_000_000]]);
    const { earned } = earnAll(
      views,
      [1, 2, 3].map(() => brings(WHOLE, 0)),
    );
    expect(earned.map((parts) => Number(parts / PARTS))).toEqual([2_000, 2_000, 5_000]);
  });
});

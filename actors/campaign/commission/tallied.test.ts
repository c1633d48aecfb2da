import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../limits.ts';
import type { CapPeriod } from '../../../model/campaign.ts';
import type { EarningRate } from '../../../model/commission-plan.ts';
import { formatMicros } from '../../../model/money.ts';
import { NOON } from '../../test-support.ts';
import { talliedMicros } from './tallied.ts';
import { Tallies, type TallyChange } from './tallies.ts';

const WHOLE = 1_000_000;

/** What one more share of a conversion earns; the tallies are changed. */
function earn(
  tallies: Tallies,
  rate: EarningRate,
  [sharePpm, revenueMicros]: readonly [number, number],
  { partnerId = 'ana', plainMicros = 0 } = {},
): number {
  const changes: TallyChange[] = [];
  const added = { count: BigInt(sharePpm), revenueMicros: BigInt(revenueMicros) };
  const micros = talliedMicros(rate, { partnerId, added, plainMicros }, tallies, changes);
  for (const change of changes) tallies.put(change, NOON, 'UTC');
  return micros;
}

const flat = (micros: number, currency = 'USD') => ({ model: 'FLAT', rate: { micros, currency } }) as const;

/** xorshift32: numbers that are the same in every run. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

describe('what is tallied', () => {
  it('loses and creates no micro over a million random splits', () => {
    const tallies = new Tallies();
    const rate: EarningRate = {
      model: 'PERCENTAGE',
      sharePpm: 33_333,
      tiers: {
        mode: 'MARGINAL',
        by: 'revenue',
        period: 'total',
        steps: [
          { from: 20_000_000_000, rate: 77_777 },
          { from: 300_000_000_000, rate: 123_457 },
        ],
      },
    };
    const next = random(20_261_122);
    let earned = 0;
    let revenue = 0;
    for (let i = 0; i < 1_000_000; i++) {
      const share = 1 + next(WHOLE);
      const micros = next(1_000_003);
      revenue += micros;
      earned += earn(tallies, rate, [share, micros]);
    }
    const due =
      20_000_000_000n * 33_333n +
      280_000_000_000n * 77_777n +
      (BigInt(revenue) - 300_000_000_000n) * 123_457n;
    expect(revenue).toBeGreaterThan(300_000_000_000);
    expect(BigInt(earned)).toBe(due / 1_000_000n);
  });

  it.each([
    ['JPY', 10_000_000, '100'],
    ['KWD', 1_234_000, '12.340'],
    ['USD', 12_345, '0.12345'],
  ])('is exact in %s, whatever its minor unit', (currency, micros, ten) => {
    const tallies = new Tallies();
    const rate: EarningRate = {
      ...flat(micros, currency),
      tiers: {
        mode: 'RETROACTIVE',
        by: 'conversions',
        period: 'total',
        steps: [{ from: 99, rate: micros + 1 }],
      },
    };
    // Thirty thirds of a conversion, of which none is a whole number of micros.
    let earned = 0;
    for (let i = 0; i < 10; i++)
      for (const share of [333_333, 333_333, 333_334]) earned += earn(tallies, rate, [share, 0]);
    expect(formatMicros(earned, currency)).toBe(ten);
  });

  it('never exceeds a cap, whatever comes, and reaches it', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40_000_000 }),
        fc.constantFrom<CapPeriod>('day', 'month', 'total'),
        fc.boolean(),
        fc.array(
          fc.tuple(
            fc.constantFrom('ana', 'ben'),
            fc.integer({ min: 1, max: WHOLE }),
            fc.integer({ min: 0, max: 9_000_000 }),
          ),
          { maxLength: 60 },
        ),
        (micros, period, hasTiers, shares) => {
          const tallies = new Tallies();
          const steps = [{ from: 3, rate: 4_000_000 }];
          const rate: EarningRate = {
            ...flat(1_000_000),
            cap: { micros, period },
            ...(hasTiers && {
              tiers: { mode: 'RETROACTIVE', by: 'conversions', period: 'month', steps } as const,
            }),
          };
          const earned = { ana: 0, ben: 0 };
          const uncut = { ana: 0, ben: 0 };
          for (const [partnerId, share, plainMicros] of shares) {
            const own = earn(tallies, rate, [share, 0], { partnerId, plainMicros });
            expect(own).toBeGreaterThanOrEqual(0);
            earned[partnerId as 'ana'] += own;
            uncut[partnerId as 'ana'] += plainMicros;
          }
          for (const partner of ['ana', 'ben'] as const) {
            expect(earned[partner]).toBeLessThanOrEqual(micros);
            if (!hasTiers) expect(earned[partner]).toBe(Math.min(micros, uncut[partner]));
          }
        },
      ),
    ));

  it('keeps what is beyond the largest amount for the events that follow', () => {
    const most = limits.amountMicros;
    const tallies = new Tallies();
    const rate: EarningRate = {
      model: 'PERCENTAGE',
      sharePpm: 0,
      tiers: { mode: 'RETROACTIVE', by: 'conversions', period: 'total', steps: [{ from: 3, rate: WHOLE }] },
    };
    const earned = [1, 2, 3, 4, 5].map((count) => earn(tallies, rate, [WHOLE, count <= 3 ? most : 0]));
    expect(earned).toEqual([0, 0, most, most, most]);
  });
});

describe('the tallies of a campaign', () => {
  const tiers = {
    mode: 'MARGINAL',
    by: 'conversions',
    period: 'month',
    steps: [{ from: 1, rate: 9_000_000 }],
  } as const;

  it('begin anew with the period', () => {
    const tallies = new Tallies();
    const rate: EarningRate = { ...flat(1_000_000), tiers };
    expect([1, 2].map(() => earn(tallies, rate, [WHOLE, 0]))).toEqual([1_000_000, 9_000_000]);
    tallies.open(Date.UTC(2026, 6, 1) - 1);
    expect(earn(tallies, rate, [WHOLE, 0])).toBe(9_000_000);
    tallies.open(Date.UTC(2026, 6, 1));
    expect(earn(tallies, rate, [WHOLE, 0])).toBe(1_000_000);
  });

  it('are apart by rule and partner', () => {
    const tallies = new Tallies();
    const rate: EarningRate = { ...flat(1_000_000), tiers };
    earn(tallies, rate, [WHOLE, 0]);
    expect(earn(tallies, rate, [WHOLE, 0], { partnerId: 'ben' })).toBe(1_000_000);
    expect(earn(tallies, { ...rate, name: 'shoes' } as EarningRate, [WHOLE, 0])).toBe(1_000_000);
    expect(earn(tallies, { model: 'CPC', rate: flat(5).rate, tiers }, [WHOLE, 0])).toBe(5);
    expect(earn(tallies, rate, [WHOLE, 0])).toBe(9_000_000);
  });

  it('are shared beyond their bound: by the lowest rate, and under one cap', () => {
    const tallies = new Tallies(2);
    const rate: EarningRate = { ...flat(3_000_000), tiers, cap: { micros: 4_000_000, period: 'month' } };
    for (const partnerId of ['ana', 'ben']) earn(tallies, rate, [WHOLE, 0], { partnerId });
    const of = (partnerId: string) => earn(tallies, rate, [WHOLE, 0], { partnerId });
    expect([of('eva'), of('max'), of('eva')]).toEqual([3_000_000, 1_000_000, 0]);
    expect(of('ana')).toBe(1_000_000);
  });
});

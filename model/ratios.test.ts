import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyTotals } from './campaign.ts';
import { ratiosOf } from './ratios.ts';

test('ratios are exact where a double can be', () => {
  const totals = {
    ...emptyTotals(),
    impressions: 8,
    clicks: 4,
    conversions: 2,
    spendMicros: 3_000_000n,
    revenueMicros: 12_000_000n,
  };
  expect(ratiosOf(totals)).toEqual({ ctr: 0.5, cvr: 0.5, cpc: 0.75, cpa: 1.5, cpm: 375, roas: 4, roi: 3 });
});

test('ratios are numbers or null, never infinite', () => {
  const count = fc.nat();
  const micros = fc.bigInt({ min: 0n, max: 10n ** 24n });
  fc.assert(
    fc.property(count, count, count, micros, micros, (impressions, clicks, conversions, spend, revenue) => {
      const totals = {
        ...emptyTotals(),
        impressions,
        clicks,
        conversions,
        spendMicros: spend,
        revenueMicros: revenue,
      };
      for (const ratio of Object.values(ratiosOf(totals))) {
        expect(ratio === null || Number.isFinite(ratio)).toBe(true);
      }
    }),
  );
});

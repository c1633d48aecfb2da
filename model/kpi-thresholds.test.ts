import { describe, expect, it } from 'vitest';
import { emptyTotals } from './campaign.ts';
import { figureOf, KPI_METRICS, type KpiThreshold, reachedFigure, usualMinimum } from './kpi-thresholds.ts';

const TOTALS = {
  ...emptyTotals(),
  accepted: 2_220,
  impressions: 2_000,
  clicks: 200,
  uniqueClicks: 150,
  conversions: 20,
  revenueMicros: 30_000_000n,
  spendMicros: 40_000_000n,
  commissionMicros: 2_500_000n,
};
const line = (metric: KpiThreshold['metric'], when: KpiThreshold['when'], value: number): KpiThreshold => ({
  metric,
  when,
  value,
  severity: 'LOW',
  action: 'ALERT',
});

describe('a figure', () => {
  it('is read from the totals, amounts in units of the currency', () => {
    expect(Object.fromEntries(KPI_METRICS.map((metric) => [metric, figureOf(TOTALS, metric)]))).toEqual({
      impressions: 2_000,
      clicks: 200,
      unique_clicks: 150,
      conversions: 20,
      revenue: 30,
      spend: 40,
      commission: 2.5,
      ctr: 0.1,
      cvr: 0.1,
      roas: 0.75,
      roi: -0.25,
      cpc: 0.2,
      cpa: 2,
      cpm: 20,
    });
  });
});

describe('a KPI threshold', () => {
  it.each([
    ['clicks', 'ABOVE', 200, 200],
    ['clicks', 'ABOVE', 201, undefined],
    ['ctr', 'BELOW', 0.1, 0.1],
    ['ctr', 'BELOW', 0.09, undefined],
    ['roi', 'BELOW', 0, -0.25],
  ] as const)('is reached at its value and beyond: %s %s %d', (metric, when, value, reached) => {
    expect(reachedFigure(TOTALS, line(metric, when, value))).toBe(reached);
  });

  it('does not count before there are enough events to divide by', () => {
    const few = { ...TOTALS, impressions: 999, clicks: 99, conversions: 9, accepted: 99 };
    for (const metric of ['ctr', 'cvr', 'cpc', 'cpa', 'cpm', 'roas', 'roi', 'revenue'] as const) {
      expect(reachedFigure(TOTALS, line(metric, 'BELOW', 1e9))).toBeDefined();
      expect(reachedFigure(few, line(metric, 'BELOW', 1e9))).toBeUndefined();
      expect(reachedFigure(few, { ...line(metric, 'BELOW', 1e9), minimumEvents: 9 })).toBeDefined();
    }
  });

  it('counts from the first event on for a sum that is to be above', () => {
    expect(usualMinimum({ metric: 'spend', when: 'ABOVE' })).toBe(1);
    expect(usualMinimum({ metric: 'spend', when: 'BELOW' })).toBe(100);
  });

  it('is not reached by a figure that does not exist', () => {
    expect(reachedFigure({ ...TOTALS, spendMicros: 0n }, line('roas', 'BELOW', 1))).toBeUndefined();
  });
});

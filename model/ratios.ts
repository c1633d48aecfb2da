/** Rates and prices derived from a campaign's totals. */
import type { Totals } from './campaign.ts';
import { MICROS } from './money.ts';

/** Each is `null` where it would divide by zero. Prices in units of the campaign's currency. */
export interface Ratios {
  /** Clicks per impression. */
  readonly ctr: number | null;
  /** Conversions per click. */
  readonly cvr: number | null;
  /** Spend per click. */
  readonly cpc: number | null;
  /** Spend per conversion. */
  readonly cpa: number | null;
  /** Spend per thousand impressions. */
  readonly cpm: number | null;
  /** Revenue per spend. */
  readonly roas: number | null;
  /** Revenue less spend, per spend. */
  readonly roi: number | null;
}

/** All figures are quotients of exact integers, rounded once, to the nearest double. */
export function ratiosOf(totals: Totals): Ratios {
  const spend = Number(totals.spendMicros);
  const per = (numerator: number, denominator: number): number | null =>
    denominator === 0 ? null : numerator / denominator;
  return {
    ctr: per(totals.clicks, totals.impressions),
    cvr: per(totals.conversions, totals.clicks),
    cpc: per(spend, totals.clicks * MICROS),
    cpa: per(spend, totals.conversions * MICROS),
    cpm: per(spend, totals.impressions * (MICROS / 1_000)),
    roas: per(Number(totals.revenueMicros), spend),
    roi: per(Number(totals.revenueMicros - totals.spendMicros), spend),
  };
}

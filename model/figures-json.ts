/** Figures as they are published and shown: counts, and money as decimal text. */
import type { Totals } from './campaign.ts';
import { type MoneyJson, moneyJson } from './money.ts';

export interface FiguresJson {
  readonly received: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly pending: number;
  readonly impressions: number;
  readonly clicks: number;
  readonly unique_clicks: number;
  readonly conversions: number;
  readonly revenue: MoneyJson;
  readonly spend: MoneyJson;
  readonly commission: MoneyJson;
}

/** @param currency of the totals' amounts */
export function figuresJson(totals: Totals, currency: string): FiguresJson {
  return {
    received: totals.received,
    accepted: totals.accepted,
    duplicates: totals.duplicates,
    rejected: totals.rejected,
    pending: totals.pending,
    impressions: totals.impressions,
    clicks: totals.clicks,
    unique_clicks: totals.uniqueClicks,
    conversions: totals.conversions,
    revenue: moneyJson(totals.revenueMicros, currency),
    spend: moneyJson(totals.spendMicros, currency),
    commission: moneyJson(totals.commissionMicros, currency),
  };
}

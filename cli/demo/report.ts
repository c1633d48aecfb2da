/** The end of a demo: a table per campaign, the totals, the verdict; or the same as one JSON object. */
import { formatMicros } from '../../model/money.ts';
import { table } from '../table.ts';
import type { Ledger } from './ledger.ts';
import type { Figures } from './management-client.ts';
import type { Verdict } from './verify.ts';

export interface DemoResult {
  readonly ledger: Ledger;
  /** Length of the sending phase. */
  readonly seconds: number;
  readonly verdicts: readonly Verdict[];
  /** Everything that is not as it must be; empty: every event was counted exactly once. */
  readonly differences: readonly string[];
}

/** Differences that are printed; there may be one for every event. */
const SHOWN_DIFFERENCES = 40;

const HEADINGS = [
  'campaign',
  'cost',
  'sent',
  'accepted',
  'repeats',
  'duplicates',
  'impressions',
  'clicks',
  'conversions',
  'revenue',
  'spend',
  '',
  'live',
  'warehouse',
];

/** Answered events per second of the sending phase. */
export function eventsPerSecond({ ledger, seconds }: DemoResult): number {
  return seconds > 0 ? Math.round(ledger.answered / seconds) : 0;
}

/** The report for people. */
export function reportText(result: DemoResult): string {
  const { ledger, differences } = result;
  const count = (value: number): string => value.toLocaleString('en-US');
  const resends = ledger.total('resends');
  const lines = [
    table([HEADINGS, ...result.verdicts.map(row), totals(result)], ['campaign', 'cost', '']),
    '',
    `sent      ${count(ledger.answered)} events: ${count(ledger.total('unique'))} different, ${count(ledger.total('repeats'))} repeated on purpose, ${count(ledger.robots)} by robots`,
    `resent    ${count(resends)} events whose first sending was not answered`,
    `sustained ${count(eventsPerSecond(result))} events per second (${count(ledger.answered)} in ${result.seconds.toFixed(2)} s)`,
    '',
  ];
  if (differences.length === 0) return [...lines, 'every event counted exactly once', ''].join('\n');
  const more = differences.length - SHOWN_DIFFERENCES;
  return [
    ...lines,
    `${differences.length} differences:`,
    ...differences.slice(0, SHOWN_DIFFERENCES).map((difference) => `  ${difference}`),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    '',
  ].join('\n');
}

function row({ account, live, liveExact, warehouseExact }: Verdict): string[] {
  const { campaignId, costModel, currency } = account.spec;
  const mark = (exact: boolean): string => (exact ? 'exact' : 'differs');
  return [
    campaignId,
    costModel,
    String(account.unique),
    String(live.accepted),
    account.resends > 0 ? `${account.repeats}+${account.resends}` : String(account.repeats),
    String(live.duplicates),
    String(live.impressions),
    String(live.clicks),
    String(live.conversions),
    formatMicros(live.revenueMicros, currency),
    formatMicros(live.spendMicros, currency),
    currency,
    mark(liveExact),
    mark(warehouseExact),
  ];
}

function totals({ ledger, verdicts }: DemoResult): string[] {
  const sum = (field: 'accepted' | 'duplicates' | 'impressions' | 'clicks' | 'conversions'): string =>
    String(verdicts.reduce((total, { live }) => total + live[field], 0n));
  const resends = ledger.total('resends');
  return [
    'total',
    '',
    String(ledger.total('unique')),
    sum('accepted'),
    `${ledger.total('repeats')}${resends > 0 ? `+${resends}` : ''}`,
    sum('duplicates'),
    sum('impressions'),
    sum('clicks'),
    sum('conversions'),
  ];
}

/** The report for programs: one line of JSON. */
export function reportJson(result: DemoResult): string {
  const { ledger, differences } = result;
  return JSON.stringify({
    events: ledger.answered,
    unique: ledger.total('unique'),
    repeats: ledger.total('repeats'),
    resends: ledger.total('resends'),
    robots: ledger.robots,
    seconds: Number(result.seconds.toFixed(3)),
    events_per_second: eventsPerSecond(result),
    campaigns: result.verdicts.map(({ account, live, warehouse }) => {
      const { spec } = account;
      return {
        campaign_id: spec.campaignId,
        cost_model: spec.costModel,
        currency: spec.currency,
        ...(spec.tightClicks !== undefined && { budget_clicks: spec.tightClicks }),
        unique: account.unique,
        repeats: account.repeats,
        resends: account.resends,
        impressions: account.impressions,
        clicks: account.clicks,
        conversions: account.conversions,
        revenue: formatMicros(account.revenueMicros, spec.currency),
        spend: formatMicros(account.spendMicros, spec.currency),
        live: figuresJson(live),
        warehouse: figuresJson(warehouse),
      };
    }),
    exact: differences.length === 0,
    differences,
  });
}

function figuresJson(figures: Figures): object {
  const { currency } = figures;
  return {
    received: Number(figures.received),
    accepted: Number(figures.accepted),
    duplicates: Number(figures.duplicates),
    rejected: Number(figures.rejected),
    pending: Number(figures.pending),
    impressions: Number(figures.impressions),
    clicks: Number(figures.clicks),
    conversions: Number(figures.conversions),
    revenue: formatMicros(figures.revenueMicros, currency),
    spend: formatMicros(figures.spendMicros, currency),
  };
}

/** A campaign's figures: live from its actor, or over time from the warehouse. */
import { limits } from '../../../limits.ts';
import type { ActorGateway, ActorObserver } from '../../../model/actor-gateway.ts';
import type { CampaignMetrics, Totals } from '../../../model/campaign.ts';
import type { Target } from '../../../model/targets.ts';
import type { Warehouse } from '../../../storage/warehouse/port.ts';
import type { Live } from '../live/watches.ts';
import { noCampaign } from '../outcome.ts';
import { Violations } from '../violations.ts';
import { type AggregateRow, FIGURES_QUERY, totalsOf } from './figures-query.ts';
import { scoreOf } from './success.ts';

export const GRANULARITIES = ['minute', 'hour', 'day'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/**
 * Which figures are asked for: without any field the live ones; `at` an instant, alone; the others a range.
 * Milliseconds since the epoch. The warehouse knows record minutes, so `at` includes the whole minute that it
 * lies in, and a range the minutes that begin within it.
 */
export interface FiguresQuery {
  readonly at?: number;
  readonly from?: number;
  readonly to?: number;
  readonly granularity?: Granularity;
}

/** Figures of one stretch of time. */
export interface Bucket {
  readonly startsAt: number;
  readonly totals: Totals;
}

export interface Figures {
  readonly campaignId: string;
  /** Everything up to this moment is included, milliseconds since the epoch. */
  readonly asOf: number;
  readonly currency: string;
  readonly totals: Totals;
  /** Of the whole life of a campaign with targets; see `scoreOf`. */
  readonly successScore?: number;
  /** With a granularity: the stretches in which something happened, oldest first. */
  readonly buckets?: readonly Bucket[];
}

const MINUTE = 60;
export const STEP_SECONDS: Readonly<Record<Granularity, number>> = {
  minute: MINUTE,
  hour: 3_600,
  day: 86_400,
};
/** The largest `DateTime`, and a step that puts everything into one bucket. */
export const LAST_SECOND = 0xffff_ffff;

export interface FiguresDependencies {
  readonly gateway: ActorGateway;
  readonly warehouse: Warehouse;
  readonly now: () => number;
}

/** Live figures: they include every event answered before the call. @throws TurnpikeError */
export async function liveFigures({ gateway }: FiguresDependencies, campaignId: string): Promise<Figures> {
  const metrics = await gateway.query(campaignId, { kind: 'metrics' });
  if (metrics === undefined) throw noCampaign(campaignId);
  return figuresOf(campaignId, metrics);
}

/** Live figures once there are newer ones than what was seen; `undefined`: not yet. @throws TurnpikeError */
export async function changedFigures(
  observer: ActorObserver,
  campaignId: string,
  after: number | undefined,
): Promise<Live<Figures> | undefined> {
  const seen = await observer.changed(campaignId, ['metrics'], after);
  if (!seen) return undefined;
  const { metrics } = seen.answers;
  if (metrics === undefined) throw noCampaign(campaignId);
  return { sequence: seen.at, view: figuresOf(campaignId, metrics) };
}

function figuresOf(campaignId: string, metrics: CampaignMetrics): Figures {
  const { asOf, currency, targets } = metrics;
  return { campaignId, asOf, currency, totals: metrics, ...scored(targets, metrics) };
}

/** Figures as they stood at an instant. @throws TurnpikeError */
export async function figuresAt(
  dependencies: FiguresDependencies,
  campaignId: string,
  at: number,
): Promise<Figures> {
  const end = Math.floor(at / 60_000) * MINUTE + MINUTE;
  return overRange(dependencies, campaignId, 0, end, undefined);
}

/** Figures of a range of time, broken down if a granularity is given. @throws TurnpikeError */
export async function figuresOver(
  dependencies: FiguresDependencies,
  campaignId: string,
  query: FiguresQuery,
): Promise<Figures> {
  const { from, to } = await rangeOf(dependencies, campaignId, query);
  return overRange(
    dependencies,
    campaignId,
    Math.ceil(from / 1_000),
    Math.ceil(to / 1_000),
    query.granularity,
  );
}

/** A range of time: milliseconds since the epoch, `to` not included. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * The range that a query asks for; without bounds, from the creation of the campaign until now.
 *
 * @throws TurnpikeError `not_found`, `invalid_argument`
 */
export async function rangeOf(
  { gateway, now }: FiguresDependencies,
  campaignId: string,
  query: FiguresQuery,
): Promise<Range> {
  const campaign = await gateway.query(campaignId, { kind: 'campaign' });
  if (campaign === undefined) throw noCampaign(campaignId);
  // Nothing was received before the minute in which the campaign was created.
  const from = query.from ?? Math.floor(campaign.createdAt / 60_000) * 60_000;
  const to = query.to ?? Math.max(now(), from) + 1;
  checkRange(from, to, query);
  return { from, to };
}

function checkRange(from: number, to: number, { granularity, ...query }: FiguresQuery): void {
  const violations = new Violations();
  if (from >= to) {
    if (query.from === undefined) violations.add('to', 'must be later than the creation of the campaign');
    else violations.add('from', 'must be earlier than to');
  }
  if (granularity && (to - from) / 1_000 / STEP_SECONDS[granularity] > limits.metricBuckets) {
    const coarser = granularity === 'day' ? '' : ', or a coarser one';
    violations.add(
      'granularity',
      `must give at most ${limits.metricBuckets} stretches: ask for less time${coarser}`,
    );
  }
  violations.refuse();
}

function scored(targets: readonly Target[] | undefined, totals: Totals): { successScore?: number } {
  const successScore = scoreOf(targets, totals);
  return successScore === undefined ? {} : { successScore };
}

/** `from` and `to` in seconds; `to` is not included. */
async function overRange(
  { gateway, warehouse, now }: FiguresDependencies,
  campaignId: string,
  from: number,
  to: number,
  granularity: Granularity | undefined,
): Promise<Figures> {
  const asked = now();
  const [live] = await Promise.all([
    gateway.query(campaignId, { kind: 'metrics' }),
    gateway.settled(campaignId),
  ]);
  if (live === undefined) throw noCampaign(campaignId);
  const rows = await warehouse.query<AggregateRow>(FIGURES_QUERY, {
    campaign: campaignId,
    from: Math.min(from, LAST_SECOND),
    to: Math.min(to, LAST_SECOND),
    step: granularity ? STEP_SECONDS[granularity] : LAST_SECOND,
  });
  const buckets = rows.map((row) => ({ startsAt: Number(row.starts_at) * 1_000, totals: totalsOf([row]) }));
  const totals = totalsOf(rows);
  return {
    campaignId,
    asOf: Math.min(to * 1_000, asked),
    currency: live.currency,
    totals,
    ...(from === 0 && scored(live.targets, totals)),
    ...(granularity && { buckets }),
  };
}

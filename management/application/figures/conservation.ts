/**
 * The conservation report: what a campaign received is the sum of what was said of it, by the account of its
 * actor, by the aggregates, and by the rows of the decided events, each by itself and all of them together.
 */
import type { CampaignMetrics } from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import { noCampaign } from '../outcome.ts';
import { storedReasonName } from '../tracking/reasons.ts';
import {
  type Account,
  accountOf,
  countsOf,
  countsOfReasons,
  type Difference,
  differencesOfLive,
  differencesOfRows,
  NO_SLACK,
  type Slack,
  slackBetween,
} from './conservation-account.ts';
import { REASONS_QUERY, type ReasonRow } from './conservation-query.ts';
import {
  type FiguresDependencies,
  type Granularity,
  LAST_SECOND,
  type Range,
  rangeOf,
  STEP_SECONDS,
} from './figures.ts';
import { type AggregateRow, FIGURES_QUERY, totalsOf } from './figures-query.ts';

const MINUTE_MS = 60_000;

/** The range of record time, milliseconds since the epoch; without bounds: everything. */
export interface ConservationQuery {
  readonly from?: number;
  readonly to?: number;
  readonly granularity?: Granularity;
}

/** How many decided events have a reason. */
export interface ReasonCount {
  readonly code: number;
  readonly name: string;
  readonly events: number;
}

/** The accounts of the warehouse over a stretch of time. */
export interface WarehouseAccounts {
  readonly aggregates: Account;
  readonly decidedEvents: Account;
  /** Duplicates that the filter has stopped: they are counted, and have no rows. */
  readonly stopped: number;
}

export interface ConservationBucket extends WarehouseAccounts {
  readonly startsAt: number;
  readonly balanced: boolean;
}

export interface Conservation extends WarehouseAccounts {
  readonly campaignId: string;
  /** The report includes at least what was received up to this moment, milliseconds since the epoch. */
  readonly asOf: number;
  readonly from?: number;
  readonly to?: number;
  /** Whether each account balances and all of them agree. */
  readonly balanced: boolean;
  readonly sourcesAgree: boolean;
  /** Of all time. It is held against the aggregates where the report is of all time too. */
  readonly live: Account;
  /** Events that arrived while the report was made: the sources need not agree on these. */
  readonly arrivedMeanwhile: number;
  readonly differences: readonly Difference[];
  readonly reasons: readonly ReasonCount[];
  readonly buckets?: readonly ConservationBucket[];
}

/**
 * The report includes every event that was answered before the call.
 *
 * @throws TurnpikeError `not_found`, `invalid_argument`, `unavailable`, `deadline_exceeded`
 */
export async function conservationOf(
  dependencies: FiguresDependencies,
  campaignId: string,
  query: ConservationQuery,
): Promise<Conservation> {
  const { gateway, now } = dependencies;
  const isOfAllTime = query.from === undefined && query.to === undefined;
  const asked = await rangeOf(dependencies, campaignId, query);
  const range = isOfAllTime ? { from: 0, to: LAST_SECOND * 1_000 } : asked;
  const asOf = Math.min(range.to, now());
  // In this order: all that the first look counts is in the warehouse, and all that is there in the second.
  const before = await metricsOf(dependencies, campaignId);
  await gateway.settled(campaignId);
  const { aggregates, rows } = await readWarehouse(dependencies, campaignId, range, query.granularity);
  const after = await metricsOf(dependencies, campaignId);

  const slack = slackBetween(before, after);
  const accounts = accountsOf(aggregates, rows);
  const differences = differencesOfRows(
    accounts.aggregates,
    accounts.decidedEvents,
    slackUntil(range.to, before, slack),
  );
  if (isOfAllTime) differences.push(...differencesOfLive(before, accounts.aggregates, after));
  const buckets = query.granularity && bucketsOf(aggregates, rows, query.granularity, before, slack);
  for (const bucket of buckets ?? []) differences.push(...bucket.differences);
  const live = accountOf(after);
  const parts = [live, accounts.aggregates, accounts.decidedEvents];
  return {
    campaignId,
    asOf,
    ...(query.from !== undefined && { from: query.from }),
    ...(query.to !== undefined && { to: query.to }),
    balanced: differences.length === 0 && [...parts, ...(buckets ?? [])].every(({ balanced }) => balanced),
    sourcesAgree: differences.length === 0,
    live,
    ...accounts,
    arrivedMeanwhile: slack.received,
    differences,
    reasons: reasonsOf(rows),
    ...(buckets && { buckets }),
  };
}

async function metricsOf({ gateway }: FiguresDependencies, campaignId: string): Promise<CampaignMetrics> {
  const metrics = await gateway.query(campaignId, { kind: 'metrics' });
  if (metrics === undefined) throw noCampaign(campaignId);
  return metrics;
}

interface WarehouseRows {
  readonly aggregates: readonly AggregateRow[];
  readonly rows: readonly ReasonRow[];
}

async function readWarehouse(
  { warehouse }: FiguresDependencies,
  campaign: string,
  { from, to }: Range,
  granularity: Granularity | undefined,
): Promise<WarehouseRows> {
  const parameters = {
    campaign,
    from: Math.min(wholeMinute(from), LAST_SECOND),
    to: Math.min(wholeMinute(to), LAST_SECOND),
    step: granularity ? STEP_SECONDS[granularity] : LAST_SECOND,
  };
  const [aggregates, rows] = await Promise.all([
    warehouse.query<AggregateRow>(FIGURES_QUERY, parameters),
    warehouse.query<ReasonRow>(REASONS_QUERY, { ...parameters, unknown: REASONS.unknown_campaign }),
  ]);
  return { aggregates, rows };
}

/** The first minute that begins at a time or after it, in seconds. */
function wholeMinute(time: number): number {
  return Math.ceil(time / MINUTE_MS) * (MINUTE_MS / 1_000);
}

function accountsOf(aggregates: readonly AggregateRow[], rows: readonly ReasonRow[]): WarehouseAccounts {
  const counted = accountOf(countsOf(totalsOf(aggregates)));
  const decided = accountOf(countsOfReasons(reasonsOf(rows)));
  return {
    aggregates: counted,
    decidedEvents: decided,
    stopped: Math.max(0, counted.duplicates - decided.duplicates),
  };
}

/** Nothing arrives any more in minutes that had ended before the first look: record time never decreases. */
function slackUntil(end: number, { asOf }: CampaignMetrics, slack: Slack): Slack {
  return wholeMinute(end) * 1_000 <= asOf ? NO_SLACK : slack;
}

function bucketsOf(
  aggregates: readonly AggregateRow[],
  rows: readonly ReasonRow[],
  granularity: Granularity,
  before: CampaignMetrics,
  slack: Slack,
): (ConservationBucket & { readonly differences: readonly Difference[] })[] {
  const counted = byStart(aggregates);
  const decided = byStart(rows);
  const starts = [...new Set([...counted.keys(), ...decided.keys()])].sort((one, other) => one - other);
  return starts.map((startsAt) => {
    const accounts = accountsOf(counted.get(startsAt) ?? [], decided.get(startsAt) ?? []);
    const end = startsAt + STEP_SECONDS[granularity] * 1_000;
    const found = differencesOfRows(
      accounts.aggregates,
      accounts.decidedEvents,
      slackUntil(end, before, slack),
    );
    const differences = found.map((difference) => ({ ...difference, startsAt }));
    const { aggregates: one, decidedEvents: other } = accounts;
    const balanced = one.balanced && other.balanced && differences.length === 0;
    return { startsAt, ...accounts, balanced, differences };
  });
}

/** Rows by the time at which their stretch begins, milliseconds since the epoch. */
function byStart<Row extends Pick<AggregateRow, 'starts_at'>>(rows: readonly Row[]): Map<number, Row[]> {
  const groups = new Map<number, Row[]>();
  for (const row of rows) {
    const startsAt = Number(row.starts_at) * 1_000;
    const group = groups.get(startsAt);
    if (group) group.push(row);
    else groups.set(startsAt, [row]);
  }
  return groups;
}

function reasonsOf(rows: readonly ReasonRow[]): ReasonCount[] {
  const counts = new Map<number, number>();
  for (const { reason, events } of rows) counts.set(reason, (counts.get(reason) ?? 0) + Number(events));
  return [...counts]
    .sort(([one], [other]) => one - other)
    .map(([code, events]) => ({ code, name: storedReasonName(code), events }));
}

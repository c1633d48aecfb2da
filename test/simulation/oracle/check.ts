/**
 * The verdict on a world at rest. What clients were told, what lies in the log, the rows of the warehouse
 * and the live figures must tell the same story.
 */
import type { CampaignPlan, ReportedSpend } from '../scenario.ts';
import type { CommandBook } from './command-book.ts';
import { type Ledger, placeOf, REASON, type SentEvent } from './ledger.ts';
import { refundsOf } from './refunds.ts';

type Value = string | number | bigint;
export type Row = Readonly<Record<string, Value>>;

/** Live figures and status of a campaign, as a query gives them. */
export interface LiveCampaign {
  readonly metrics: Readonly<Record<string, Value>> | undefined;
  readonly status: string | undefined;
  readonly etag: string | undefined;
}

export interface Evidence {
  readonly ledger: Ledger;
  readonly book: CommandBook;
  readonly decided: readonly Row[];
  readonly domainEvents: readonly Row[];
  /** Aggregates as `FINAL` shows them. */
  readonly aggregates: readonly Row[];
  readonly plans: readonly CampaignPlan[];
  readonly live: ReadonlyMap<string, LiveCampaign>;
  /** Record time from which on nothing fails any more. */
  readonly mendedAt: number;
  /** Time at rest. */
  readonly now: number;
}

const COUNTS = ['received', 'accepted', 'duplicates', 'rejected', 'pending'] as const;
/** By hundreds of reasons. */
const OUTCOMES = ['', 'accepted', 'duplicate', 'rejected', 'pending'];
const KINDS = ['impressions', 'clicks', 'conversions'] as const;
/** Names in live figures, and their columns. */
const FIGURES: readonly (readonly [string, string])[] = [
  ...COUNTS.map((name) => [name, name] as const),
  ...KINDS.map((name) => [name, name] as const),
  ['uniqueClicks', 'unique_clicks'],
  ['revenueMicros', 'revenue_micros'],
  ['spendMicros', 'spend_micros'],
  ['commissionMicros', 'commission_micros'],
];

/** Notes everything that is wrong in the ledger. */
export function check(evidence: Evidence): void {
  const rowsByEvent = groupBy(evidence.decided, (row) => String(row.event_id));
  for (const event of evidence.ledger.events.values())
    checkEvent(evidence, event, rowsByEvent.get(event.eventId) ?? []);
  const rowsByCampaign = groupBy(evidence.decided, (row) => String(row.campaign_id));
  const aggregates = groupBy(evidence.aggregates, (row) => String(row.campaign_id));
  for (const plan of evidence.plans) {
    const rows = rowsByCampaign.get(plan.campaignId) ?? [];
    checkFigures(evidence, plan, rows, aggregates.get(plan.campaignId) ?? []);
    checkBudget(evidence, plan, rows);
    checkConversions(evidence.ledger, plan, rows);
    checkVisitors(evidence.ledger, plan, rows);
    checkStatus(evidence, plan);
  }
}

/** I2: every delivery in the log is one row; the first that is left to the actor decides, the rest repeat it. */
function checkEvent({ ledger, mendedAt }: Evidence, event: SentEvent, rows: readonly Row[]): void {
  const { eventId } = event;
  const deliveries = ledger.deliveries.get(eventId) ?? [];
  const reasons = new Map<string, number>();
  const times = new Map<string, number>();
  for (const row of rows) {
    const place = placeOf(row);
    if (reasons.has(place)) ledger.fail(`${eventId} at ${place} is in the warehouse twice`);
    reasons.set(place, Number(row.reason));
    times.set(place, Number(row.record_time));
  }
  let isDecided = false;
  for (const { partition, sequence, row, verdict } of deliveries) {
    const place = `${partition}:${sequence}/${row}`;
    const reason = reasons.get(place);
    reasons.delete(place);
    const told = ledger.decisions.get(place);
    if (told !== undefined && told !== OUTCOMES[Math.floor((reason ?? 0) / 100)])
      ledger.fail(`${eventId} at ${place} was told to be ${told} and counted ${reason}`);
    if (reason === undefined) ledger.fail(`${eventId} at ${place} is not in the warehouse`);
    else if (verdict !== 0) {
      if (reason !== verdict)
        ledger.fail(`${eventId} at ${place} was judged ${verdict} and counted ${reason}`);
    } else if (isDecided !== (reason === REASON.duplicateEvent))
      ledger.fail(`${eventId} at ${place} was ${isDecided ? 'decided before' : 'new'} and counted ${reason}`);
    if (verdict === 0) isDecided = true;
    const mustFail = verdict === 0 && event.isPoison && (times.get(place) ?? 0) < mendedAt;
    if (mustFail && reason !== REASON.duplicateEvent && reason !== REASON.processingFailed)
      ledger.fail(`${eventId} must fail and was counted ${reason}`);
  }
  for (const place of reasons.keys())
    if (ledger.replays.get(place)?.eventId !== eventId)
      ledger.fail(`${eventId} is in the warehouse at ${place}, but not in the log`);
  const wasTaken = (ledger.told.get(eventId) ?? []).some(
    (reason) =>
      reason === REASON.accepted || (reason === REASON.duplicateEvent && !ledger.isRepeatVisit(eventId)),
  );
  if (wasTaken && !isDecided) ledger.fail(`${eventId} was told to be counted, and is lost`);
}

/** I7 and I10: log, rows, aggregates and live figures agree. */
function checkFigures(
  { ledger, live }: Evidence,
  { campaignId }: CampaignPlan,
  rows: readonly Row[],
  aggregates: readonly Row[],
): void {
  const metrics = live.get(campaignId)?.metrics;
  if (metrics === undefined) {
    if (ledger.receivedOf(campaignId) > 0) ledger.fail(`${campaignId} has events and no figures`);
    return;
  }
  const replays = rows.filter((row) => ledger.replays.has(placeOf(row))).length;
  const received = ledger.receivedOf(campaignId) + replays;
  if (BigInt(metrics.received as Value) !== BigInt(received))
    ledger.fail(`${campaignId} received ${received} and counted ${metrics.received}`);
  const parts = COUNTS.slice(1).reduce((sum, name) => sum + Number(metrics[name]), 0);
  if (parts !== Number(metrics.received))
    ledger.fail(`${campaignId} received ${metrics.received}, of which ${parts} have an outcome`);
  for (const [name, column] of FIGURES) {
    const sum = aggregates.reduce((total, row) => total + BigInt(row[column] as Value), 0n);
    if (sum !== BigInt(metrics[name] as Value))
      ledger.fail(`${campaignId}: ${name} is ${metrics[name]} live and ${sum} in the aggregates`);
  }
  const counts = countByOutcome(rows, ledger.stopped.get(campaignId));
  for (const [name, count] of Object.entries(counts))
    if (count !== Number(metrics[name]))
      ledger.fail(`${campaignId}: ${name} is ${metrics[name]} live and ${count} in the decided events`);
}

function countByOutcome(
  rows: readonly Row[],
  stopped: ReadonlyMap<number, number> = new Map(),
): Record<string, number> {
  const counts: Record<string, number> = { accepted: 0, duplicates: 0, rejected: 0, pending: 0 };
  const add = (reason: number, count: number): void => {
    const name = COUNTS[Math.floor(reason / 100)] as string;
    counts[name] = (counts[name] ?? 0) + count;
  };
  for (const row of rows) add(Number(row.reason), 1);
  for (const [reason, count] of stopped) add(reason, count);
  return counts;
}

/** I5: what is spent is what was paid for, and never more than the cap; where more was asked, exactly it. */
function checkBudget(
  { ledger, live, book, domainEvents }: Evidence,
  plan: CampaignPlan,
  rows: readonly Row[],
): void {
  const { campaignId, definition } = plan;
  const { cost, budgetTotal, budgetDaily } = definition;
  if (!cost || !('rate' in cost) || cost.model === 'FIXED' || !budgetTotal) return;
  const charged = { CPM: 1, CPC: 2, CPA: 3 }[cost.model];
  const unit = BigInt(cost.model === 'CPM' ? cost.rate.micros / 1_000 : cost.rate.micros);
  const accepted = rows.filter((row) => Number(row.reason) === REASON.accepted);
  const paid = accepted.filter((row) => Number(row.type) === charged);
  for (const row of accepted)
    if (BigInt(row.spend_micros as Value) !== (Number(row.type) === charged ? unit : 0n))
      ledger.fail(`${row.event_id} of ${campaignId} cost ${row.spend_micros}`);
  const spend = BigInt(live.get(campaignId)?.metrics?.spendMicros ?? 0n);
  const reported = reportedMicros(book, plan);
  const refunds = refundsOf(domainEvents, campaignId);
  if (spend !== BigInt(paid.length) * unit + reported - refunds.spendMicros)
    ledger.fail(
      `${campaignId} spent ${spend} for ${paid.length} events at ${unit} and reports of ${reported}, less ${refunds.spendMicros}`,
    );
  // What a refund gave back may have been spent again, or not.
  const affordable = (BigInt(budgetTotal.micros) - reported) / unit;
  const most = (BigInt(budgetTotal.micros) - reported + refunds.spendMicros) / unit;
  if (BigInt(paid.length) > most)
    ledger.fail(`${campaignId} paid for ${paid.length} events and could afford ${most}`);
  const refused = rows.some((row) => Number(row.reason) === REASON.budgetExhausted);
  if (refused && BigInt(paid.length) < affordable)
    ledger.fail(`${campaignId} refused for its budget at ${paid.length} paid events of ${affordable}`);
  // A day may have been given something back.
  if (!budgetDaily || refunds.spendMicros > 0n) return;
  for (const [day, ofDay] of groupBy(paid, (row) => String(Math.floor(Number(row.record_time) / 86_400_000))))
    if (BigInt(ofDay.length) * unit > BigInt(budgetDaily.micros))
      ledger.fail(`${campaignId} spent too much on day ${day}: ${ofDay.length} at ${unit}`);
}

/** What was reported and taken, each reference once. Commands to a campaign are sent one after the other. */
function reportedMicros(book: CommandBook, { campaignId, commands }: CampaignPlan): bigint {
  const outcomes = book.outcomesOf(campaignId, 'record_spend');
  const byReference = new Map<string, bigint>();
  for (const [i, { payload }] of commands.filter(({ name }) => name === 'record_spend').entries()) {
    const { amount, reference } = payload as ReportedSpend;
    if (outcomes[i] && !byReference.has(reference)) byReference.set(reference, BigInt(amount.micros));
  }
  return [...byReference.values()].reduce((sum, micros) => sum + micros, 0n);
}

/** I6: a transaction counts once, and so does a click and goal. */
function checkConversions(ledger: Ledger, { campaignId }: CampaignPlan, rows: readonly Row[]): void {
  const counted = new Set<string>();
  for (const row of rows) {
    if (Number(row.type) !== 3 || Number(row.reason) !== REASON.accepted) continue;
    const event = ledger.events.get(String(row.event_id)) as SentEvent;
    const key = event.transactionId ?? `${event.click?.eventId} ${event.goal}`;
    if (counted.has(key)) ledger.fail(`${campaignId} counted ${key} twice`);
    counted.add(key);
  }
}

/** Where a campaign asks for it, a visitor counts once in a window of record time. */
function checkVisitors(ledger: Ledger, { campaignId, definition }: CampaignPlan, rows: readonly Row[]): void {
  const { key, windowMs } = definition.uniqueness;
  if (key === 'none') return;
  const counted = new Set<string>();
  for (const row of rows) {
    if (Number(row.type) !== 2 || Number(row.reason) !== REASON.accepted) continue;
    const { address } = ledger.events.get(String(row.event_id)) as SentEvent;
    const visit = `${address} in window ${Math.floor(Number(row.record_time) / windowMs)}`;
    if (counted.has(visit)) ledger.fail(`${campaignId} counted visitor ${visit} twice`);
    counted.add(visit);
  }
}

/** A campaign is where its commands and its schedule have brought it, and was changed once for each. */
function checkStatus({ ledger, book, live, now }: Evidence, plan: CampaignPlan): void {
  const { campaignId, definition, commands } = plan;
  const campaign = live.get(campaignId);
  // What is spent, or given back, is no change of what the campaign is.
  const successes = book
    .successesOf(campaignId)
    .filter((name) => name !== 'record_spend' && name !== 'refund');
  if (successes.length === 0) return;
  if (!campaign?.status) {
    ledger.fail(`${campaignId} was created, and is not there`);
    return;
  }
  const started = successes.includes('schedule') && (definition.startsAt ?? Infinity) <= now;
  const isRunnable = commands[0] !== undefined && successes.includes(commands[0].name);
  const isEnded = (definition.endsAt ?? Infinity) <= now && isRunnable && !successes.includes('complete');
  const changes = successes.length + Number(started) + Number(isEnded);
  const version = Number(campaign.etag);
  if (!(version >= changes && version <= changes + book.uncertainOf(campaignId)))
    ledger.fail(
      `${campaignId} (${campaign.status}) is at version ${campaign.etag} after ${changes} changes: ${successes.join(', ')}`,
    );
  if ((isEnded || successes.includes('complete')) !== (campaign.status === 'COMPLETED'))
    ledger.fail(`${campaignId} is ${campaign.status} at rest`);
}

function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

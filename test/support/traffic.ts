/** Traffic whose right figures are known beforehand, to the last micro. */
import type { EventJson } from './collector.ts';
import type { MetricsJson } from './management.ts';
import type { Random } from './random.ts';

/** What a campaign must show when all of its traffic has been counted. */
export interface ExpectedTotals {
  accepted: number;
  impressions: number;
  clicks: number;
  conversions: number;
  revenueCents: number;
}

export interface Traffic {
  /** Events in the order to send them, repeats included. */
  readonly events: readonly EventJson[];
  /** How many of them repeat an earlier one. */
  readonly repeats: ReadonlyMap<string, number>;
  readonly expected: ReadonlyMap<string, ExpectedTotals>;
}

const TYPES = ['impression', 'impression', 'impression', 'click', 'click', 'conversion'] as const;

/**
 * Makes `count` unique events spread over the campaigns, and repeats of some of them.
 *
 * @param repeatShare probability that an event is sent again later
 */
export function makeTraffic(
  random: Random,
  campaignIds: readonly string[],
  count: number,
  repeatShare = 0.1,
): Traffic {
  const expected = new Map(
    campaignIds.map((id) => [
      id,
      { accepted: 0, impressions: 0, clicks: 0, conversions: 0, revenueCents: 0 },
    ]),
  );
  const repeats = new Map(campaignIds.map((id) => [id, 0]));
  const events: EventJson[] = [];
  const due: EventJson[] = [];
  for (let number = 0; number < count; number++) {
    const campaignId = random.pick(campaignIds);
    const event = makeEvent(random, campaignId, `${random.seed}-${number}`);
    events.push(event);
    addTo(expected.get(campaignId) as ExpectedTotals, event);
    if (random.chance(repeatShare)) {
      due.push(event);
      repeats.set(campaignId, (repeats.get(campaignId) as number) + 1);
    }
    if (due.length > 0 && random.chance(repeatShare)) events.push(due.shift() as EventJson);
  }
  return { events: [...events, ...due], repeats, expected };
}

function makeEvent(random: Random, campaignId: string, eventId: string): EventJson {
  const type = random.pick(TYPES);
  const common = {
    event_id: eventId,
    type,
    campaign_id: campaignId,
    partner_id: `partner-${random.integer(1, 20)}`,
    sub1: `placement-${random.integer(1, 50)}`,
  };
  if (type !== 'conversion') return common;
  const cents = random.integer(1, 20_000);
  return {
    ...common,
    transaction_id: `order-${eventId}`,
    goal: 'sale',
    value: (cents / 100).toFixed(2),
    currency: 'USD',
  };
}

function addTo(totals: ExpectedTotals, event: EventJson): void {
  totals.accepted++;
  if (event.type === 'impression') totals.impressions++;
  else if (event.type === 'click') totals.clicks++;
  else {
    totals.conversions++;
    totals.revenueCents += Math.round(Number(event.value) * 100);
  }
}

/** The figures of live metrics that `ExpectedTotals` speaks of. */
export function countedTotals(metrics: MetricsJson): ExpectedTotals {
  return {
    accepted: metrics.accepted,
    impressions: metrics.impressions,
    clicks: metrics.clicks,
    conversions: metrics.conversions,
    revenueCents: cents(metrics.revenue.amount),
  };
}

/** Whole cents of a decimal amount with two decimals at least. */
export function cents(amount: string): number {
  const match = /^(\d+)\.(\d\d)0*$/.exec(amount);
  if (!match) throw new Error(`${amount} is no whole number of cents`);
  return Number(match[1]) * 100 + Number(match[2]);
}

/** Whether all that was received was decided, one way or the other. */
export function isConserved(metrics: MetricsJson): boolean {
  return metrics.received === metrics.accepted + metrics.duplicates + metrics.rejected + metrics.pending;
}

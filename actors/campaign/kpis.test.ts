import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CampaignDefinition,
  type CampaignMetrics,
  type CampaignView,
  emptyTotals,
} from '../../model/campaign.ts';
import { EventType, type EventTypeCode } from '../../model/event.ts';
import { type KpiThreshold, reachedFigure } from '../../model/kpi-thresholds.ts';
import type { Actor } from '../actor.ts';
import { command, definition, type EventInput, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { campaign, decideAll, MINUTE } from './test-campaign.ts';

const CLICKS: KpiThreshold = { metric: 'clicks', when: 'ABOVE', value: 3, severity: 'LOW', action: 'ALERT' };
const CTR: KpiThreshold = {
  metric: 'ctr',
  when: 'BELOW',
  value: 0.1,
  severity: 'CRITICAL',
  action: 'ALERT',
  minimumEvents: 10,
};

let eventNumber = 0;
const events = (type: EventTypeCode, count: number): EventInput[] =>
  Array.from({ length: count }, () => ({ eventId: `event-${eventNumber++}`, type }));
const clicks = (count: number): EventInput[] => events(EventType.click, count);
const impressions = (count: number): EventInput[] => events(EventType.impression, count);

const watched = (kpiThresholds: readonly KpiThreshold[], overrides: Partial<CampaignDefinition> = {}) =>
  campaign({ kpiThresholds, ...overrides });
const view = (actor: Actor): CampaignView => actor.query('campaign', NOON) as CampaignView;
/** What was told of thresholds since the last call. */
const told = (actor: Actor) =>
  actor
    .takeDomainEvents()
    .filter(({ type }) => type === 'kpi.threshold_reached' || type === 'campaign.paused');

/** Lets the time of a minute after noon come, as the runtime does. */
function reach(actor: Actor, minute: number, sequence = 100 + minute): void {
  const time = NOON + minute * MINUTE;
  if ((actor.dueAt() ?? Number.POSITIVE_INFINITY) <= time) actor.onTime(time, sequence);
}

describe('a KPI threshold', () => {
  it('is told at the turn of the minute, with the figures of that moment', async () => {
    const actor = await watched([CLICKS]);
    decideAll(actor, clicks(4), NOON + 1);
    expect(told(actor)).toEqual([]);
    expect(actor.dueAt()).toBe(NOON + MINUTE);
    expect(view(actor).kpiReachedAt).toEqual([null]);
    reach(actor, 1);
    expect(told(actor)).toMatchObject([
      {
        type: 'kpi.threshold_reached',
        time: NOON + MINUTE,
        data: {
          metric: 'clicks',
          when: 'ABOVE',
          threshold_value: 3,
          actual_value: 4,
          severity: 'LOW',
          action: 'ALERT',
          metrics: { clicks: 4, spend: { amount: '2.00', currency: 'USD' } },
        },
      },
    ]);
    expect(view(actor).kpiReachedAt).toEqual([NOON + MINUTE]);
    expect(actor.dueAt()).toBeUndefined();
  });

  it('is told once, until its figure has been on the other side', async () => {
    const actor = await watched([CTR]);
    const countAfter = (minute: number, seen: readonly EventInput[]): number => {
      decideAll(actor, seen, NOON + minute * MINUTE, 10 + minute);
      reach(actor, minute + 1);
      return told(actor).length;
    };
    expect(countAfter(0, impressions(9))).toBe(0);
    expect(countAfter(1, impressions(1))).toBe(1);
    expect(countAfter(2, impressions(5))).toBe(0);
    expect(countAfter(3, clicks(3))).toBe(0);
    expect(view(actor).kpiReachedAt).toEqual([null]);
    expect(countAfter(4, impressions(15))).toBe(1);
    expect(view(actor).kpiReachedAt).toEqual([NOON + 5 * MINUTE]);
  });

  it('watches spend that is reported, too', async () => {
    const actor = await watched([{ ...CLICKS, metric: 'spend', value: 5, minimumEvents: 1 }]);
    decideAll(actor, clicks(1));
    reach(actor, 1);
    const payload = { amount: { micros: 9_000_000, currency: 'USD' } };
    expect(actor.command(command('record_spend', { payload }), NOON + MINUTE, 150)).toMatchObject({
      ok: true,
    });
    reach(actor, 2);
    expect(told(actor)).toMatchObject([{ data: { metric: 'spend', actual_value: 9.5 } }]);
  });

  it('is not looked at while nothing is counted', async () => {
    const actor = await watched([CLICKS]);
    expect(actor.dueAt()).toBeUndefined();
    decideAll(actor, [{ eventId: 'foreign', clickId: 'nonsense', type: EventType.conversion }]);
    expect(actor.dueAt()).toBeUndefined();
  });

  it('pauses the campaign if it is to, and says why', async () => {
    const actor = await watched([{ ...CTR, action: 'PAUSE' }, CLICKS]);
    decideAll(actor, impressions(20));
    reach(actor, 1);
    expect(told(actor).map(({ type }) => type)).toEqual(['kpi.threshold_reached', 'campaign.paused']);
    expect(view(actor)).toMatchObject({
      status: 'PAUSED',
      statusChangedBy: 'kpi_threshold',
      statusReason: 'ctr is 0: it was not to come to 0.1 or less',
    });
    expect(actor.command(command('resume'), NOON + 2 * MINUTE, 200)).toMatchObject({ ok: true });
    decideAll(actor, impressions(1), NOON + 2 * MINUTE, 201);
    reach(actor, 3, 202);
    expect(view(actor).status).toBe('ACTIVE');
  });

  it('may be changed while the campaign runs, and stays reached where it is the same line', async () => {
    const actor = await watched([CLICKS]);
    decideAll(actor, clicks(5));
    reach(actor, 1);
    const payload = definition({
      kpiThresholds: [
        { ...CLICKS, value: 5 },
        { ...CLICKS, severity: 'HIGH' },
      ],
    });
    const answer = actor.command(command('update', { payload }), NOON + MINUTE, 150);
    expect(answer).toMatchObject({ ok: true, view: { kpiReachedAt: [null, NOON + MINUTE] } });
    told(actor);
    reach(actor, 2);
    expect(told(actor)).toMatchObject([{ data: { threshold_value: 5, actual_value: 5 } }]);
  });

  it('is told no more when the campaign is over', async () => {
    const actor = await watched([CLICKS]);
    decideAll(actor, clicks(5));
    actor.command(command('complete'), NOON, 50);
    expect(actor.dueAt()).toBeUndefined();
  });
});

describe('KPI thresholds', () => {
  const metrics = fc.constantFrom<KpiThreshold['metric'][]>(
    'clicks',
    'ctr',
    'cvr',
    'cpc',
    'spend',
    'roas',
    'roi',
  );
  const thresholds = fc.uniqueArray(
    fc.record({
      metric: metrics,
      when: fc.constantFrom<KpiThreshold['when'][]>('ABOVE', 'BELOW'),
      value: fc.constantFrom(0.05, 0.5, 1, 2, 10),
      severity: fc.constant('LOW' as const),
      action: fc.constant('ALERT' as const),
      minimumEvents: fc.integer({ min: 1, max: 8 }),
    }),
    { minLength: 1, maxLength: 5, selector: ({ metric, when, value }) => `${metric} ${when} ${value}` },
  );
  const type = fc.constantFrom<EventTypeCode[]>(EventType.impression, EventType.click, EventType.conversion);
  const traffic = fc.array(
    fc.record({ minutes: fc.nat(2), types: fc.array(type, { minLength: 1, maxLength: 8 }) }),
    { maxLength: 30 },
  );
  type Traffic = typeof traffic extends fc.Arbitrary<infer T> ? T : never;

  /** @param saveAt step before which the actor is saved and loaded again */
  async function live(kpiThresholds: readonly KpiThreshold[], steps: Traffic, saveAt = -1) {
    let actor = await watched(kpiThresholds);
    const known = [...actor.takeDomainEvents()];
    const looks: CampaignMetrics[] = [];
    let time = NOON;
    for (const [index, { minutes, types }] of steps.entries()) {
      if (index === saveAt) {
        const saved = new Map(actor.save(9 + index).map(({ name, value }) => [name, value] as const));
        actor = await campaignActors(KEY).load('c1', async (name) => {
          const value = saved.get(name);
          return value && { value, revision: 1 };
        });
      }
      time += minutes * MINUTE;
      if ((actor.dueAt() ?? Number.POSITIVE_INFINITY) <= time) {
        looks.push({ ...(actor.query('metrics', time) as CampaignMetrics) });
        actor.onTime(time, 10 + index);
      }
      decideAll(
        actor,
        types.map((one, i) => ({
          eventId: `${index}-${i}`,
          type: one,
          valueMicros: 700_000,
          currency: 'USD',
        })),
        time,
        10 + index,
      );
      known.push(...actor.takeDomainEvents());
    }
    const state = actor.save(1_000).find(({ name }) => name === 'state')?.value;
    return { known, looks, state: state && Buffer.from(state).toString() };
  }

  it('are told once for each crossing, whatever the traffic', () =>
    fc.assert(
      fc.asyncProperty(thresholds, traffic, async (kpiThresholds, steps) => {
        const { known, looks } = await live(kpiThresholds, steps);
        const expected: unknown[] = [];
        const isReached = kpiThresholds.map(() => false);
        for (const look of looks) {
          for (const [i, threshold] of kpiThresholds.entries()) {
            const actual = reachedFigure({ ...emptyTotals(), ...look }, threshold);
            if (actual !== undefined && !isReached[i])
              expected.push([threshold.metric, threshold.when, threshold.value, actual]);
            isReached[i] = actual !== undefined;
          }
        }
        const crossings = known
          .filter(({ type: name }) => name === 'kpi.threshold_reached')
          .map(({ data }) => [data.metric, data.when, data.threshold_value, data.actual_value]);
        expect(crossings).toEqual(expected);
      }),
      { numRuns: 200 },
    ));

  it('are the same when they are lived again, and after a restart', () =>
    fc.assert(
      fc.asyncProperty(thresholds, traffic, fc.nat(30), async (kpiThresholds, steps, saveAt) => {
        const straight = await live(kpiThresholds, steps);
        const again = await live(kpiThresholds, steps);
        expect(again).toEqual(straight);
        const restarted = await live(kpiThresholds, steps, saveAt);
        expect(restarted.known).toEqual(straight.known);
      }),
      { numRuns: 100 },
    ));
});

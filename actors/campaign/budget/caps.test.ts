import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CAP_METRICS,
  CAP_PERIODS,
  type CampaignDefinition,
  type CampaignMetrics,
  type Cap,
  type CapMetric,
} from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import { EventType } from '../../../model/event.ts';
import type { Commission } from '../../../model/terms.ts';
import type { EventActor } from '../../actor.ts';
import { command, definition, type EventInput, NOON } from '../../test-support.ts';
import { campaign, decideAll, HOUR } from '../test-campaign.ts';

const DAY = 24 * HOUR;
const { accepted, cap_reached } = REASONS;
/** What a click costs, and earns its partner, in micros. */
const UNITS: Partial<Record<CapMetric, number>> = { spend: 500_000, commission: 200_000 };
const commission: Commission = { model: 'CPC', rate: { micros: 200_000, currency: 'USD' } };

let events = 0;
const some = (count: number, type: EventInput['type'] = EventType.click): EventInput[] =>
  Array.from({ length: count }, () => ({ eventId: `event-${++events}`, partnerId: 'p1', type }));

const capped = (caps: readonly Cap[], more: Partial<CampaignDefinition> = {}): Promise<EventActor> =>
  campaign({ caps, ...more });

describe('the caps of a campaign', () => {
  it('let in exactly as many events of their type as they say', async () => {
    const actor = await capped([{ metric: 'conversions', period: 'total', limit: 3 }]);
    const reasons = decideAll(actor, some(5, EventType.conversion));
    expect(reasons).toEqual([accepted, accepted, accepted, cap_reached, cap_reached]);
    expect(decideAll(actor, [...some(1), ...some(1, EventType.impression)])).toEqual([accepted, accepted]);
  });

  it('let in no spend beyond them, and never a part of one', async () => {
    const actor = await capped([{ metric: 'spend', period: 'day', limit: 1_700_000 }]);
    expect(decideAll(actor, some(5))).toEqual([accepted, accepted, accepted, cap_reached, cap_reached]);
    expect(decideAll(actor, some(1, EventType.impression))).toEqual([accepted]);
  });

  it('let in no commission beyond them, and none at all for those who earn it', async () => {
    const actor = await capped([{ metric: 'commission', period: 'month', limit: 500_000 }], { commission });
    expect(decideAll(actor, some(4))).toEqual([accepted, accepted, cap_reached, cap_reached]);
    expect(decideAll(actor, [{ eventId: 'own', type: EventType.click }])).toEqual([accepted]);
    expect(actor.query('metrics', NOON)).toMatchObject({ commissionMicros: 400_000n });
  });

  it('begin anew with each day and month of their time zone', async () => {
    const caps: Cap[] = [
      { metric: 'clicks', period: 'day', limit: 2 },
      { metric: 'clicks', period: 'month', limit: 3 },
    ];
    const actor = await capped(caps, { timeZone: 'America/Bogota' });
    const midnight = Date.UTC(2026, 5, 2, 5);
    expect(decideAll(actor, some(3), NOON)).toEqual([accepted, accepted, cap_reached]);
    expect(decideAll(actor, some(1), midnight - 1)).toEqual([cap_reached]);
    expect(decideAll(actor, some(2), midnight)).toEqual([accepted, cap_reached]);
    expect(decideAll(actor, some(1), midnight + 20 * DAY)).toEqual([cap_reached]);
    expect(decideAll(actor, some(3), Date.UTC(2026, 6, 1, 5))).toEqual([accepted, accepted, cap_reached]);
  });

  it('are known to the collectors while they let in no click, and open by themselves', async () => {
    const actor = await capped([{ metric: 'clicks', period: 'day', limit: 1 }]);
    actor.takeSummary();
    decideAll(actor, some(1));
    expect(actor.takeSummary()).toMatchObject({ exhausted: true });
    const midnight = Date.UTC(2026, 5, 2);
    expect(actor.dueAt()).toBe(midnight);
    actor.onTime(midnight, 5);
    expect(actor.takeSummary()).toMatchObject({ exhausted: false });
    expect(actor.dueAt()).toBeUndefined();
  });

  it('keep what is used when they are changed', async () => {
    const actor = await capped([{ metric: 'clicks', period: 'total', limit: 2 }]);
    decideAll(actor, some(2));
    const caps: Cap[] = [
      { metric: 'impressions', period: 'day', limit: 1 },
      { metric: 'clicks', period: 'total', limit: 3 },
    ];
    actor.command(command('update', { payload: definition({ caps }) }), NOON, 9);
    expect(decideAll(actor, some(2))).toEqual([accepted, cap_reached]);
    expect(decideAll(actor, some(2, EventType.impression))).toEqual([accepted, cap_reached]);
  });

  it('are never passed, whatever they are and whatever comes', () => {
    const cap = fc.record({
      metric: fc.constantFrom(...CAP_METRICS),
      period: fc.constantFrom(...CAP_PERIODS),
      limit: fc.integer({ min: 1, max: 30 }),
    });
    const types = fc.constantFrom(EventType.impression, EventType.click, EventType.conversion);
    return fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(cap, { maxLength: 6, selector: ({ metric, period }) => `${metric} ${period}` }),
        fc.array(fc.tuple(types, fc.integer({ min: 0, max: 12 })), { maxLength: 80 }),
        async (drawn, traffic) => {
          const caps = drawn.map((one) => ({ ...one, limit: one.limit * (UNITS[one.metric] ?? 1) }));
          const actor = await capped(caps, { commission });
          let time = NOON;
          const used = new Map<string, number>();
          for (const [type, days] of traffic) {
            time += days * DAY * 0.3;
            const [reason] = decideAll(actor, some(1, type), time);
            const day = Math.floor(time / DAY);
            const month = new Date(time).toISOString().slice(0, 7);
            const shares = caps.map(({ metric, period, limit }) => {
              const name = `${metric} ${period} ${{ day, month, total: '' }[period]}`;
              const isOwn =
                { impressions: 1, clicks: 2, conversions: 3, spend: 2, commission: 2 }[metric] === type;
              const share = isOwn ? (UNITS[metric] ?? 1) : 0;
              return { name, share, isFull: share > 0 && (used.get(name) ?? 0) + share > limit };
            });
            expect(reason).toBe(shares.some(({ isFull }) => isFull) ? cap_reached : accepted);
            if (reason !== accepted) continue;
            for (const { name, share } of shares) used.set(name, (used.get(name) ?? 0) + share);
          }
          const { received, pending, accepted: taken } = actor.query('metrics', time) as CampaignMetrics;
          expect(received).toBe(taken + pending);
        },
      ),
      { numRuns: 150 },
    );
  });
});

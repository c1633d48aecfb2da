import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../limits.ts';
import type { CampaignDefinition, CampaignMetrics } from '../../model/campaign.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import type { Actor } from '../actor.ts';
import { command, definition, type EventInput, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { campaign, decideAll, HOUR, MINUTE, nothing } from './test-campaign.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const { accepted, budget_exhausted } = REASONS;

let events = 0;
const sale = (valueMicros: number, more: Partial<EventInput> = {}): EventInput => ({
  eventId: `sale-${++events}`,
  type: EventType.conversion,
  valueMicros,
  currency: 'USD',
  partnerId: 'p1',
  ...more,
});
const click = (more: Partial<EventInput> = {}): EventInput => ({
  eventId: `click-${++events}`,
  type: EventType.click,
  partnerId: 'p1',
  ...more,
});

const metrics = (actor: Actor): CampaignMetrics => actor.query('metrics', NOON) as CampaignMetrics;
const change = (actor: Actor, to: Partial<CampaignDefinition>, time: number, sequence: number) =>
  actor.command(command('update', { payload: definition(to) }), time, sequence);

describe('the price of an event', () => {
  it('is a share of what a conversion is worth, rounded down to a micro', async () => {
    const actor = await campaign({ cost: { model: 'REVENUE_SHARE', sharePpm: 125_000 } });
    expect(decideAll(actor, [sale(10_000_000), sale(7), sale(0), click()])).toEqual([
      accepted,
      accepted,
      accepted,
      accepted,
    ]);
    expect(metrics(actor)).toMatchObject({ spendMicros: 1_250_000n, revenueMicros: 10_000_007n });
  });

  it('is refused as a whole where the budget has room for a part of it', async () => {
    const actor = await campaign({
      cost: { model: 'REVENUE_SHARE', sharePpm: 500_000 },
      budgetTotal: usd(5_000_000),
    });
    expect(decideAll(actor, [sale(8_000_000), sale(4_000_000), sale(2_000_000), sale(1)])).toEqual([
      accepted,
      budget_exhausted,
      accepted,
      accepted,
    ]);
    expect(decideAll(actor, [sale(2)])).toEqual([budget_exhausted]);
    expect(metrics(actor)).toMatchObject({ spendMicros: 5_000_000n });
  });

  it('is exact for the largest amounts', async () => {
    const actor = await campaign({
      budgetTotal: usd(limits.amountMicros),
      cost: { model: 'REVENUE_SHARE', sharePpm: 999_999 },
    });
    decideAll(actor, [sale(limits.amountMicros)]);
    expect(metrics(actor).spendMicros).toBe((BigInt(limits.amountMicros) * 999_999n) / 1_000_000n);
  });
});

describe('commission', () => {
  it.each([
    ['FLAT', { model: 'FLAT', rate: usd(3_000_000) }, 3_000_000n],
    ['PERCENTAGE', { model: 'PERCENTAGE', sharePpm: 100_000 }, 2_000_000n],
    ['CPC', { model: 'CPC', rate: usd(10_000) }, 10_000n],
    ['CPM', { model: 'CPM', rate: usd(5_000_000) }, 5_000n],
  ] as const)('by %s is earned by its type of event', async (_, commission, commissionMicros) => {
    const actor = await campaign({ commission });
    decideAll(actor, [
      sale(20_000_000),
      click(),
      { eventId: 'view', partnerId: 'p1', type: EventType.impression },
    ]);
    expect(metrics(actor)).toMatchObject({ commissionMicros, accepted: 3 });
  });

  it('is nothing where nobody brought the event', async () => {
    const actor = await campaign({ commission: { model: 'FLAT', rate: usd(3_000_000) } });
    decideAll(actor, [{ eventId: 'own', type: EventType.conversion }]);
    expect(metrics(actor)).toMatchObject({ commissionMicros: 0n, conversions: 1 });
  });
});

describe('terms', () => {
  it('that change hold for what happens from then on, whenever it arrives', async () => {
    const commission = { model: 'FLAT', rate: usd(1_000_000) } as const;
    const actor = await campaign({ commission });
    const later = NOON + HOUR;
    change(
      actor,
      { commission: { model: 'FLAT', rate: usd(5_000_000) }, cost: { model: 'CPC', rate: usd(700_000) } },
      later,
      5,
    );
    const before = { occurredAt: later - 1 };
    decideAll(actor, [sale(0, before), click(before)], later + MINUTE, 6);
    expect(metrics(actor)).toMatchObject({ commissionMicros: 1_000_000n, spendMicros: 500_000n });
    decideAll(actor, [sale(0, { occurredAt: later }), click({ occurredAt: later })], later + MINUTE, 7);
    expect(metrics(actor)).toMatchObject({ commissionMicros: 6_000_000n, spendMicros: 1_200_000n });
  });

  it('of a draft are simply others', async () => {
    const actor = await campaign({ cost: { model: 'CPC', rate: usd(100_000) } }, false);
    change(actor, { cost: { model: 'CPC', rate: usd(900_000) } }, NOON + HOUR, 4);
    actor.command(command('activate'), NOON + HOUR, 5);
    decideAll(actor, [click({ occurredAt: NOON })], NOON + 2 * HOUR, 6);
    expect(metrics(actor)).toMatchObject({ spendMicros: 900_000n });
  });

  it('cannot be changed without end while events may still be judged by the old ones', async () => {
    const actor = await campaign();
    const rate = (i: number) => ({ cost: { model: 'CPC', rate: usd(1_000 + i) } }) as const;
    for (let i = 0; i < limits.termVersions; i++)
      expect(change(actor, rate(i), NOON + i, 10 + i)).toMatchObject({ ok: true });
    expect(change(actor, rate(1_000), NOON + HOUR, 500)).toMatchObject({
      ok: false,
      failure: { code: 'failed_precondition', violations: [{ field: 'cost' }] },
    });
    const month = NOON + limits.lateEventMs + 2 * 24 * HOUR;
    expect(change(actor, rate(1_000), month, 501)).toMatchObject({ ok: true });
  });

  it('are those of the time of each event, however often they change and however late events come', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 })), {
          maxLength: 12,
        }),
        fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 30 }),
        async (changes, times) => {
          const actor = await campaignActors(KEY).load('c1', nothing);
          const start = { cost: { model: 'CPC', rate: usd(1_000) } } as const;
          actor.command(command('create', { payload: definition(start) }), NOON, 1);
          actor.command(command('activate'), NOON, 2);
          let now = NOON;
          const rates: [from: number, micros: number][] = [[0, 1_000]];
          for (const [i, [minutes, micros]] of changes.entries()) {
            now += minutes * MINUTE;
            change(actor, { cost: { model: 'CPC', rate: usd(micros) } }, now, 3 + i);
            rates.push([now, micros]);
          }
          let spent = 0;
          for (const minutes of times) {
            const occurredAt = NOON + minutes * MINUTE;
            decideAll(actor, [click({ occurredAt })], NOON + 500 * MINUTE, 100);
            spent += rates.findLast(([from]) => from <= occurredAt)?.[1] ?? 0;
          }
          expect(metrics(actor).spendMicros).toBe(BigInt(spent));
        },
      ),
      { numRuns: 100 },
    ));
});

import { describe, expect, it } from 'vitest';
import type { CampaignDefinition } from '../../model/campaign.ts';
import { EventType } from '../../model/event.ts';
import { type EventInput, NOON } from '../test-support.ts';
import { campaign, decideAll, MINUTE } from './test-campaign.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const SALE: EventInput = {
  eventId: 'sale',
  type: EventType.conversion,
  occurredAt: NOON,
  partnerId: 'p1',
  transactionId: 'T-1',
  goal: 'sale',
  valueMicros: 80_000_000,
  currency: 'USD',
};

/** What is published of the events, by type. */
async function published(definition: Partial<CampaignDefinition>, events: readonly EventInput[]) {
  const actor = await campaign(definition);
  actor.takeDomainEvents();
  decideAll(actor, events);
  return actor.takeDomainEvents().map(({ type, data }) => [type, data]);
}

describe('the events of a campaign', () => {
  it('are published one by one where it wants that, with what they earn', async () => {
    const commission = { model: 'PERCENTAGE', sharePpm: 100_000 } as const;
    expect(await published({ publishedEvents: ['conversion'], commission }, [SALE])).toEqual([
      [
        'conversion.recorded',
        {
          event_id: 'sale',
          partner_id: 'p1',
          transaction_id: 'T-1',
          goal: 'sale',
          occurred_at: '2026-06-01T12:00:00.000Z',
          value: { amount: '80.00', currency: 'USD' },
          commission: { amount: '8.00', currency: 'USD' },
        },
      ],
    ]);
  });

  it('are published by type: those that count, and conversions that do not', async () => {
    const events: EventInput[] = [
      { eventId: 'view', type: EventType.impression },
      { eventId: 'click', type: EventType.click },
      { ...SALE, currency: 'EUR' },
    ];
    const all = { publishedEvents: ['impression', 'click', 'conversion'] } as const;
    expect((await published(all, events)).map(([type]) => type)).toEqual([
      'impression.recorded',
      'click.recorded',
      'conversion.rejected',
    ]);
    expect(await published({ publishedEvents: ['impression'] }, events)).toHaveLength(1);
    expect(await published({}, events)).toEqual([]);
  });

  it('are not published where they are repeats or wait for room in the budget', async () => {
    const events: EventInput[] = [
      SALE,
      { ...SALE, eventId: 'again' },
      { ...SALE, eventId: 'more', transactionId: 'T-2' },
    ];
    const paid = { cost: { model: 'CPA', rate: usd(60_000_000) }, publishedEvents: ['conversion'] } as const;
    expect((await published(paid, events)).map(([type]) => type)).toEqual([
      'conversion.recorded',
      'budget.threshold_reached',
      'budget.exhausted',
    ]);
  });
});

describe('the figures of a campaign', () => {
  it('are published at the turn of each minute in which they have changed', async () => {
    const actor = await campaign({ publishedEvents: ['metrics'] });
    actor.takeDomainEvents();
    expect(actor.dueAt()).toBeUndefined();
    decideAll(actor, [{ eventId: 'a' }, { eventId: 'b' }], NOON + 1_000);
    expect(actor.dueAt()).toBe(NOON + MINUTE);
    actor.onTime(NOON + MINUTE, 5);
    actor.onTime(NOON + 2 * MINUTE, 6);
    expect(actor.takeDomainEvents()).toMatchObject([
      { type: 'campaign.metrics_updated', time: NOON + MINUTE, data: { metrics: { clicks: 2 } } },
    ]);
    expect(actor.dueAt()).toBeUndefined();
  });
});

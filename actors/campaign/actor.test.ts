import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CampaignDefinition,
  type CampaignView,
  type TotalsJson,
  totalsFromJson,
} from '../../model/campaign.ts';
import { encodeClickId } from '../../model/click-id.ts';
import { REASONS } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import type { EventActor } from '../actor.ts';
import { command, definition, type EventInput, KEY, NOON } from '../test-support.ts';
import { campaignActors } from './actor.ts';
import { campaign, decideAll, HOUR, MINUTE, nothing } from './test-campaign.ts';

const conversion = (eventId: string, more: Partial<EventInput> = {}): EventInput => ({
  eventId,
  type: EventType.conversion,
  ...more,
});

const clickIdOf = (campaignId: string, clickedAt: number): string =>
  encodeClickId(Buffer.alloc(32), { campaignId, partnerId: 'p', clickedAt, nonce: [1, 2] });

describe('a campaign that is completed', () => {
  it('keeps its figures as they were, whatever comes later', async () => {
    const actor = await campaign();
    decideAll(actor, [{ eventId: 'a' }, { eventId: 'b' }]);
    actor.command(command('complete'), NOON + HOUR, 10);
    decideAll(actor, [{ eventId: 'c' }], NOON + HOUR, 11);
    const { completedAt, totals } = (actor.query('campaign', NOON) as CampaignView).final ?? {};
    expect(completedAt).toBe(NOON + HOUR);
    expect(totalsFromJson(totals as TotalsJson)).toMatchObject({
      received: 2,
      clicks: 2,
      spendMicros: 1_000_000n,
    });
    expect(actor.query('metrics', NOON)).toMatchObject({ received: 3, rejected: 1 });
  });
});

describe('a campaign that is changed', () => {
  const change = (actor: EventActor, overrides: Partial<CampaignDefinition>, sequence = 10) =>
    actor.command(command('update', { payload: definition(overrides) }), NOON, sequence);

  it('goes on with a larger budget, and makes its end known again', async () => {
    const budget = (micros: number) => ({ budgetTotal: { micros, currency: 'USD' } });
    const actor = await campaign(budget(1_000_000));
    expect(
      decideAll(
        actor,
        ['a', 'b', 'c'].map((eventId) => ({ eventId })),
      ),
    ).toEqual([100, 100, 400]);
    expect(actor.takeDomainEvents().at(-1)?.type).toBe('budget.exhausted');
    expect(change(actor, budget(1_500_000))).toMatchObject({ ok: true });
    expect(
      decideAll(
        actor,
        ['d', 'e'].map((eventId) => ({ eventId })),
      ),
    ).toEqual([100, 400]);
    expect(actor.takeDomainEvents().map(({ type }) => type)).toEqual([
      'campaign.updated',
      'budget.exhausted',
    ]);
    expect(change(actor, budget(1_400_000))).toMatchObject({
      ok: false,
      failure: {
        violations: [{ field: 'budget.total.amount', description: expect.stringContaining('1.50') }],
      },
    });
  });

  it('pays the new rate from the change on', async () => {
    const actor = await campaign();
    decideAll(actor, [{ eventId: 'a' }]);
    change(actor, { cost: { model: 'CPC', rate: { micros: 700_000, currency: 'USD' } } });
    decideAll(actor, [{ eventId: 'b' }]);
    expect(actor.query('metrics', NOON)).toMatchObject({ spendMicros: 1_200_000n });
  });

  it('keeps its keys, whatever it is given', async () => {
    const actor = await campaign({ keyPolicy: 'signed', secretKeys: ['sk_own'] });
    change(actor, { name: 'Other', writeKey: 'wk_other', secretKeys: ['sk_other'], keyPolicy: 'signed' });
    expect(actor.query('campaign', NOON)).toMatchObject({
      name: 'Other',
      writeKey: 'wk_test',
      secretKeys: ['sk_own'],
    });
  });

  it('ends at another time', async () => {
    const actor = await campaign({ endsAt: NOON + HOUR });
    change(actor, { endsAt: NOON + 2 * HOUR });
    expect(actor.dueAt()).toBe(NOON + 2 * HOUR);
    expect(change(actor, { endsAt: NOON - 1 })).toMatchObject({ ok: false });
  });
});

describe('a campaign decides on events', () => {
  it('accepts events while it is active and rejects them otherwise', async () => {
    expect(decideAll(await campaign({}, false), [{ eventId: 'a' }])).toEqual([REASONS.campaign_not_active]);
    expect(decideAll(await campaign(), [{ eventId: 'a' }])).toEqual([REASONS.accepted]);
  });

  it('keeps to the verdict that the collector has told the client', async () => {
    expect(decideAll(await campaign(), [{ eventId: 'a', verdict: REASONS.late }])).toEqual([REASONS.late]);
  });

  it('pays for exactly as many clicks as the budget has room for, and leaves the others pending', async () => {
    const actor = await campaign({ budgetTotal: { micros: 1_700_000, currency: 'USD' } });
    const events = ['a', 'b', 'c', 'd', 'e'].map((eventId) => ({ eventId }));
    const { accepted, budget_exhausted } = REASONS;
    expect(decideAll(actor, events)).toEqual([
      accepted,
      accepted,
      accepted,
      budget_exhausted,
      budget_exhausted,
    ]);
    expect(actor.query('metrics', NOON)).toMatchObject({ clicks: 3, pending: 2, spendMicros: 1_500_000n });
    expect(actor.takeSummary()).toMatchObject({ exhausted: true });
  });

  it('pays no more a day than the daily budget, and goes on the next day', async () => {
    const actor = await campaign({ budgetDaily: { micros: 1_000_000, currency: 'USD' } });
    const { accepted, daily_budget_exhausted } = REASONS;
    expect(decideAll(actor, [{ eventId: 'a' }, { eventId: 'b' }, { eventId: 'c' }])).toEqual([
      accepted,
      accepted,
      daily_budget_exhausted,
    ]);
    expect(actor.takeSummary()).toMatchObject({ exhausted: true });
    const midnight = Date.UTC(2026, 5, 2);
    expect(actor.dueAt()).toBe(midnight);
    actor.onTime(midnight, 4);
    expect(actor.takeSummary()).toMatchObject({ exhausted: false });
    expect(decideAll(actor, [{ eventId: 'd' }], midnight, 5)).toEqual([accepted]);
    expect(actor.query('metrics', NOON)).toMatchObject({ clicks: 3, spendMicros: 1_500_000n, pending: 1 });
  });

  it('charges a thousandth of the CPM rate per impression', async () => {
    const actor = await campaign({ cost: { model: 'CPM', rate: { micros: 2_500_000, currency: 'USD' } } });
    decideAll(actor, [{ eventId: 'a', type: EventType.impression }, { eventId: 'b' }]);
    expect(actor.query('metrics', NOON)).toMatchObject({ impressions: 1, clicks: 1, spendMicros: 2_500n });
  });

  it('counts a transaction once for ever, whatever event brings it', async () => {
    const actor = await campaign();
    const sale = { transactionId: 'order-1', valueMicros: 5_000_000, currency: 'USD' };
    expect(decideAll(actor, [conversion('a', sale), conversion('b', sale)])).toEqual([
      REASONS.accepted,
      REASONS.duplicate_transaction,
    ]);
    expect(actor.query('metrics', NOON)).toMatchObject({ conversions: 1, revenueMicros: 5_000_000n });
  });

  it('counts a conversion without transaction once per click and goal', async () => {
    const actor = await campaign();
    const clickId = clickIdOf('c1', NOON - HOUR);
    expect(
      decideAll(actor, [
        conversion('a', { clickId, goal: 'lead' }),
        conversion('b', { clickId, goal: 'lead' }),
        conversion('c', { clickId, goal: 'sale' }),
      ]),
    ).toEqual([REASONS.accepted, REASONS.duplicate_conversion, REASONS.accepted]);
  });

  it('rejects a conversion whose click is too old or belongs to another campaign', async () => {
    const actor = await campaign({ clickWindowMs: HOUR });
    expect(
      decideAll(actor, [
        conversion('a', { clickId: clickIdOf('c1', NOON - HOUR - 1) }),
        conversion('b', { clickId: clickIdOf('c2', NOON) }),
        conversion('c', { clickId: 'nonsense' }),
      ]),
    ).toEqual([REASONS.click_expired, REASONS.click_id_foreign, REASONS.click_id_invalid]);
  });

  it('rejects a value in a currency that is not the campaign’s', async () => {
    const events = [conversion('a', { valueMicros: 1, currency: 'COP' })];
    expect(decideAll(await campaign(), events)).toEqual([REASONS.currency_mismatch]);
  });

  it('counts a visitor’s first click in each window as unique', async () => {
    const actor = await campaign();
    decideAll(actor, [
      { eventId: 'a', visitor: 'v' },
      { eventId: 'b', visitor: 'v' },
    ]);
    decideAll(actor, [{ eventId: 'c', visitor: 'v' }], NOON + HOUR);
    expect(actor.query('metrics', NOON)).toMatchObject({ clicks: 3, uniqueClicks: 2 });
  });

  it('calls a visitor’s further clicks duplicates where the campaign has a uniqueness rule', async () => {
    const actor = await campaign({ uniqueness: { key: 'address_agent', windowMs: HOUR } });
    expect(
      decideAll(actor, [
        { eventId: 'a', visitor: 'v' },
        { eventId: 'b', visitor: 'v' },
      ]),
    ).toEqual([REASONS.accepted, REASONS.repeat_visitor]);
  });
});

describe('the lifecycle of a campaign', () => {
  it('lists what launch still lacks', async () => {
    const actor = await campaignActors(KEY).load('c1', nothing);
    const { landingPageUrl: _, budgetTotal: __, cost: ___, ...bare } = definition();
    actor.command(command('create', { payload: bare }), NOON, 1);
    const answer = actor.command(command('activate'), NOON, 2);
    expect(answer).toMatchObject({
      ok: false,
      failure: { code: 'failed_precondition', state: 'DRAFT' },
    });
    expect(answer.ok ? [] : answer.failure.violations?.map((item) => item.field)).toEqual([
      'landing_page_url',
      'budget.total',
      'cost',
    ]);
  });

  it('names the state that forbids a command', async () => {
    const actor = await campaign();
    actor.command(command('complete'), NOON, 3);
    expect(actor.command(command('pause'), NOON, 4)).toMatchObject({
      ok: false,
      failure: { code: 'failed_precondition', state: 'COMPLETED' },
    });
  });

  it('gives a repeated command its first answer', async () => {
    const actor = await campaign();
    const first = actor.command(command('pause', { requestId: 'r' }), NOON, 3);
    actor.command(command('resume'), NOON, 4);
    expect(actor.command(command('pause', { requestId: 'r' }), NOON, 5)).toEqual(first);
    expect(actor.query('campaign', NOON)?.status).toBe('ACTIVE');
  });

  it('refuses a command that has seen another state', async () => {
    const actor = await campaign();
    expect(actor.command(command('pause', { etag: '1' }), NOON, 3)).toMatchObject({
      ok: false,
      failure: { code: 'aborted' },
    });
    expect(actor.command(command('pause', { etag: '2' }), NOON, 3).ok).toBe(true);
  });

  it('refuses an id that is taken', async () => {
    const actor = await campaign();
    expect(actor.command(command('create'), NOON, 3)).toMatchObject({
      ok: false,
      failure: { code: 'already_exists' },
    });
  });

  it('starts and ends by itself on record time', async () => {
    const actor = await campaign({ startsAt: NOON + MINUTE, endsAt: NOON + HOUR }, false);
    expect(actor.command(command('schedule'), NOON, 2).ok).toBe(true);
    expect(actor.dueAt()).toBe(NOON + MINUTE);
    actor.onTime(NOON + MINUTE, 3);
    expect(actor.query('campaign', NOON)?.status).toBe('ACTIVE');
    actor.onTime(NOON + HOUR, 4);
    expect(actor.query('campaign', NOON)?.status).toBe('COMPLETED');
    expect(actor.dueAt()).toBeUndefined();
  });
});

describe('a campaign whose launch needs nothing but a budget', () => {
  const bare = definition({ endsAt: NOON - HOUR, launchNeeds: [] });
  const { landingPageUrl: _page, cost: _cost, ...document } = bare;

  it('runs without landing page and price, beyond an end that had passed before, also when it is changed', async () => {
    const actor = await campaignActors(KEY).load('c1', nothing);
    actor.command(command('create', { payload: document }), NOON, 1);
    expect(actor.command(command('activate'), NOON, 2).ok).toBe(true);
    const budgetTotal = { micros: 7_000_000, currency: 'USD' };
    expect(actor.command(command('update', { payload: { ...document, budgetTotal } }), NOON, 3).ok).toBe(
      true,
    );
    actor.onTime(NOON + HOUR, 4);
    expect(actor.query('campaign', NOON)).toMatchObject({ status: 'ACTIVE', budgetTotal });
    expect(decideAll(actor, [{ eventId: 'a' }])).toEqual([REASONS.accepted]);
    expect(actor.query('metrics', NOON)).toMatchObject({ clicks: 1, spendMicros: 0n });
  });

  it('needs a budget, and ends when its end comes', async () => {
    const { budgetTotal, ...poor } = document;
    const actor = await campaignActors(KEY).load('c1', nothing);
    actor.command(command('create', { payload: { ...poor, endsAt: NOON + HOUR } }), NOON, 1);
    expect(actor.command(command('activate'), NOON, 2)).toMatchObject({
      failure: { violations: [{ field: 'budget.total' }] },
    });
    actor.command(command('update', { payload: { ...poor, budgetTotal, endsAt: NOON + HOUR } }), NOON, 3);
    actor.command(command('activate'), NOON, 4);
    expect(actor.dueAt()).toBe(NOON + HOUR);
  });

  it('may need more than others do', async () => {
    const actor = await campaignActors(KEY).load('c1', nothing);
    const strict = definition({ endsAt: NOON, launchNeeds: ['cost', 'dates', 'targeting', 'targets'] });
    actor.command(command('create', { payload: strict }), NOON, 1);
    const answer = actor.command(command('activate'), NOON, 2);
    expect(!answer.ok && answer.failure.violations?.map(({ field }) => field)).toEqual([
      'ends_at',
      'targeting',
      'targets',
    ]);
  });
});

describe('a saved campaign', () => {
  it('is restored so that it decides as if it had never been away', async () => {
    const step = fc.record({
      id: fc.nat(20),
      type: fc.constantFrom(EventType.impression, EventType.click, EventType.conversion),
      visitor: fc.nat(5).map(String),
      transaction: fc.option(fc.nat(8).map(String), { nil: undefined }),
      minutes: fc.nat(50),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(60), async (steps, cut) => {
        const factory = campaignActors(KEY);
        const rule: Partial<CampaignDefinition> = {
          uniqueness: { key: 'address', windowMs: HOUR },
          budgetTotal: { micros: 6_000_000, currency: 'USD' },
          budgetDaily: { micros: 2_500_000, currency: 'USD' },
          timeZone: 'America/Bogota',
          caps: [
            { metric: 'impressions', period: 'day', limit: 4 },
            { metric: 'spend', period: 'month', limit: 5_000_000 },
          ],
        };
        const straight = await campaign(rule);
        let interrupted = await campaign(rule);
        const documents = new Map<string, { value: Uint8Array; revision: number }>();
        let time = NOON;
        for (const [index, { id, type, visitor, transaction, minutes }] of steps.entries()) {
          if (index === cut) {
            for (const { name, value } of interrupted.save(index))
              if (value) documents.set(name, { value, revision: 1 });
              else documents.delete(name);
            interrupted = await factory.load('c1', async (name) => documents.get(name));
          }
          time += minutes * MINUTE;
          const event: EventInput = {
            eventId: String(id),
            type,
            visitor,
            valueMicros: 10,
            currency: 'USD',
            ...(transaction === undefined ? {} : { transactionId: transaction }),
          };
          const sequence = 3 + index;
          expect(decideAll(interrupted, [event], time, sequence)).toEqual(
            decideAll(straight, [event], time, sequence),
          );
          expect(interrupted.dueAt()).toBe(straight.dueAt());
          const happened = straight.takeDomainEvents();
          // The first includes what came before the first save.
          if (index > 0 && index !== cut) expect(interrupted.takeDomainEvents()).toEqual(happened);
          else interrupted.takeDomainEvents();
        }
        expect(interrupted.query('metrics', time)).toEqual(straight.query('metrics', time));
      }),
      { numRuns: 200 },
    );
  });
});

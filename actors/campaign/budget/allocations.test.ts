import { describe, expect, it } from 'vitest';
import type { Allocation, BudgetAccount } from '../../../model/budget.ts';
import type { CampaignDefinition } from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import type { EventActor } from '../../actor.ts';
import { command, definition, type EventInput, NOON } from '../../test-support.ts';
import { campaign, decideAll } from '../test-campaign.ts';

const { accepted, allocation_exhausted, budget_exhausted, campaign_not_active } = REASONS;
const CENT = 10_000;
const cents = (count: number, currency = 'USD') => ({ micros: count * CENT, currency });

let events = 0;
const clicksOf = (...partners: string[]): EventInput[] =>
  partners.map((partnerId) => ({ eventId: `click-${++events}`, partnerId }));
const times = (count: number, partner: string): string[] => new Array(count).fill(partner);

/** A click costs one cent, and there are ten. */
const thrifty = (overrides: Partial<CampaignDefinition> = {}): Promise<EventActor> =>
  campaign({ budgetTotal: cents(10), cost: { model: 'CPC', rate: cents(1) }, ...overrides });
const forPartner = (name: string, amount: number): Allocation => ({
  name,
  amountMicros: amount * CENT,
  match: { field: 'partner_id', value: name },
});
const allocate = (actor: EventActor, ...allocations: Allocation[]) =>
  actor.command(command('allocate', { payload: { currency: 'USD', allocations } }), NOON, 5);
const budgetOf = (actor: EventActor): BudgetAccount => actor.query('budget', NOON) as BudgetAccount;
const spentBy = (actor: EventActor): Record<string, number> =>
  Object.fromEntries(budgetOf(actor).allocations.map(({ name, spentMicros }) => [name, spentMicros / CENT]));

describe('the allocations of a budget', () => {
  it('pay for the events that match them, and only for those', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 3), forPartner('ben', 4));
    expect(decideAll(actor, clicksOf(...times(4, 'ana')))).toEqual([
      ...times(3, '').map(() => accepted),
      allocation_exhausted,
    ]);
    expect(decideAll(actor, clicksOf('ben'))).toEqual([accepted]);
    expect(spentBy(actor)).toEqual({ ana: 3, ben: 1 });
  });

  it('keep their money from the events that match none', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 8));
    expect(decideAll(actor, clicksOf(...times(3, 'eve')))).toEqual([
      accepted,
      accepted,
      allocation_exhausted,
    ]);
    expect(decideAll(actor, clicksOf(...times(8, 'ana')))).toEqual(times(8, '').map(() => accepted));
  });

  it('are asked in their order: the first that matches pays', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 1), {
      name: 'spring',
      amountMicros: 5 * CENT,
      match: { field: 'utm_source', value: 'mail' },
    });
    const click = (): EventInput => ({ eventId: `click-${++events}`, partnerId: 'ana', utmSource: 'mail' });
    expect(decideAll(actor, [click(), click()])).toEqual([accepted, allocation_exhausted]);
    expect(spentBy(actor)).toEqual({ ana: 1, spring: 0 });
  });

  it.each([
    ['partner_id', { partnerId: 'x' }],
    ['content_id', { contentId: 'x' }],
    ['source_id', { sourceId: 'x' }],
    ['utm_source', { utmSource: 'x' }],
    ['utm_medium', { utmMedium: 'x' }],
    ['goal', { goal: 'x' }],
  ] as const)('may be for the %s of an event', async (field, event) => {
    const actor = await thrifty();
    allocate(actor, { name: 'x', amountMicros: CENT, match: { field, value: 'x' } });
    decideAll(actor, [{ eventId: 'own', ...event }, { eventId: 'other' }]);
    expect(spentBy(actor)).toEqual({ x: 1 });
  });

  it('cost nothing for events that are free', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 0));
    expect(decideAll(actor, [{ eventId: 'view', type: 1, partnerId: 'ana' }])).toEqual([accepted]);
  });

  it('use up the budget only when no money is left for any paid event', async () => {
    const actor = await thrifty({ whenExhausted: 'pause' });
    allocate(actor, forPartner('ana', 3), forPartner('ben', 4), { name: 'print', amountMicros: 2 * CENT });
    decideAll(actor, clicksOf(...times(3, 'ana'), ...times(4, 'ben')));
    expect(actor.query('campaign', NOON)).toMatchObject({ status: 'ACTIVE' });
    expect(actor.takeSummary()).toMatchObject({ exhausted: false });
    expect(decideAll(actor, clicksOf('eve', 'eve'))).toEqual([accepted, campaign_not_active]);
    expect(actor.query('campaign', NOON)).toMatchObject({ status: 'PAUSED' });
    expect(actor.takeDomainEvents().map(({ type }) => type)).toEqual(
      expect.arrayContaining(['budget.exhausted', 'campaign.paused']),
    );
  });

  it('answer budget_exhausted once there is nothing left anywhere', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 5), { name: 'print', amountMicros: 5 * CENT });
    expect(decideAll(actor, clicksOf('eve', ...times(5, 'ana'), 'eve', 'ana'))).toEqual([
      allocation_exhausted,
      ...times(5, '').map(() => accepted),
      budget_exhausted,
      budget_exhausted,
    ]);
  });

  it('may not exceed the total together with what was spent outside of them', async () => {
    const actor = await thrifty();
    decideAll(actor, clicksOf('eve', 'eve'));
    expect(allocate(actor, forPartner('ana', 9))).toMatchObject({
      ok: false,
      failure: { code: 'failed_precondition', violations: [{ field: 'allocations' }] },
    });
    expect(allocate(actor, forPartner('ana', 8))).toMatchObject({ ok: true });
  });

  it('keep what they have spent when they are kept by name, and may not fall below it', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 5));
    decideAll(actor, clicksOf('ana', 'ana'));
    expect(allocate(actor, forPartner('ana', 1))).toMatchObject({
      ok: false,
      failure: {
        violations: [{ field: 'allocations[0].amount', description: expect.stringContaining('0.02') }],
      },
    });
    allocate(actor, forPartner('ben', 1), forPartner('ana', 3));
    expect(spentBy(actor)).toEqual({ ben: 0, ana: 2 });
  });

  it('leave what they have spent outside when they are taken away', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 5));
    decideAll(actor, clicksOf('ana', 'ana'));
    allocate(actor);
    expect(allocate(actor, forPartner('ana', 9))).toMatchObject({ ok: false });
    allocate(actor, forPartner('ana', 8));
    expect(spentBy(actor)).toEqual({ ana: 0 });
  });

  it('are told with the whole breakdown, and by whom', async () => {
    const actor = await thrifty();
    actor.takeDomainEvents();
    allocate(actor, forPartner('ana', 4));
    expect(actor.takeDomainEvents()).toMatchObject([
      {
        type: 'budget.allocated',
        data: {
          total: { amount: '0.10' },
          allocations: [
            { name: 'ana', amount: { amount: '0.04' }, match: { field: 'partner_id', value: 'ana' } },
          ],
          unallocated: { amount: '0.06' },
          by: 'tester',
        },
      },
    ]);
  });

  it('may not be undercut by a lower total', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 5));
    decideAll(actor, clicksOf('eve', 'ana'));
    const lower = (total: number) =>
      actor.command(
        command('update', {
          payload: definition({ budgetTotal: cents(total), cost: { model: 'CPC', rate: cents(1) } }),
        }),
        NOON,
        9,
      );
    expect(lower(5)).toMatchObject({
      ok: false,
      failure: { violations: [{ field: 'budget.total.amount' }] },
    });
    expect(lower(6)).toMatchObject({ ok: true });
  });
});

describe('moving money between allocations', () => {
  const move = (actor: EventActor, amount: number, from?: string, to?: string) =>
    actor.command(command('reallocate', { payload: { amount: cents(amount), from, to } }), NOON, 6);
  const amounts = (actor: EventActor): number[] =>
    budgetOf(actor).allocations.map(({ amountMicros }) => amountMicros / CENT);

  it('takes it from one, or the rest, and gives it to another, or the rest', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 3), forPartner('ben', 2));
    expect(move(actor, 2, 'ana', 'ben')).toMatchObject({ ok: true });
    expect(amounts(actor)).toEqual([1, 4]);
    expect(move(actor, 5, undefined, 'ana')).toMatchObject({ ok: true });
    expect(amounts(actor)).toEqual([6, 4]);
    expect(move(actor, 6, 'ana')).toMatchObject({ ok: true });
    expect(amounts(actor)).toEqual([0, 4]);
  });

  it('takes only what is there and not spent', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 3));
    decideAll(actor, clicksOf('ana', 'eve'));
    expect(move(actor, 3, 'ana')).toMatchObject({
      ok: false,
      failure: { violations: [{ field: 'amount', description: 'must be at most what ana has left, 0.02' }] },
    });
    expect(move(actor, 7, undefined, 'ana')).toMatchObject({
      failure: { violations: [{ description: 'must be at most what is not allocated, 0.06' }] },
    });
  });

  it('refuses allocations that there are not, and one and the same', async () => {
    const actor = await thrifty();
    allocate(actor, forPartner('ana', 3));
    expect(move(actor, 1, 'ana', 'zoe')).toMatchObject({
      failure: { violations: [{ field: 'to', description: 'must be one of ana' }] },
    });
    expect(move(actor, 1, 'ana', 'ana')).toMatchObject({ failure: { violations: [{ field: 'to' }] } });
    expect(move(actor, 1)).toMatchObject({ failure: { violations: [{ field: 'to' }] } });
  });
});

describe('authorised extra', () => {
  const authorize = (actor: EventActor, amount = cents(5)) =>
    actor.command(command('authorize_extra', { payload: { amount, reason: 'it goes well' } }), NOON, 30);

  it('raises the total, and the campaign goes on', async () => {
    const actor = await thrifty();
    decideAll(actor, clicksOf(...times(10, 'eve')));
    expect(decideAll(actor, clicksOf('eve'))).toEqual([budget_exhausted]);
    authorize(actor);
    expect(authorize(actor)).toMatchObject({
      ok: true,
      view: { totalMicros: 20 * CENT, extraMicros: 10 * CENT },
    });
    expect(decideAll(actor, clicksOf('eve'))).toEqual([accepted]);
  });

  it('is told, with the reason and by whom', async () => {
    const actor = await thrifty();
    actor.takeDomainEvents();
    authorize(actor);
    expect(actor.takeDomainEvents()).toMatchObject([
      {
        type: 'budget.extra_authorised',
        data: { amount: { amount: '0.05' }, total: { amount: '0.15' }, reason: 'it goes well', by: 'tester' },
      },
    ]);
  });

  it('is of the currency of the budget, and only for campaigns that still spend', async () => {
    const actor = await thrifty();
    expect(authorize(actor, cents(1, 'EUR'))).toMatchObject({ failure: { code: 'invalid_argument' } });
    actor.command(command('cancel'), NOON, 31);
    expect(authorize(actor)).toMatchObject({ failure: { code: 'failed_precondition', state: 'CANCELLED' } });
  });
});

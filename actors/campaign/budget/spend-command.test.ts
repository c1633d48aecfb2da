import { describe, expect, it } from 'vitest';
import type { BudgetAccount } from '../../../model/budget.ts';
import type { CampaignDefinition, CampaignMetrics } from '../../../model/campaign.ts';
import { readNative } from '../../../model/columns/native-reader.ts';
import { TableRows } from '../../../model/columns/table-rows.ts';
import type { Command } from '../../../model/command.ts';
import { REASONS } from '../../../model/decision.ts';
import { AGGREGATES } from '../../../storage/warehouse/schema.ts';
import type { EventActor } from '../../actor.ts';
import { command, KEY, NOON } from '../../test-support.ts';
import { campaignActors } from '../actor.ts';
import { campaign, decideAll, HOUR, nothing } from '../test-campaign.ts';

const CENT = 10_000;
const cents = (count: number, currency = 'USD') => ({ micros: count * CENT, currency });

/** A click costs one cent, and there are ten. */
const thrifty = (overrides: Partial<CampaignDefinition> = {}): Promise<EventActor> =>
  campaign({ budgetTotal: cents(10), cost: { model: 'CPC', rate: cents(1) }, ...overrides });
let sequence = 10;
const spend = (actor: EventActor, amount: number, more: object = {}, envelope: Partial<Command> = {}) =>
  actor.command(
    command('record_spend', { payload: { amount: cents(amount), ...more }, ...envelope }),
    NOON,
    ++sequence,
  );
const metricsOf = (actor: EventActor): CampaignMetrics => actor.query('metrics', NOON) as CampaignMetrics;
const budgetOf = (actor: EventActor): BudgetAccount => actor.query('budget', NOON) as BudgetAccount;
const told = (actor: EventActor) =>
  actor.takeDomainEvents().filter(({ type }) => type.startsWith('budget.spend'));

describe('spend that is reported', () => {
  it('counts like spend on events: in the totals, the day, and what is left', async () => {
    const actor = await thrifty();
    decideAll(actor, [{ eventId: 'a' }]);
    expect(spend(actor, 4)).toMatchObject({
      ok: true,
      view: { isRepeat: false, budget: { spentMicros: 5 * CENT } },
    });
    expect(metricsOf(actor)).toMatchObject({ received: 1, clicks: 1, spendMicros: BigInt(5 * CENT) });
    expect(budgetOf(actor)).toMatchObject({
      spentMicros: 5 * CENT,
      reportedMicros: 4 * CENT,
      today: { spentMicros: 5 * CENT },
      records: 2,
    });
    expect(
      decideAll(
        actor,
        'bcdefg'.split('').map((eventId) => ({ eventId })),
      ),
    ).toEqual([100, 100, 100, 100, 100, 400]);
  });

  it('is in the aggregates, under no partner', async () => {
    const actor = await thrifty();
    spend(actor, 4);
    const rows = new TableRows(AGGREGATES);
    actor.writeAggregates?.(rows, 1);
    const [row] = readNative(AGGREGATES, rows.take());
    expect(row?.slice(0, 2)).toEqual([actor.id, '']);
  });

  it('reaches thresholds and the end of the budget', async () => {
    const actor = await thrifty({ whenExhausted: 'pause' });
    actor.takeDomainEvents();
    spend(actor, 10);
    expect(actor.takeDomainEvents().map(({ type, data }) => data.percent ?? type)).toEqual([
      'budget.spend_recorded',
      50,
      75,
      90,
      100,
      'budget.exhausted',
      'campaign.paused',
    ]);
  });

  it('is told with what was reported, the running total and by whom', async () => {
    const actor = await thrifty();
    spend(actor, 4, { description: 'Posters', reference: 'invoice 7' });
    expect(told(actor)).toMatchObject([
      {
        data: {
          amount: { amount: '0.04', currency: 'USD' },
          description: 'Posters',
          reference: 'invoice 7',
          spend: { amount: '0.04' },
          total: { amount: '0.10' },
          by: 'tester',
        },
      },
    ]);
  });

  it('is refused as a whole where it exceeds the budget, which is flagged with what is left', async () => {
    const actor = await thrifty();
    spend(actor, 4);
    told(actor);
    expect(spend(actor, 7)).toMatchObject({
      ok: false,
      failure: {
        code: 'failed_precondition',
        state: 'ACTIVE',
        violations: [{ field: 'amount', description: 'must be at most what the budget has left, 0.06' }],
      },
    });
    expect(metricsOf(actor).spendMicros).toBe(BigInt(4 * CENT));
    expect(told(actor)).toMatchObject([
      {
        type: 'budget.spend_refused',
        data: { amount: { amount: '0.07' }, exceeded: [{ limit: 'total', left: { amount: '0.06' } }] },
      },
    ]);
    expect(spend(actor, 6)).toMatchObject({ ok: true });
  });

  it('pauses a campaign that is to be paused when it would exceed the budget', async () => {
    const actor = await thrifty({ whenExhausted: 'pause' });
    expect(spend(actor, 11)).toMatchObject({ ok: false });
    expect(actor.query('campaign', NOON)).toMatchObject({
      status: 'PAUSED',
      statusReason: 'a spend would exceed the budget',
    });
    expect(actor.command(command('resume'), NOON, ++sequence)).toMatchObject({ ok: true });
  });

  it('is held to the day, the allocation, what is not allocated, and caps on spend', async () => {
    const actor = await thrifty({
      budgetDaily: cents(8),
      caps: [{ metric: 'spend', period: 'month', limit: 7 * CENT }],
    });
    actor.command(
      command('allocate', {
        payload: { currency: 'USD', allocations: [{ name: 'print', amountMicros: 5 * CENT }] },
      }),
      NOON,
      ++sequence,
    );
    const limitsOf = (amount: number, more: object = {}): unknown => {
      const answer = spend(actor, amount, more);
      return answer.ok ? 'recorded' : answer.failure.violations?.map(({ description }) => description);
    };
    expect(limitsOf(9, { allocation: 'print' })).toEqual([
      'must be at most what allocation print has left, 0.05',
      "must be at most what the day's budget has left, 0.08",
      'must be at most what the cap on spend (month) has left, 0.07',
    ]);
    expect(limitsOf(6)).toEqual(['must be at most what the part that is not allocated has left, 0.05']);
    expect(limitsOf(5, { allocation: 'print' })).toBe('recorded');
    expect(limitsOf(3)).toEqual(['must be at most what the cap on spend (month) has left, 0.02']);
    expect(limitsOf(2)).toBe('recorded');
    expect(budgetOf(actor)).toMatchObject({ allocations: [{ name: 'print', spentMicros: 5 * CENT }] });
    expect(decideAll(actor, [{ eventId: 'late' }])).toEqual([REASONS.cap_reached]);
  });

  it('names the allocations that there are where there is not that one', async () => {
    const actor = await thrifty();
    expect(spend(actor, 1, { allocation: 'print' })).toMatchObject({
      failure: {
        violations: [{ field: 'allocation', description: 'must be left out: there are no allocations' }],
      },
    });
  });

  it('is recorded once for a request id, and once for a reference, for ever', async () => {
    const actor = await thrifty();
    const first = spend(actor, 1, {}, { requestId: 'r1' });
    expect(spend(actor, 1, {}, { requestId: 'r1' })).toEqual(first);
    spend(actor, 1, { reference: 'invoice 7' });
    expect(spend(actor, 1, { reference: 'invoice 7' }, { requestId: 'r2' })).toMatchObject({
      ok: true,
      view: { isRepeat: true, budget: { spentMicros: 2 * CENT } },
    });
    expect(told(actor)).toHaveLength(2);
    expect(budgetOf(actor).spentMicros).toBe(2 * CENT);
  });

  it('does not remember the reference of what was refused', async () => {
    const actor = await thrifty();
    spend(actor, 11, { reference: 'invoice 7' });
    expect(spend(actor, 10, { reference: 'invoice 7' })).toMatchObject({
      ok: true,
      view: { isRepeat: false },
    });
  });

  it('is remembered by an actor that is restored, with its references and its answers', async () => {
    const actor = await thrifty();
    actor.save(9);
    const first = spend(actor, 2, { reference: 'invoice 7' }, { requestId: 'r1' });
    const documents = new Map(actor.save(10).map(({ name, value }) => [name, value as Uint8Array]));
    const restored = await campaignActors(KEY).load('c1', async (name) => {
      const value = documents.get(name);
      return value && { value, revision: 1 };
    });
    expect(restored.query('budget', NOON)).toEqual(actor.query('budget', NOON));
    expect(spend(restored, 2, { reference: 'invoice 7' })).toMatchObject({ view: { isRepeat: true } });
    expect(spend(restored, 2, {}, { requestId: 'r1' })).toEqual(first);
  });

  it('is not taken by a campaign that is over, without a budget, or in another currency', async () => {
    const actor = await thrifty();
    expect(spend(actor, 1, { amount: cents(1, 'EUR') })).toMatchObject({
      failure: { code: 'invalid_argument', violations: [{ field: 'amount.currency' }] },
    });
    actor.command(command('complete'), NOON, ++sequence);
    expect(spend(actor, 1)).toMatchObject({ failure: { state: 'COMPLETED' } });
    const draft = await campaignActors(KEY).load('c1', nothing);
    const { budgetTotal: _, ...payload } = command('create').payload as CampaignDefinition;
    draft.command(command('create', { payload }), NOON, 1);
    expect(spend(draft, 1)).toMatchObject({ failure: { violations: [{ field: 'budget.total' }] } });
  });

  it('counts for the day on which it is recorded', async () => {
    const actor = await thrifty({ budgetDaily: cents(3) });
    spend(actor, 3);
    const tomorrow = NOON + 12 * HOUR;
    const payload = { amount: cents(2) };
    expect(actor.command(command('record_spend', { payload }), tomorrow, ++sequence)).toMatchObject({
      ok: true,
    });
    expect(budgetOf(actor)).toMatchObject({
      today: { spentMicros: 2 * CENT },
      days: [{ 1: 3 * CENT }, { 1: 2 * CENT }],
    });
  });
});

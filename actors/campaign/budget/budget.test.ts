import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CampaignDefinition, CampaignMetrics } from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import type { EventActor } from '../../actor.ts';
import { command, definition, type EventInput, NOON } from '../../test-support.ts';
import { campaign, decideAll, HOUR } from '../test-campaign.ts';

describe('the budget of a campaign', () => {
  const clicks = (from: number, to: number): EventInput[] =>
    Array.from({ length: to - from }, (_, index) => ({ eventId: `click-${from + index}` }));
  const told = (actor: EventActor): string[] =>
    actor
      .takeDomainEvents()
      .filter(({ type }) => type.startsWith('budget.') || type === 'campaign.paused')
      .map(({ type, data }) => (type === 'budget.threshold_reached' ? `${data.percent} %` : type));
  const cents = (count: number, currency = 'USD') => ({ micros: count * 10_000, currency });
  /** A click costs one cent. */
  const thrifty = (overrides: Partial<CampaignDefinition> = {}): Promise<EventActor> =>
    campaign({ budgetTotal: cents(100), cost: { model: 'CPC', rate: cents(1) }, ...overrides });

  it('tells each threshold once, when that share is spent and not before', async () => {
    const actor = await thrifty();
    const after: Record<number, string[]> = {};
    for (let spent = 0; spent < 100; spent++) {
      decideAll(actor, clicks(spent, spent + 1), NOON, 10 + spent);
      const events = told(actor).filter((event) => event !== 'budget.created');
      if (events.length > 0) after[spent + 1] = events;
    }
    expect(after).toEqual({ 50: ['50 %'], 75: ['75 %'], 90: ['90 %'], 100: ['100 %', 'budget.exhausted'] });
  });

  it('tells several at once where one event reaches them', async () => {
    const actor = await thrifty({ cost: { model: 'CPC', rate: cents(80) } });
    decideAll(actor, clicks(0, 1));
    expect(told(actor)).toEqual(['budget.created', '50 %', '75 %', 'budget.exhausted']);
  });

  it('tells the thresholds that it is given, and those of a raised budget that are still ahead', async () => {
    const actor = await thrifty({ budgetThresholds: [10, 60] });
    decideAll(actor, clicks(0, 20));
    expect(told(actor)).toEqual(['budget.created', '10 %']);
    const payload = definition({
      budgetTotal: cents(200),
      cost: { model: 'CPC', rate: cents(1) },
      budgetThresholds: [10, 60],
    });
    actor.command(command('update', { payload }), NOON, 40);
    decideAll(actor, clicks(20, 119), NOON, 41);
    expect(told(actor)).toEqual([]);
    decideAll(actor, clicks(119, 120), NOON, 42);
    expect(told(actor)).toEqual(['60 %']);
  });

  it('pauses the campaign once, if it is to, and lets it go on only with more', async () => {
    const actor = await thrifty({ whenExhausted: 'pause' });
    const reasons = decideAll(actor, clicks(0, 130));
    expect(reasons.filter((reason) => reason === REASONS.accepted)).toHaveLength(100);
    expect(new Set(reasons.slice(100))).toEqual(new Set([REASONS.campaign_not_active]));
    expect(told(actor).slice(-3)).toEqual(['100 %', 'budget.exhausted', 'campaign.paused']);
    expect(actor.query('campaign', NOON)).toMatchObject({
      status: 'PAUSED',
      statusReason: 'the budget is used up',
    });
    expect(actor.command(command('resume'), NOON, 20)).toMatchObject({
      ok: false,
      failure: { violations: [{ field: 'budget.total' }] },
    });
    const payload = definition({
      budgetTotal: cents(101),
      cost: { model: 'CPC', rate: cents(1) },
      whenExhausted: 'pause',
    });
    actor.command(command('update', { payload }), NOON, 21);
    expect(actor.command(command('resume'), NOON, 22)).toMatchObject({ ok: true });
    expect(decideAll(actor, clicks(130, 132))).toEqual([REASONS.accepted, REASONS.campaign_not_active]);
  });

  it('has a day of its own time zone', async () => {
    const actor = await thrifty({ budgetDaily: cents(2), timeZone: 'America/Bogota' });
    const { accepted, daily_budget_exhausted } = REASONS;
    expect(decideAll(actor, clicks(0, 3))).toEqual([accepted, accepted, daily_budget_exhausted]);
    const utcMidnight = Date.UTC(2026, 5, 2);
    expect(decideAll(actor, clicks(3, 4), utcMidnight)).toEqual([daily_budget_exhausted]);
    expect(actor.dueAt()).toBe(utcMidnight + 5 * HOUR);
    expect(decideAll(actor, clicks(4, 5), utcMidnight + 5 * HOUR)).toEqual([accepted]);
  });

  it('is never passed, its thresholds told in order and once, whatever the prices and limits', () => {
    const amount = fc.integer({ min: 1, max: 400 });
    return fc.assert(
      fc.asyncProperty(
        amount,
        fc.option(amount),
        fc.integer({ min: 1, max: 60 }),
        fc.uniqueArray(fc.integer({ min: 1, max: 100 }), { maxLength: 6 }),
        fc.constantFrom('pending' as const, 'pause' as const),
        async (total, daily, rate, percents, whenExhausted) => {
          const budgetThresholds = [...percents].sort((a, b) => a - b);
          const actor = await thrifty({
            budgetTotal: cents(total),
            ...(daily === null ? {} : { budgetDaily: cents(daily) }),
            cost: { model: 'CPC', rate: cents(rate) },
            budgetThresholds,
            whenExhausted,
          });
          decideAll(actor, clicks(0, 100));
          const { spendMicros } = actor.query('metrics', NOON) as CampaignMetrics;
          const cap = Math.min(total, daily ?? total);
          expect(spendMicros).toBe(BigInt(Math.min(100, Math.floor(cap / rate)) * rate * 10_000));
          const reached = budgetThresholds.filter(
            (percent) => spendMicros * 100n >= BigInt(total * 10_000) * BigInt(percent),
          );
          const events = told(actor);
          expect(events.filter((event) => event.endsWith('%'))).toEqual(
            reached.map((percent) => `${percent} %`),
          );
          expect(events.filter((event) => event === 'budget.exhausted').length).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 200 },
    );
  });
});

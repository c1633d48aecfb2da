import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetAccount } from '../../../model/budget.ts';
import type { CampaignDefinition } from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import type { EventActor } from '../../actor.ts';
import { command, NOON } from '../../test-support.ts';
import { campaign, decideAll, HOUR } from '../test-campaign.ts';

const DAY = 24 * HOUR;
const MIDNIGHT = NOON + 12 * HOUR;
const CENT = 10_000;
const cents = (count: number, currency = 'USD') => ({ micros: count * CENT, currency });
const { accepted, paced } = REASONS;

let events = 0;
const clicks = (count: number) => Array.from({ length: count }, () => ({ eventId: `click-${++events}` }));
/** A click costs one cent; it runs for four days, the first of which has begun. */
const even = (overrides: Partial<CampaignDefinition> = {}): Promise<EventActor> =>
  campaign({
    budgetTotal: cents(10),
    cost: { model: 'CPC', rate: cents(1) },
    budgetPacing: 'even',
    endsAt: MIDNIGHT + 3 * DAY,
    ...overrides,
  });
const budgetOf = (actor: EventActor): BudgetAccount => actor.query('budget', NOON) as BudgetAccount;
const acceptedAt = (actor: EventActor, time: number): number =>
  decideAll(actor, clicks(12), time).filter((reason) => reason === accepted).length;

describe('even pacing', () => {
  it('spends on each day what is left by the days that are left, rounded up, and all of it in the end', async () => {
    const actor = await even();
    expect(decideAll(actor, clicks(4))).toEqual([accepted, accepted, accepted, paced]);
    // 7 over 3 days, 4 over 2, then what is left.
    expect([0, 1, 2].map((day) => acceptedAt(actor, MIDNIGHT + day * DAY))).toEqual([3, 2, 2]);
  });

  it('gives what a quiet day has left to the days after it', async () => {
    const actor = await even();
    expect(acceptedAt(actor, MIDNIGHT + DAY)).toBe(5);
  });

  it('has days of the time zone of the campaign', async () => {
    const actor = await even({ timeZone: 'America/Bogota', endsAt: MIDNIGHT + 5 * HOUR + DAY });
    expect(acceptedAt(actor, NOON)).toBe(5);
    expect(acceptedAt(actor, MIDNIGHT)).toBe(0);
    expect(actor.dueAt()).toBe(MIDNIGHT + 5 * HOUR);
    expect(acceptedAt(actor, MIDNIGHT + 5 * HOUR)).toBe(5);
  });

  it('lets collectors know while it lets in no paid event, and opens by itself', async () => {
    const actor = await even();
    decideAll(actor, clicks(3));
    expect(actor.takeSummary()).toMatchObject({ exhausted: true });
    actor.onTime(MIDNIGHT, 9);
    expect(actor.takeSummary()).toMatchObject({ exhausted: false });
  });

  it('counts reported spend, and refuses none', async () => {
    const actor = await even();
    const payload = { amount: cents(4) };
    expect(actor.command(command('record_spend', { payload }), NOON, 9)).toMatchObject({ ok: true });
    expect(decideAll(actor, clicks(1))).toEqual([paced]);
    expect(acceptedAt(actor, MIDNIGHT)).toBe(2);
  });

  it('gives today its part of an extra at once', async () => {
    const actor = await even();
    decideAll(actor, clicks(3));
    const payload = { amount: cents(10), reason: 'more' };
    actor.command(command('authorize_extra', { payload }), NOON, 9);
    expect(budgetOf(actor).paceMicros).toBe(5 * CENT);
    expect(acceptedAt(actor, NOON)).toBe(2);
  });

  it('rounds up to the minor unit of the currency', async () => {
    const yen = await even({
      budgetTotal: { micros: 10_000_000, currency: 'JPY' },
      cost: { model: 'CPC', rate: { micros: 1_000_000, currency: 'JPY' } },
    });
    expect(budgetOf(yen).paceMicros).toBe(3_000_000);
    expect(budgetOf(await even({ budgetTotal: cents(10), endsAt: MIDNIGHT + 2 * DAY })).paceMicros).toBe(
      4 * CENT,
    );
  });

  it('never lets paid events spend more on a day than that, nor leaves a cent in the end', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 8, maxLength: 8 }),
        async (total, days, traffic) => {
          const actor = await even({ budgetTotal: cents(total), endsAt: MIDNIGHT + (days - 1) * DAY });
          let spent = 0;
          for (let day = 0; day < days; day++) {
            const limit = Math.ceil((total - spent) / (days - day));
            const wanted = day === days - 1 ? 60 : (traffic[day] as number);
            const time = day === 0 ? NOON : MIDNIGHT + (day - 1) * DAY;
            const reasons = decideAll(actor, clicks(wanted), time);
            const taken = reasons.filter((reason) => reason === accepted).length;
            expect(taken).toBe(Math.min(wanted, limit));
            spent += taken;
          }
          expect(spent).toBe(total);
        },
      ),
      { numRuns: 100 },
    ));
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CampaignSummary } from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import { EventType } from '../../../model/event.ts';
import { command, definition, NOON } from '../../test-support.ts';
import { campaign, decideAll, HOUR } from '../test-campaign.ts';

const usd = (micros: number) => ({ micros, currency: 'USD' });
const { accepted, budget_exhausted, daily_budget_exhausted } = REASONS;

describe('what may be spent without a look at the budget', () => {
  it('changes no decision, whatever the budgets and however events, days and commands follow each other', () =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5_000 }),
        fc.option(fc.integer({ min: 1, max: 800 }), { nil: undefined }),
        fc.array(
          fc.oneof(
            { weight: 8, arbitrary: fc.record({ value: fc.integer({ min: 0, max: 900 }) }) },
            fc.record({ hours: fc.integer({ min: 1, max: 20 }) }),
            fc.record({ reported: fc.integer({ min: 1, max: 300 }) }),
            fc.record({ raisedBy: fc.integer({ min: 1, max: 300 }) }),
          ),
          { maxLength: 60 },
        ),
        async (total, daily, steps) => {
          const terms = {
            ...(daily !== undefined && { budgetDaily: usd(daily) }),
            cost: { model: 'REVENUE_SHARE', sharePpm: 500_000 } as const,
          };
          const actor = await campaign({ ...terms, budgetTotal: usd(total) });
          let budget = total;
          let spent = 0;
          const days = new Map<number, number>();
          let time = NOON;
          for (const [index, step] of steps.entries()) {
            const day = Math.floor(time / (24 * HOUR));
            const today = days.get(day) ?? 0;
            const mayTake = (micros: number): boolean =>
              spent + micros <= budget && today + micros <= (daily ?? Number.POSITIVE_INFINITY);
            const spend = (micros: number): void => {
              spent += micros;
              days.set(day, today + micros);
            };
            if ('hours' in step) time += step.hours * HOUR;
            else if ('reported' in step) {
              const payload = { amount: usd(step.reported) };
              const { ok } = actor.command(command('record_spend', { payload }), time, index + 3);
              expect(ok).toBe(mayTake(step.reported));
              if (ok) spend(step.reported);
            } else if ('raisedBy' in step) {
              budget += step.raisedBy;
              const payload = definition({ ...terms, budgetTotal: usd(budget) });
              expect(actor.command(command('update', { payload }), time, index + 3).ok).toBe(true);
            } else {
              const price = Math.floor(step.value / 2);
              const event = { eventId: `e${index}`, type: EventType.conversion, occurredAt: time };
              const sale = { ...event, valueMicros: step.value, currency: 'USD' };
              const fits = price === 0 || mayTake(price);
              const refusal = spent + price > budget ? budget_exhausted : daily_budget_exhausted;
              expect(decideAll(actor, [sale], time, index + 3)).toEqual([fits ? accepted : refusal]);
              if (fits) spend(price);
            }
            // What collectors are told follows at once.
            const summary = actor.takeSummary() as CampaignSummary | undefined;
            if (summary && !('hours' in step)) {
              const isFull = !mayTakeOne(
                budget - spent,
                (daily ?? Number.POSITIVE_INFINITY) - (days.get(day) ?? 0),
              );
              expect(summary.exhausted).toBe(isFull);
            }
          }
        },
      ),
    ));
});

/** Whether there is room for the least that an event may cost. */
function mayTakeOne(left: number, leftToday: number): boolean {
  return left >= 1 && leftToday >= 1;
}

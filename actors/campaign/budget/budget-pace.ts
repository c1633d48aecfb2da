/** Even pacing: what paid events may spend on a day, worked out when it begins. */
import { shareOfDay } from '../../../model/budget-pace.ts';
import { localDay } from '../../../model/local-day.ts';
import type { CampaignState } from '../state.ts';

/**
 * Notes which day it is and what may be spent on it. Asked again on the same day, it says the same unless total,
 * end or pacing have changed meanwhile.
 */
export function planDay({ definition, today, totals, budget }: CampaignState): void {
  const { budgetTotal, budgetPacing, endsAt, timeZone = 'UTC' } = definition;
  budget.today = localDay(today.endsAt - 1, timeZone);
  budget.paceMicros =
    budgetPacing !== 'even' || !budgetTotal || endsAt === undefined
      ? undefined
      : shareOfDay({
          totalMicros: budgetTotal.micros,
          currency: budgetTotal.currency,
          spentBeforeMicros: Number(totals.spendMicros - today.spend.micros),
          day: budget.today,
          endsAt,
          timeZone,
        });
}

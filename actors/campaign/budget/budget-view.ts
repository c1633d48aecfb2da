/** What others see of a campaign's budget. */
import type { BudgetAccount, BudgetView } from '../../../model/budget.ts';
import { currencyOf, thresholdsOf } from '../../../model/campaign.ts';
import type { CampaignState } from '../state.ts';

/** The budget as management shows it. */
export function budgetOf(state: CampaignState): BudgetView {
  const { definition, totals, today, budget } = state;
  const { budgetTotal, budgetDaily, endsAt } = definition;
  return {
    campaignId: state.campaignId,
    etag: String(state.version),
    currency: currencyOf(definition) ?? 'USD',
    timeZone: definition.timeZone ?? 'UTC',
    ...(budgetTotal && { totalMicros: budgetTotal.micros }),
    extraMicros: budget.extraMicros,
    spentMicros: Number(totals.spendMicros),
    reportedMicros: budget.reportedMicros,
    ...(budgetDaily && { dailyMicros: budgetDaily.micros }),
    today: { day: budget.today, endsAt: today.endsAt, spentMicros: Number(today.spend.micros) },
    allocations: budget.allocations.map((allocation) => ({ ...allocation })),
    thresholds: thresholdsOf(definition),
    reachedPercent: state.reachedPercent,
    pacing: definition.budgetPacing ?? 'asap',
    ...(budget.paceMicros !== undefined && { paceMicros: budget.paceMicros }),
    ...(budget.launchedAt !== undefined && { launchedAt: budget.launchedAt }),
    ...(endsAt !== undefined && { endsAt }),
  };
}

/** The budget with what a forecast is made of. */
export function accountOf(state: CampaignState): BudgetAccount {
  const { records, firstDay, days } = state.budget;
  return {
    ...budgetOf(state),
    records,
    ...(firstDay !== undefined && { firstDay }),
    days: days.map(([day, micros]) => [day, micros] as const),
  };
}

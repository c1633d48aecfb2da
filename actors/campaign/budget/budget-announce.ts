/** What is made known of a campaign's money. */
import { currencyOf } from '../../../model/campaign.ts';
import type { DomainEventData } from '../../../model/domain-event.ts';
import { type MoneyJson, moneyJson } from '../../../model/money.ts';
import type { Given } from '../outcome.ts';
import type { CampaignState } from '../state.ts';
import { REST } from './budget-book.ts';
import { leftMicros } from './budget-room.ts';

/** An amount in the campaign's currency. */
export function inCurrency({ definition }: CampaignState, micros: number | bigint): MoneyJson {
  return moneyJson(micros, currencyOf(definition) ?? 'USD');
}

/**
 * The allocations as they are now, all of them, and what is not allocated.
 *
 * @param more what brought it about, if it is not the whole list
 */
export function announceAllocations(
  state: CampaignState,
  { announce, command }: Given,
  more: DomainEventData,
): void {
  announce('budget.allocated', {
    ...totalAndSpend(state),
    allocations: state.budget.allocations.map(({ name, match, amountMicros, spentMicros }) => ({
      name,
      amount: inCurrency(state, amountMicros),
      spend: inCurrency(state, spentMicros),
      ...(match && { match: { field: match.field, value: match.value } }),
    })),
    unallocated: inCurrency(state, leftMicros(state, REST)),
    ...more,
    by: command.principal.subject,
  });
}

/** The whole budget, and what is spent of it by now. */
export function totalAndSpend(state: CampaignState): { total: MoneyJson; spend: MoneyJson } {
  const { definition, totals } = state;
  return {
    total: inCurrency(state, definition.budgetTotal?.micros ?? 0),
    spend: inCurrency(state, totals.spendMicros),
  };
}

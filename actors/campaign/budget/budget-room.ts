/** Which money pays for something, and how much of it is left. Looks at the state, and changes nothing. */
import type { AllocationField } from '../../../model/budget.ts';
import { REASONS, type ReasonCode } from '../../../model/decision.ts';
import type { StringField } from '../../../model/event.ts';
import { type EventBatch, FIELD } from '../../../model/event-batch.ts';
import type { CampaignState } from '../state.ts';
import type { BudgetBook } from './budget-book.ts';

const FIELD_OF: Readonly<Record<AllocationField, StringField>> = {
  partner_id: 'partnerId',
  content_id: 'contentId',
  source_id: 'sourceId',
  utm_source: 'utmSource',
  utm_medium: 'utmMedium',
  goal: 'goal',
};

/** The allocation that pays for the current row: the first that matches it, or `REST`. */
export function payerOf({ allocations }: BudgetBook, batch: EventBatch): number {
  return allocations.findIndex(
    ({ match }) => match && batch.string(FIELD[FIELD_OF[match.field]]) === match.value,
  );
}

/** What was spent outside of the allocations that there are, and what these keep: no total may be less. */
export function committedMicros({ totals, budget }: CampaignState): bigint {
  return totals.spendMicros + BigInt(reservedMicros(budget));
}

/** What allocations keep and have not spent yet. */
function reservedMicros({ allocations }: BudgetBook): number {
  let reserved = 0;
  for (const { amountMicros, spentMicros } of allocations) reserved += amountMicros - spentMicros;
  return reserved;
}

/** How much the payer has left, the day and caps apart. A campaign without a total has nothing to spend. */
export function leftMicros(state: CampaignState, payer: number): number {
  const allocation = state.budget.allocations[payer];
  if (allocation) return allocation.amountMicros - allocation.spentMicros;
  return Number(BigInt(state.definition.budgetTotal?.micros ?? 0) - committedMicros(state));
}

/**
 * Why an event of this price cannot be paid for, or `undefined` if it can. Never for a part of it.
 *
 * @param payer index of the allocation that would pay, or `REST`
 */
export function overspending(state: CampaignState, micros: number, payer: number): ReasonCode | undefined {
  if (micros === 0) return undefined;
  if (isUsedUp(state, micros)) return REASONS.budget_exhausted;
  const { budget } = state;
  if (budget.allocations.length > 0 && leftMicros(state, payer) < micros) return REASONS.allocation_exhausted;
  return exhaustedToday(state, micros);
}

/** Why no event of this price can be paid for any more, whichever it is; `undefined` if one can. */
export function exhaustedFor(state: CampaignState, micros: number): ReasonCode | undefined {
  if (micros === 0) return undefined;
  return isUsedUp(state, micros) ? REASONS.budget_exhausted : exhaustedToday(state, micros);
}

/** Whether neither an allocation that pays for events nor what is not allocated has room for this price. */
function isUsedUp(state: CampaignState, micros: number): boolean {
  const { budgetTotal } = state.definition;
  if (!budgetTotal) return false;
  const total = BigInt(budgetTotal.micros);
  if (state.totals.spendMicros + BigInt(micros) > total) return true;
  const { allocations } = state.budget;
  if (allocations.length === 0) return false;
  const hasOne = allocations.some(
    ({ match, amountMicros, spentMicros }) => match && amountMicros - spentMicros >= micros,
  );
  return !hasOne && total - committedMicros(state) < BigInt(micros);
}

function exhaustedToday(
  { definition, today, budget }: CampaignState,
  micros: number,
): ReasonCode | undefined {
  const spend = today.spend.micros + BigInt(micros);
  const { budgetDaily } = definition;
  if (budgetDaily && spend > BigInt(budgetDaily.micros)) return REASONS.daily_budget_exhausted;
  if (budget.paceMicros !== undefined && spend > BigInt(budget.paceMicros)) return REASONS.paced;
  return undefined;
}

/**
 * How far a campaign is from all that spending brings about. As long as it is far, a paid event is counted without a
 * look at budgets, days and thresholds, which are amounts of any size: that was a quarter of what a click costs.
 */
import { leastPriceMicros } from '../../../model/terms.ts';
import type { CampaignState } from '../state.ts';

/** That nothing is known, or a bound is near. */
export const UNCLEAR = -1;

/**
 * What may be spent on events before a budget refuses one or has no room for the next, or a threshold is reached;
 * `UNCLEAR` for a campaign of which more than its spend must be looked at. To be called when its exhaustion was
 * noted.
 *
 * @param thresholdMicros spend at which the next threshold is reached
 */
export function clearanceOf(state: CampaignState, thresholdMicros: bigint): number {
  const { definition, totals, today, budget } = state;
  const { cost, caps, budgetTotal, budgetDaily } = definition;
  if (!cost || caps || budget.allocations.length > 0) return UNCLEAR;
  const clear = [
    thresholdMicros - totals.spendMicros - 1n,
    ...(budgetTotal ? [BigInt(budgetTotal.micros) - totals.spendMicros] : []),
    ...(budgetDaily ? [BigInt(budgetDaily.micros) - today.spend.micros] : []),
    ...(budget.paceMicros === undefined ? [] : [BigInt(budget.paceMicros) - today.spend.micros]),
  ].reduce((least, one) => (one < least ? one : least), BigInt(Number.MAX_SAFE_INTEGER));
  // So that there is room for another event after the one that is counted.
  return Math.max(UNCLEAR, Number(clear) - leastPriceMicros(cost));
}

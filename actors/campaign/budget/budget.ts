/** What spending brings about: thresholds that are told, and the end of the budget. */
import { thresholdsOf } from '../../../model/campaign.ts';
import { REASONS } from '../../../model/decision.ts';
import type { Announce } from '../../announcements.ts';
import { announceExhaustion, announceThreshold } from '../announce.ts';
import { enter } from '../lifecycle.ts';
import { type CampaignState, exhaustion, pausesWhenExhausted } from '../state.ts';

/** Who is said to have paused a campaign whose budget is used up. */
const BUDGET = 'budget';

/** Spend that no campaign reaches. */
const NEVER = 2n ** 63n;

/** The spend, in micros, at which the next threshold is reached. */
export function nextThresholdMicros({ definition, reachedPercent }: CampaignState): bigint {
  const { budgetTotal } = definition;
  const next = thresholdsOf(definition).find((percent) => percent > reachedPercent);
  if (!budgetTotal || next === undefined) return NEVER;
  // Rounded up: a threshold is reached when that share, and not a micro less, is spent.
  return (BigInt(budgetTotal.micros) * BigInt(next) + 99n) / 100n;
}

/** Tells the thresholds that are reached by now, each once. */
export function tellThresholds(state: CampaignState, announce: Announce): void {
  const thresholds = thresholdsOf(state.definition);
  while (state.totals.spendMicros >= nextThresholdMicros(state)) {
    const { reachedPercent } = state;
    state.reachedPercent = thresholds.find((percent) => percent > reachedPercent) as number;
    announceThreshold(state, state.reachedPercent, announce);
  }
}

/** The budget has no room any more: that is told, and the campaign paused if it wants to be. */
export function tellExhaustion(
  state: CampaignState,
  time: number,
  sequence: number,
  announce: Announce,
): void {
  if (exhaustion(state) !== REASONS.budget_exhausted) return;
  announceExhaustion(state, announce);
  pauseIfWanted(state, 'the budget is used up', time, sequence, announce);
}

/** Pauses a running campaign that is to be paused when there is no more money for it. */
export function pauseIfWanted(
  state: CampaignState,
  reason: string,
  time: number,
  sequence: number,
  announce: Announce,
): void {
  if (pausesWhenExhausted(state) && state.status === 'ACTIVE')
    enter(state, 'PAUSED', reason, BUDGET, time, sequence, announce);
}

/**
 * Terms by time: a campaign that has been launched may change its prices and to whom conversions
 * are credited, and an event is judged by those that
 * were in force when it happened, whenever it arrives.
 */
import { limits } from '../../limits.ts';
import type { CampaignDefinition } from '../../model/campaign.ts';
import type { CommissionPlan } from '../../model/commission-plan.ts';
import type { Terms } from '../../model/terms.ts';
import type { CampaignState } from './state.ts';

/** Terms that were in force until some instant, in milliseconds since the epoch, and no longer then. */
export interface PastTerms {
  readonly until: number;
  readonly terms: Terms;
}

/** Longer than any event may be under way: collectors refuse what is older than `lateEventMs`. */
const KEPT_MS = limits.lateEventMs + 86_400_000;

/** The terms in force at an instant. */
export function termsAt({ definition, pastTerms }: CampaignState, at: number): Terms {
  if (pastTerms.length === 0) return definition;
  return pastTerms.find(({ until }) => at < until)?.terms ?? definition;
}

/** The terms of a definition, by themselves. */
export function termsOf({ cost, commission, clickWindowMs, attribution }: CampaignDefinition): Terms {
  return {
    ...(cost && { cost }),
    ...(commission && { commission }),
    clickWindowMs,
    ...(attribution && { attribution }),
  };
}

/** Whether another change of terms can be remembered besides those that events may still be judged by. */
export function canChangeTerms({ pastTerms, definition }: CampaignState, time: number): boolean {
  const past = kept(pastTerms, time);
  return past.length < limits.termVersions && planBytes(past, definition) <= limits.pastPlanBytes;
}

/** Bytes of the commission plans of past terms and of those that are about to be. */
function planBytes(past: readonly PastTerms[], { commission }: CampaignDefinition): number {
  const bytesOf = (plan: CommissionPlan | undefined): number =>
    plan ? Buffer.byteLength(JSON.stringify(plan)) : 0;
  return past.reduce((bytes, { terms }) => bytes + bytesOf(terms.commission), bytesOf(commission));
}

/** Past terms after a change at `time`, oldest first: those that no event can ask for any more are forgotten. */
export function withPastTerms({ pastTerms, definition }: CampaignState, time: number): PastTerms[] {
  return [...kept(pastTerms, time), { until: time, terms: termsOf(definition) }];
}

function kept(pastTerms: readonly PastTerms[], time: number): readonly PastTerms[] {
  return pastTerms.filter(({ until }) => until > time - KEPT_MS);
}

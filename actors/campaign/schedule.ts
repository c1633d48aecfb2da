/** What a campaign does by itself when record time has come: it starts and ends as scheduled. */
import { launchNeedsOf } from '../../model/campaign.ts';
import { REASONS } from '../../model/decision.ts';
import { payFee } from './budget/fee.ts';
import { kpisDueAt, tellKpis } from './kpis.ts';
import { enter } from './lifecycle.ts';
import type { Given } from './outcome.ts';
import { type CampaignState, exhaustion, fullUntil, openDay } from './state.ts';

const SCHEDULER = 'schedule';

/** The record time at which something falls due next, or `undefined`. */
export function dueAt(state: CampaignState): number | undefined {
  return earlier(stepDueAt(state), kpisDueAt(state));
}

/** When the campaign's status changes by itself, or its caps let events in again. */
function stepDueAt(state: CampaignState): number | undefined {
  switch (state.status) {
    case 'SCHEDULED':
      return state.definition.startsAt;
    case 'ACTIVE':
      return earlier(endOf(state), nextDay(state));
    case 'PAUSED':
      return endOf(state);
    case 'DRAFT':
    case 'COMPLETED':
    case 'CANCELLED':
      return undefined;
  }
}

/** When the campaign ends by itself. */
function endOf({ definition, createdAt }: CampaignState): number | undefined {
  const { endsAt } = definition;
  const hadPassed = endsAt !== undefined && endsAt <= createdAt;
  return hadPassed && !launchNeedsOf(definition).includes('dates') ? undefined : endsAt;
}

/** Where the day's budget or a cap is used up, another day or month brings the campaign back. */
function nextDay(state: CampaignState): number | undefined {
  switch (exhaustion(state)) {
    case REASONS.daily_budget_exhausted:
    case REASONS.paced:
      return state.today.endsAt;
    case REASONS.cap_reached:
      return fullUntil(state);
    default:
      return undefined;
  }
}

function earlier(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

/** Does what is due at `time`; calling it again at the same time does nothing more. */
export function onTime(
  state: CampaignState,
  given: Pick<Given, 'time' | 'sequence' | 'announce' | 'ledger'>,
): void {
  const { time, sequence, announce } = given;
  openDay(state, time);
  tellKpis(state, time, sequence, announce);
  for (let due = stepDueAt(state); due !== undefined && due <= time; due = stepDueAt(state)) {
    const next = state.status === 'SCHEDULED' ? 'ACTIVE' : 'COMPLETED';
    enter(
      state,
      next,
      next === 'ACTIVE' ? 'starts_at reached' : 'ends_at reached',
      SCHEDULER,
      time,
      sequence,
      announce,
    );
    payFee(state, given);
  }
}

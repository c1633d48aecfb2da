/** What a campaign does by itself when record time has come: it starts and ends as scheduled. */
import { enter } from './commands.ts';
import type { CampaignState } from './state.ts';

const SCHEDULER = 'schedule';

/** The record time at which something falls due next, or `undefined`. */
export function dueAt(state: CampaignState): number | undefined {
  const { startsAt, endsAt } = state.definition;
  switch (state.status) {
    case 'SCHEDULED':
      return startsAt;
    case 'ACTIVE':
    case 'PAUSED':
      return endsAt;
    case 'DRAFT':
    case 'COMPLETED':
    case 'CANCELLED':
      return undefined;
  }
}

/** Does what is due at `time`; calling it again at the same time does nothing more. */
export function onTime(state: CampaignState, time: number, sequence: number): void {
  for (let due = dueAt(state); due !== undefined && due <= time; due = dueAt(state)) {
    const next = state.status === 'SCHEDULED' ? 'ACTIVE' : 'COMPLETED';
    enter(
      state,
      next,
      next === 'ACTIVE' ? 'starts_at reached' : 'ends_at reached',
      SCHEDULER,
      time,
      sequence,
    );
  }
}

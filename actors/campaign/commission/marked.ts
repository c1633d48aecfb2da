/** Commissions of events that carry a mark of fraud: they are held, so that there is time to look at them. */
import { flaggedHoldOf } from '../../../model/commission-plan.ts';
import { EventFlag, EventType } from '../../../model/event.ts';
import type { EventBatch } from '../../../model/event-batch.ts';
import type { Decision } from '../decide.ts';
import type { CampaignState } from '../state.ts';
import { termsAt } from '../terms.ts';

/** Marks of traffic that may not be genuine; the others tell of clocks and of the filter. */
const MARKS =
  EventFlag.bot |
  EventFlag.head |
  EventFlag.dataCentre |
  EventFlag.tooFast |
  EventFlag.selfReferral |
  EventFlag.flood;

/**
 * Those of the request that an event came with. They tell nothing of a conversion: the advertiser's server sends it,
 * whose agent is a program and no person's.
 */
const REQUEST_MARKS = EventFlag.bot | EventFlag.head | EventFlag.dataCentre;

/** Holds what is earned by the current row of `batch`, if that is marked, for as long as the plan of its time says. */
export function holdMarked(state: CampaignState, batch: EventBatch, decision: Decision): void {
  const marks = batch.type === EventType.conversion ? MARKS & ~REQUEST_MARKS : MARKS;
  if (((batch.flags | decision.flags) & marks) === 0 || decision.earnings.length === 0) return;
  const { commission } = termsAt(state, batch.occurredAt);
  if (!commission) return;
  const leastMs = flaggedHoldOf(commission);
  decision.earnings = decision.earnings.map((earning) =>
    earning.holdMs < leastMs ? { ...earning, holdMs: leastMs } : earning,
  );
}

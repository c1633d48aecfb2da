/** How a decision changes totals: plain additions, which cannot fail. */
import type { Totals } from '../../model/campaign.ts';
import { outcomeOf, type ReasonCode } from '../../model/decision.ts';
import { EventType, type EventTypeCode } from '../../model/event.ts';
import type { Decision } from './decide.ts';
import type { OpenTotals } from './open-totals.ts';

/** Counts one decided event. */
export function countDecision(totals: OpenTotals, type: EventTypeCode, decision: Decision): void {
  count(totals, decision.reason, 1);
  if (outcomeOf(decision.reason) !== 'accepted') return;
  switch (type) {
    case EventType.impression:
      totals.impressions++;
      break;
    case EventType.click:
      totals.clicks++;
      if (decision.isUnique) totals.uniqueClicks++;
      break;
    case EventType.conversion:
      totals.conversions++;
      break;
  }
  totals.addAmounts(decision.revenueMicros, decision.spendMicros, decision.commissionMicros);
}

/** Counts `times` events that share a reason and are not accepted, or the outcome of one that is. */
export function count(totals: Totals, reason: ReasonCode, times: number): void {
  totals.received += times;
  switch (outcomeOf(reason)) {
    case 'accepted':
      totals.accepted += times;
      break;
    case 'duplicate':
      totals.duplicates += times;
      break;
    case 'rejected':
      totals.rejected += times;
      break;
    case 'pending':
      totals.pending += times;
      break;
  }
}

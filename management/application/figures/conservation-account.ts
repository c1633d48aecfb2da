/**
 * Accounts of what a campaign received: counts that must add up, and what two of them may differ by. Pure.
 */
import type { Totals } from '../../../model/campaign.ts';

export const OUTCOME_COUNTS = ['accepted', 'duplicates', 'rejected', 'pending'] as const;
export const COUNTS = ['received', ...OUTCOME_COUNTS] as const;
export type Count = (typeof COUNTS)[number];
export type Counts = Readonly<Record<Count, number>>;

/** Where an account was taken from. */
export const SOURCES = ['live', 'aggregates', 'decided_events'] as const;
export type Source = (typeof SOURCES)[number];

export interface Account extends Counts {
  /** All that has an outcome. */
  readonly sum: number;
  /** Whether everything received has an outcome: `received` is `sum`. */
  readonly balanced: boolean;
}

/** A count that two sources tell differently. */
export interface Difference {
  readonly count: Count;
  readonly sources: readonly [Source, Source];
  /** What the first source counts more than the second may explain; less if negative. */
  readonly by: number;
  /** Where only a stretch of time differs: when that begins. */
  readonly startsAt?: number;
}

/** How much events that arrive while a report is made may move each count. */
export type Slack = Counts;
export const NO_SLACK: Slack = { received: 0, accepted: 0, duplicates: 0, rejected: 0, pending: 0 };

export function accountOf({ received, accepted, duplicates, rejected, pending }: Counts): Account {
  const sum = accepted + duplicates + rejected + pending;
  return { received, accepted, duplicates, rejected, pending, sum, balanced: received === sum };
}

/** How much each count has grown between two looks. */
export function slackBetween(before: Counts, after: Counts): Slack {
  const slack = { ...NO_SLACK };
  for (const count of COUNTS) slack[count] = Math.max(0, after[count] - before[count]);
  return slack;
}

/** Counts the rows of each reason. A row whose reason says no outcome is received, and nothing else. */
export function countsOfReasons(rows: Iterable<{ readonly code: number; readonly events: number }>): Counts {
  const counts: Record<Count, number> = { ...NO_SLACK };
  for (const { code, events } of rows) {
    counts.received += events;
    const outcome = OUTCOME_COUNTS[Math.floor(code / 100) - 1];
    if (outcome) counts[outcome] += events;
  }
  return counts;
}

/**
 * What the aggregates and the rows tell differently. Duplicates that the filter has stopped are counters
 * without rows: the aggregates may have more of them, never fewer.
 */
export function differencesOfRows(aggregates: Counts, rows: Counts, slack: Slack): Difference[] {
  const differences: Difference[] = [];
  for (const count of OUTCOME_COUNTS) {
    const by = beyond(aggregates[count] - rows[count], slack[count]);
    if (by === 0 || (count === 'duplicates' && by > 0)) continue;
    differences.push({ count, sources: ['aggregates', 'decided_events'], by });
  }
  return differences;
}

/** What the actor and the aggregates tell differently; `before` and `after` are two looks at the actor. */
export function differencesOfLive(before: Counts, aggregates: Counts, after: Counts): Difference[] {
  const differences: Difference[] = [];
  for (const count of COUNTS) {
    const by = Math.max(0, before[count] - aggregates[count]) + Math.min(0, after[count] - aggregates[count]);
    if (by !== 0) differences.push({ count, sources: ['live', 'aggregates'], by });
  }
  return differences;
}

/** What a difference has beyond what is allowed either way. */
function beyond(difference: number, allowed: number): number {
  return Math.sign(difference) * Math.max(0, Math.abs(difference) - allowed);
}

/** Only the counts of more figures. */
export function countsOf(totals: Totals): Counts {
  const { received, accepted, duplicates, rejected, pending } = totals;
  return { received, accepted, duplicates, rejected, pending };
}

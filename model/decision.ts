/**
 * What is said of an event: one of four outcomes, always with a numeric reason.
 *
 * The numbers are stored in the log and in the warehouse and are part of the public interface: never
 * reuse one. Hundreds group them: 1xx accepted, 2xx duplicate, 3xx rejected, 4xx pending.
 */

export const REASONS = {
  accepted: 100,

  duplicate_event: 200,
  duplicate_transaction: 201,
  duplicate_conversion: 202,
  repeat_visitor: 210,

  invalid_event: 300,
  unknown_campaign: 301,
  campaign_not_active: 302,
  late: 303,
  not_authorised: 304,
  rate_limited: 305,
  currency_mismatch: 310,
  click_id_invalid: 320,
  click_id_foreign: 321,
  click_expired: 322,
  converted_too_early: 323,
  processing_failed: 390,

  budget_exhausted: 400,
  daily_budget_exhausted: 401,
  cap_reached: 402,
  allocation_exhausted: 403,
  paced: 404,
  decision_awaited: 490,
} as const;

export type ReasonName = keyof typeof REASONS;
export type ReasonCode = (typeof REASONS)[ReasonName];

export const OUTCOMES = ['accepted', 'duplicate', 'rejected', 'pending'] as const;
export type Outcome = (typeof OUTCOMES)[number];

const NAMES = new Map<number, ReasonName>(
  Object.entries(REASONS).map(([name, code]) => [code, name as ReasonName]),
);

/** The outcome a reason stands for. */
export function outcomeOf(reason: ReasonCode): Outcome {
  if (reason < 200) return 'accepted';
  if (reason < 300) return 'duplicate';
  return reason < 400 ? 'rejected' : 'pending';
}

/** The name of a reason, as answers carry it (`budget_exhausted`). */
export function reasonName(reason: ReasonCode): ReasonName {
  return NAMES.get(reason) ?? 'invalid_event';
}

/**
 * The id of a decision: partition, log sequence and row of the event. It needs no counter and no
 * randomness, so a replay gives every event the same one.
 */
export function decisionId(partition: number, sequence: number, row: number): string {
  return `${partition.toString(36)}-${sequence.toString(36)}-${row.toString(36)}`;
}

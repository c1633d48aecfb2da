/**
 * What the partners of a campaign earn by an event: pure, from the terms of its time. A conversion is earned by
 * those it is credited to, each by its share; a click or an impression by the partner that it names. The share of
 * a credit that is nobody's is earned by nobody.
 */
import { EventType } from '../../model/event.ts';
import { type EventBatch, FIELD } from '../../model/event-batch.ts';
import { priceMicros, type Terms } from '../../model/terms.ts';
import { splitMicros } from './attribution/attribution-shares.ts';
import type { Decision } from './decide.ts';

/** What a partner earns by an event. */
export interface Earning {
  readonly partnerId: string;
  /** An integer above 0. */
  readonly micros: number;
  /** How long it is held before it is released, in milliseconds of record time; 0: not at all. */
  readonly holdMs: number;
  /** By a conversion: index of the credit that it is earned for, so that each credit has at most one. */
  readonly credit: number;
}

/** Nothing is earned by most events. */
export const NOTHING: readonly Earning[] = Object.freeze([]);

/** What is earned by the current row of `batch`, which is as accepted as `decision` says by now. */
export function earningsOf({ commission }: Terms, batch: EventBatch, decision: Decision): readonly Earning[] {
  if (!commission) return NOTHING;
  const micros = priceMicros(commission, batch.type, decision.revenueMicros);
  if (micros === 0) return NOTHING;
  if (batch.type === EventType.conversion) return shared(micros, decision);
  const partnerId = batch.string(FIELD.partnerId);
  return partnerId === undefined ? NOTHING : [{ partnerId, micros, holdMs: 0, credit: 0 }];
}

/** The sum of what is earned. */
export function commissionOf(earnings: readonly Earning[]): number {
  let sum = 0;
  for (const { micros } of earnings) sum += micros;
  return sum;
}

function shared(micros: number, { attribution }: Decision): readonly Earning[] {
  const credits = attribution?.credits ?? [];
  const parts = splitMicros(
    micros,
    credits.map(({ sharePpm }) => sharePpm),
  );
  return credits.flatMap(({ touch: { partnerId } }, credit) => {
    const part = parts[credit] as number;
    return partnerId === '' || part === 0 ? [] : [{ partnerId, micros: part, holdMs: 0, credit }];
  });
}

/**
 * What the partners of a campaign earn by an event: pure, from the plan of its time. A conversion is earned by
 * those it is credited to, each by its share; a click or an impression by the partner that it names. The share of
 * a credit that is nobody's is earned by nobody.
 */
import type { Credit } from '../../model/attribution.ts';
import { type CommissionPlan, type EarningRate, holdOf } from '../../model/commission-plan.ts';
import { EventType } from '../../model/event.ts';
import { type EventBatch, FIELD } from '../../model/event-batch.ts';
import { type Commission, isPriced, priceMicros, type Terms, WHOLE_PPM } from '../../model/terms.ts';
import { splitMicros } from './attribution/attribution-shares.ts';
import { factsOf, rateFor } from './commission/rules.ts';
import { isTallied, talliedMicros } from './commission/tallied.ts';
import type { TallyChange, TallyReader } from './commission/tallies.ts';
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
/** And most events change no tally. */
export const NO_CHANGES: readonly TallyChange[] = Object.freeze([]);

/**
 * Works out what is earned by the current row of `batch`, which is as accepted as `decision` says by now, and notes
 * it there.
 */
export function earn(
  { commission: plan }: Terms,
  batch: EventBatch,
  tallies: TallyReader,
  decision: Decision,
): void {
  if (!plan) return;
  if (isPlain(plan)) decision.earnings = plainEarnings(plan, batch, decision);
  else plannedEarnings(plan, batch, tallies, decision);
}

/** The sum of what is earned. */
export function commissionOf(earnings: readonly Earning[]): number {
  let sum = 0;
  if (earnings.length === 0) return sum;
  for (const { micros } of earnings) sum += micros;
  return sum;
}

/** Whether a plan is one rate for everybody, whatever was before. */
function isPlain(plan: CommissionPlan): plan is CommissionPlan & Commission {
  return plan.rules === undefined && plan.model !== undefined && !isTallied(plan);
}

function plainEarnings(rate: EarningRate, batch: EventBatch, decision: Decision): readonly Earning[] {
  const { type } = batch;
  if (!isPriced(rate, type)) return NOTHING;
  const micros = priceMicros(rate, type, decision.revenueMicros);
  if (micros === 0) return NOTHING;
  const holdMs = rate.holdMs ?? 0;
  if (type === EventType.conversion) {
    const credits = creditsOf(decision);
    const parts = splitMicros(micros, credits.map(shareOf));
    return credits.flatMap(({ touch: { partnerId } }, credit) => {
      const part = parts[credit] as number;
      return partnerId === '' || part === 0 ? [] : [{ partnerId, micros: part, holdMs, credit }];
    });
  }
  const partnerId = batch.name(FIELD.partnerId);
  return partnerId === undefined ? NOTHING : [{ partnerId, micros, holdMs, credit: 0 }];
}

/** A part of an event, and whose it is. */
interface Part {
  readonly partnerId: string;
  readonly contentId: string;
  readonly sharePpm: number;
}

/**
 * By rules, tiers and caps each credit may have a rate of its own. What a credit earns by a rate is its part of what
 * all credits would earn by it, so that nothing is lost where they have the same.
 */
function plannedEarnings(
  plan: CommissionPlan,
  batch: EventBatch,
  tallies: TallyReader,
  decision: Decision,
): void {
  const { type } = batch;
  const facts = factsOf(batch);
  const parts = partsOf(batch, decision);
  const shares = parts.map(shareOf);
  const revenue = splitMicros(decision.revenueMicros, shares);
  const plain = new Map<EarningRate, readonly number[]>();
  const earnings: Earning[] = [];
  const changes: TallyChange[] = [];
  for (const [credit, { partnerId, contentId, sharePpm }] of parts.entries()) {
    if (partnerId === '') continue;
    const rate = rateFor(plan, facts, partnerId, contentId);
    if (!rate) continue;
    const split = plain.get(rate) ?? splitMicros(priceMicros(rate, type, decision.revenueMicros), shares);
    plain.set(rate, split);
    let micros = split[credit] as number;
    if (isTallied(rate)) {
      const added = { count: BigInt(sharePpm), revenueMicros: BigInt(revenue[credit] as number) };
      micros = talliedMicros(rate, { partnerId, added, plainMicros: micros }, tallies, changes);
    }
    if (micros > 0) earnings.push({ partnerId, micros, holdMs: holdOf(plan, rate), credit });
  }
  if (earnings.length > 0) decision.earnings = earnings;
  if (changes.length > 0) decision.tallied = changes;
}

/** A conversion is divided as it is credited. */
function partsOf(batch: EventBatch, decision: Decision): readonly Part[] {
  const contentId = batch.name(FIELD.contentId) ?? '';
  if (batch.type === EventType.conversion)
    return creditsOf(decision).map(({ touch, sharePpm }) => ({
      partnerId: touch.partnerId,
      contentId: touch.contentId || contentId,
      sharePpm,
    }));
  return [{ partnerId: batch.name(FIELD.partnerId) ?? '', contentId, sharePpm: WHOLE_PPM }];
}

function creditsOf({ attribution }: Decision): readonly Credit[] {
  return attribution?.credits ?? [];
}

function shareOf({ sharePpm }: Pick<Credit, 'sharePpm'>): number {
  return sharePpm;
}

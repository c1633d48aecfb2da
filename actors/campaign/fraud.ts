/** Marks that the campaign puts on events, besides those of the collector. They change no decision. */

import { decodeClickId } from '../../model/click-id.ts';
import { outcomeOf } from '../../model/decision.ts';
import { EventFlag, EventType } from '../../model/event.ts';
import { type EventBatch, FIELD, UNDECIDED } from '../../model/event-batch.ts';
import { type FraudRule, USUAL_FRAUD_RULE } from '../../model/fraud.ts';
import type { ClickFloods } from './click-floods.ts';
import type { Decision } from './decide.ts';

/**
 * The marks of the current row, as bits of `EventFlag`. It counts a click of a partner among its clicks.
 *
 * @param time record time
 */
export function marksOf(
  batch: EventBatch,
  decision: Decision,
  rule: FraudRule = USUAL_FRAUD_RULE,
  floods: ClickFloods,
  time: number,
): number {
  // What the collector has refused says of itself what it likes: its click id may be anybody's.
  if (batch.type === EventType.impression || batch.verdict !== UNDECIDED) return 0;
  const mark = isSelfReferral(batch, decision) ? EventFlag.selfReferral : 0;
  if (batch.type === EventType.conversion)
    return isTooFast(batch, decision, rule) ? mark | EventFlag.tooFast : mark;
  return isBeyond(batch, decision, floods, time) ? mark | EventFlag.flood : mark;
}

/** Whether a partner's id is that of the user, but for the case. */
function isSelfReferral(batch: EventBatch, { attribution }: Decision): boolean {
  const userLength = batch.lengthOf(FIELD.userId);
  if (userLength < 0) return false;
  const isUser = (partnerId: string): boolean =>
    partnerId.length === userLength && partnerId.toLowerCase() === batch.string(FIELD.userId)?.toLowerCase();
  const partnerId = batch.name(FIELD.partnerId);
  if (partnerId !== undefined && isUser(partnerId)) return true;
  return attribution?.credits.some(({ touch }) => isUser(touch.partnerId)) ?? false;
}

/** Whether a conversion is nearer than people are to its own click, or to one that it is credited to. */
function isTooFast(batch: EventBatch, { attribution }: Decision, { minimumToConvertMs }: FraudRule): boolean {
  const { occurredAt } = batch;
  const isNear = (at: number): boolean => occurredAt - at < minimumToConvertMs;
  if (minimumToConvertMs === 0) return false;
  const clickId = batch.string(FIELD.clickId);
  const click = clickId === undefined ? undefined : decodeClickId(clickId);
  if (click && isNear(click.clickedAt)) return true;
  return attribution?.credits.some(({ touch }) => touch.kind === 'click' && isNear(touch.touchedAt)) ?? false;
}

/** Only what a filter before the campaign never stops is counted: how much it stops depends on its memory. */
function isBeyond(batch: EventBatch, { reason }: Decision, floods: ClickFloods, time: number): boolean {
  const outcome = outcomeOf(reason);
  if (outcome !== 'accepted' && outcome !== 'pending') return false;
  const partnerId = batch.name(FIELD.partnerId);
  return partnerId !== undefined && floods.add(partnerId, time);
}

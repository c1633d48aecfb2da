/**
 * What a campaign says of an event. Pure: it looks at the state and at the memories, and changes neither.
 * The rules stand in the order in which they are asked; the first that applies gives the reason.
 */
import { type Attribution, attributionOf } from '../../model/attribution.ts';
import { currencyOf } from '../../model/campaign.ts';
import { type Click, decodeClickId } from '../../model/click-id.ts';
import { REASONS, type ReasonCode } from '../../model/decision.ts';
import { EventType } from '../../model/event.ts';
import { type EventBatch, FIELD, UNDECIDED } from '../../model/event-batch.ts';
import { FINGERPRINT_WORDS, type FingerprintKey } from '../../model/fingerprint.ts';
import { priceMicros } from '../../model/terms.ts';
import { attribute, TOO_EARLY } from './attribution/attribution.ts';
import type { VisitorTouches } from './attribution/touches.ts';
import { REST } from './budget/budget-book.ts';
import { overspending, payerOf } from './budget/budget-room.ts';
import { hasRoom } from './budget/caps.ts';
import type { TallyChange, TallyReader } from './commission/tallies.ts';
import { clickGoalKey, transactionKey } from './conversion-key.ts';
import { commissionOf, type Earning, earn, NO_CHANGES, NOTHING } from './earnings.ts';
import type { CampaignState } from './state.ts';
import { termsAt } from './terms.ts';

/** A set of fingerprints that an actor remembers. */
export interface Memory {
  has(words: Uint32Array, at: number): boolean;
}

/** What a decision may ask of the campaign's memories. */
export interface CampaignMemories {
  /** Transactions and clicks that have converted, for ever. */
  readonly conversions: Memory;
  /** Visitors seen in the present window of the uniqueness rule. */
  readonly visitors: Memory;
  /** Earlier clicks and views of known visitors. */
  readonly touches: { of(batch: EventBatch): VisitorTouches };
  /** What partners have brought and earned by rates with tiers or caps. */
  readonly tallies: TallyReader;
}

/** The decision on one event: reused from event to event, so copy what must last. */
export class Decision {
  reason: ReasonCode = REASONS.accepted;
  spendMicros = 0;
  revenueMicros = 0;
  /** The sum of the earnings. */
  commissionMicros = 0;
  /** Who earns what. */
  earnings: readonly Earning[] = NOTHING;
  /** What tallies become by that. */
  tallied: readonly TallyChange[] = NO_CHANGES;
  /** Index of the allocation that pays, or `REST`. */
  payer = REST;
  /** A click that is its visitor's first in the window. */
  isUnique = false;
  /** Bits of `EventFlag` that the campaign adds to those of the collector. */
  flags = 0;
  /** Of an accepted conversion: to whom it is credited. */
  attribution: Attribution | undefined;
  /** Whether the conversion will be remembered by the fingerprint in `conversionKey`: by nothing, if it names nothing. */
  hasConversionKey = false;
  readonly conversionKey = new Uint32Array(FINGERPRINT_WORDS);

  reset(reason: ReasonCode): void {
    this.reason = reason;
    this.spendMicros = 0;
    this.revenueMicros = 0;
    this.commissionMicros = 0;
    this.earnings = NOTHING;
    this.tallied = NO_CHANGES;
    this.payer = REST;
    this.isUnique = false;
    this.flags = 0;
    this.attribution = undefined;
    this.hasConversionKey = false;
  }
}

/**
 * Decides on the current row of `batch`.
 *
 * @param isRepeat whether the partition has seen the event's id before
 * @param key the cluster's fingerprint key
 * @param out receives the decision
 */
export function decide(
  state: CampaignState,
  batch: EventBatch,
  memories: CampaignMemories,
  isRepeat: boolean,
  key: FingerprintKey,
  out: Decision,
): void {
  out.reset(REASONS.accepted);
  const reason = judge(state, batch, memories, isRepeat, key, out);
  if (reason !== REASONS.accepted) out.reset(reason);
}

function judge(
  state: CampaignState,
  batch: EventBatch,
  memories: CampaignMemories,
  isRepeat: boolean,
  key: FingerprintKey,
  out: Decision,
): ReasonCode {
  const { verdict, type } = batch;
  if (verdict !== UNDECIDED) return verdict;
  if (isRepeat) return REASONS.duplicate_event;
  if (state.status !== 'ACTIVE') return REASONS.campaign_not_active;
  if (type === EventType.conversion) {
    const reason = judgeConversion(state, batch, memories, key, out);
    if (reason !== REASONS.accepted) return reason;
  } else if (type === EventType.click) {
    out.isUnique = !memories.visitors.has(batch.visitors, batch.visitorAt);
    if (!out.isUnique && state.definition.uniqueness.key !== 'none') return REASONS.repeat_visitor;
  }
  return charge(state, batch, memories.tallies, out);
}

function judgeConversion(
  state: CampaignState,
  batch: EventBatch,
  { conversions, touches }: CampaignMemories,
  key: FingerprintKey,
  out: Decision,
): ReasonCode {
  const currency = batch.string(FIELD.currency);
  if (currency !== undefined && batch.valueMicros > 0 && currency !== currencyOf(state.definition))
    return REASONS.currency_mismatch;
  const transactionId = batch.string(FIELD.transactionId);
  if (transactionId !== undefined) {
    transactionKey(key, state.campaignId, transactionId, out.conversionKey);
    if (conversions.has(out.conversionKey, 0)) return REASONS.duplicate_transaction;
    out.hasConversionKey = true;
  }
  const terms = termsAt(state, batch.occurredAt);
  const clickId = batch.string(FIELD.clickId);
  let click: Click | undefined;
  if (clickId !== undefined) {
    click = decodeClickId(clickId);
    if (!click) return REASONS.click_id_invalid;
    if (click.campaignId !== state.campaignId) return REASONS.click_id_foreign;
    if (batch.occurredAt - click.clickedAt > terms.clickWindowMs) return REASONS.click_expired;
    // Without a transaction id a click converts once per goal.
    if (transactionId === undefined) {
      clickGoalKey(key, click, batch.string(FIELD.goal) ?? '', out.conversionKey);
      if (conversions.has(out.conversionKey, 0)) return REASONS.duplicate_conversion;
      out.hasConversionKey = true;
    }
  }
  const conversion = {
    occurredAt: batch.occurredAt,
    partnerId: batch.string(FIELD.partnerId) ?? '',
    contentId: batch.string(FIELD.contentId) ?? '',
    ownClick: click,
  };
  const credited = attribute(attributionOf(terms), terms.clickWindowMs, conversion, touches.of(batch));
  if (credited === TOO_EARLY) return REASONS.converted_too_early;
  out.attribution = credited;
  out.revenueMicros = batch.valueMicros;
  return REASONS.accepted;
}

/**
 * Charges the event to the budget and gives its partners what they earn, by the terms of its time, or says that
 * the budget or a cap has no room for it.
 */
function charge(state: CampaignState, batch: EventBatch, tallies: TallyReader, out: Decision): ReasonCode {
  const { type } = batch;
  const terms = termsAt(state, batch.occurredAt);
  if (terms.cost) {
    out.spendMicros = priceMicros(terms.cost, type, out.revenueMicros);
    if (out.spendMicros > 0 && out.spendMicros > state.clearMicros) {
      out.payer = payerOf(state.budget, batch);
      const refusal = overspending(state, out.spendMicros, out.payer);
      if (refusal !== undefined) return refusal;
    }
  }
  earn(terms, batch, tallies, out);
  out.commissionMicros = commissionOf(out.earnings);
  const { caps } = state.definition;
  return caps && !hasRoom(state.capUse, caps, type, out) ? REASONS.cap_reached : REASONS.accepted;
}

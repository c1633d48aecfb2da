/**
 * Tracking events one by one as domain events, for campaigns that want it: what counts is `recorded`, and a
 * conversion that does not count is `rejected`. Duplicates and what is pending are told by figures only.
 */
import { currencyOf } from '../../model/campaign.ts';
import { outcomeOf, reasonName } from '../../model/decision.ts';
import type { DomainEventType } from '../../model/domain-event.ts';
import { EVENT_TYPE_NAMES, EventType, type EventTypeCode, type StringField } from '../../model/event.ts';
import { type EventBatch, FIELD } from '../../model/event-batch.ts';
import { moneyJson } from '../../model/money.ts';
import type { Announce } from '../announcements.ts';
import type { Decision } from './decide.ts';
import type { CampaignState } from './state.ts';

const RECORDED: Readonly<Record<EventTypeCode, DomainEventType>> = {
  1: 'impression.recorded',
  2: 'click.recorded',
  3: 'conversion.recorded',
};

/** What an event says of itself, as it is published. */
const TOLD = {
  eventId: 'event_id',
  partnerId: 'partner_id',
  contentId: 'content_id',
  clickId: 'click_id',
  transactionId: 'transaction_id',
  goal: 'goal',
  userId: 'user_id',
  sourceId: 'source_id',
} as const satisfies Partial<Record<StringField, string>>;

/** Whether the campaign publishes events of a type. */
export function isPublished(
  { definition: { publishedEvents } }: CampaignState,
  type: EventTypeCode,
): boolean {
  return publishedEvents?.includes(EVENT_TYPE_NAMES[type]) ?? false;
}

/** Publishes the current row of `batch`, once it is decided. */
export function publish(
  { definition }: CampaignState,
  batch: EventBatch,
  decision: Decision,
  announce: Announce,
): void {
  const { type } = batch;
  const outcome = outcomeOf(decision.reason);
  const isRejected = outcome === 'rejected' && type === EventType.conversion;
  if (outcome !== 'accepted' && !isRejected) return;
  const currency = currencyOf(definition) ?? 'USD';
  const data: Record<string, unknown> = {};
  for (const [field, name] of Object.entries(TOLD)) {
    const value = batch.string(FIELD[field as keyof typeof TOLD]);
    if (value !== undefined) data[name] = value;
  }
  data.occurred_at = new Date(batch.occurredAt).toISOString();
  if (isRejected) data.reason = reasonName(decision.reason);
  if (type === EventType.conversion)
    data.value = moneyJson(batch.valueMicros, batch.string(FIELD.currency) ?? currency);
  if (decision.spendMicros > 0) data.spend = moneyJson(decision.spendMicros, currency);
  if (decision.commissionMicros > 0) data.commission = moneyJson(decision.commissionMicros, currency);
  announce(isRejected ? 'conversion.rejected' : RECORDED[type], data);
}

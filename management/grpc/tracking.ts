/** From events with their decisions to their messages. */
import {
  DecisionStatus,
  type EventDecision,
  EventType,
  type TrackedEvent as TrackedEventMessage,
} from '../../proto/generated/turnpike/v1/tracking.ts';
import type { EventAccount as EventAccountMessage } from '../../proto/generated/turnpike/v1/tracking_service.ts';
import type { Amount, TrackedEvent } from '../application/tracked-event.ts';
import type { EventAccount } from '../application/tracking.ts';
import { protoMoney } from './money.ts';
import { protoTimestamp } from './timestamp.ts';

export const TYPES = {
  impression: EventType.IMPRESSION,
  click: EventType.CLICK,
  conversion: EventType.CONVERSION,
};

const STATUSES = {
  accepted: DecisionStatus.ACCEPTED,
  duplicate: DecisionStatus.DUPLICATE,
  rejected: DecisionStatus.REJECTED,
  pending: DecisionStatus.PENDING,
};

export function protoEventAccount({ event, repeats }: EventAccount): EventAccountMessage {
  return { event: protoEvent(event), repeats: repeats.map(protoEvent) };
}

export function protoEvent(event: TrackedEvent): TrackedEventMessage {
  const { decision, evidence, value } = event;
  return {
    eventId: event.eventId,
    type: TYPES[event.type],
    campaignId: event.campaignId,
    partnerId: event.partnerId ?? '',
    contentId: event.contentId ?? '',
    clickId: event.clickId ?? '',
    transactionId: event.transactionId ?? '',
    goal: event.goal ?? '',
    userId: event.userId ?? '',
    anonymousId: event.anonymousId ?? '',
    sessionId: event.sessionId ?? '',
    decision: protoDecision(decision),
    unique: event.isUnique,
    value: value && money(value),
    spend: money(event.spend),
    commission: money(event.commission),
    occurredAt: protoTimestamp(event.occurredAt),
    recordedAt: protoTimestamp(event.recordedAt),
    evidence: {
      userAgent: evidence.userAgent ?? '',
      referrer: evidence.referrer ?? '',
      url: evidence.url ?? '',
      address: evidence.address ?? '',
      flags: [...evidence.flags],
    },
    parameters: { ...event.parameters },
    properties: { ...event.properties },
  };
}

export function protoDecision({ id, outcome, reasonCode, reason }: TrackedEvent['decision']): EventDecision {
  return { id, status: STATUSES[outcome], reasonCode, reason };
}

const money = ({ micros, currency }: Amount) => protoMoney(micros, currency);

/** From events with their decisions to their messages. */
import { AttributionModel } from '../../../proto/generated/turnpike/v1/attribution.ts';
import {
  DecisionStatus,
  type EventAttribution as EventAttributionMessage,
  type EventDecision,
  EventType,
  TouchKind,
  type TrackedEvent as TrackedEventMessage,
} from '../../../proto/generated/turnpike/v1/tracking.ts';
import type {
  AttributionReport,
  EventAccount as EventAccountMessage,
} from '../../../proto/generated/turnpike/v1/tracking_service.ts';
import type { Amount } from '../../application/amount.ts';
import type { EventAttribution } from '../../application/tracking/credits.ts';
import type { TrackedEvent } from '../../application/tracking/tracked-event.ts';
import type { CreditsPage, EventAccount } from '../../application/tracking/tracking.ts';
import { protoMoney } from '../money.ts';
import { protoTimestamp } from '../timestamp.ts';

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

/** A later version may have stored another kind: it has no number here. */
const TOUCH_KINDS: Readonly<Record<string, TouchKind>> = {
  click: TouchKind.CLICK,
  view: TouchKind.VIEW,
  direct: TouchKind.DIRECT,
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
    attribution: event.attribution && protoAttribution(event.attribution),
  };
}

function protoAttribution({ model, touches }: EventAttribution): EventAttributionMessage {
  return {
    model: AttributionModel[model as keyof typeof AttributionModel] ?? AttributionModel.UNSPECIFIED,
    touches: touches.map((touch) => ({
      kind: TOUCH_KINDS[touch.kind] ?? TouchKind.UNSPECIFIED,
      partnerId: touch.partnerId ?? '',
      contentId: touch.contentId ?? '',
      touchedAt: protoTimestamp(touch.touchedAt),
      share: touch.share,
      revenue: money(touch.revenue),
      commission: money(touch.commission),
    })),
  };
}

export function protoCredits({ partners, nextPageToken }: CreditsPage): AttributionReport {
  return {
    partners: partners.map((partner) => ({
      partnerId: partner.partnerId ?? '',
      conversions: partner.conversions,
      clicks: BigInt(partner.clicks),
      views: BigInt(partner.views),
      direct: BigInt(partner.direct),
      revenue: money(partner.revenue),
      commission: money(partner.commission),
    })),
    nextPageToken: nextPageToken ?? '',
  };
}

export function protoDecision({ id, outcome, reasonCode, reason }: TrackedEvent['decision']): EventDecision {
  return { id, status: STATUSES[outcome], reasonCode, reason };
}

const money = ({ micros, currency }: Amount) => protoMoney(micros, currency);

/** Events with their decisions as REST shows them: schemas, and the way there from the application. */
import { type Static, Type } from 'typebox';
import { limits } from '../../../limits.ts';
import {
  ATTRIBUTION_MODELS,
  type AttributionModel,
  TOUCH_KINDS,
  type TouchKind,
} from '../../../model/attribution.ts';
import { OUTCOMES } from '../../../model/decision.ts';
import { EVENT_TYPES } from '../../../model/event.ts';
import { moneyJson } from '../../../model/money.ts';
import type { Amount } from '../../application/amount.ts';
import { formatInstant } from '../../application/instant.ts';
import type { EventAttribution } from '../../application/tracking/credits.ts';
import { EVIDENCE_FLAGS, type EvidenceFlag } from '../../application/tracking/evidence-flags.ts';
import type { Evidence, TrackedEvent } from '../../application/tracking/tracked-event.ts';
import type { CreditsPage, EventAccount, EventPage } from '../../application/tracking/tracking.ts';
import { CampaignPath, count, instant, Money, shared, words } from '../schemas.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));

export const EventPath = Type.Object({
  ...CampaignPath.properties,
  event_id: Type.String({ description: 'The event, percent-encoded where needed.' }),
});

export const EventsQuery = Type.Object({
  type: text(`Only events of this type: ${EVENT_TYPES.join(', ')}.`),
  status: text(`Only events of which this was said: ${OUTCOMES.join(', ')}.`),
  reason: text('Only events decided for this reason: its number or its name.'),
  partner_id: text('Only events of this partner.'),
  flag: text(`Only events of which this was noticed: ${EVIDENCE_FLAGS.join(', ')}.`),
  from: text('RFC 3339: only events recorded at or after it.'),
  to: text('RFC 3339: only events recorded before it.'),
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Events on a page, at most ${limits.pageSize}; it may hold fewer although there are more.`,
    }),
  ),
  page_token: text('next_page_token of the page before; same filters.'),
});

export const DecisionResource = Type.Object(
  {
    id: Type.String({ description: 'Names the decision: partition, sequence and row of the log.' }),
    status: words(OUTCOMES, 'What was said of the event.'),
    reason_code: Type.Integer({ description: '1xx accepted, 2xx duplicate, 3xx rejected, 4xx pending.' }),
    reason: Type.String({ description: 'The reason in words.', examples: ['budget_exhausted'] }),
  },
  { description: 'What was said of the event, and why.' },
);

const AttributionResource = Type.Object(
  {
    model: words(ATTRIBUTION_MODELS, 'The model in force when it happened.'),
    touches: Type.Array(
      Type.Object({
        kind: words(
          TOUCH_KINDS,
          'direct: no click and no view was known; whom the conversion names has it all.',
        ),
        partner_id: text('Who is credited; absent: nobody.'),
        content_id: text('The creative or post, where it is known.'),
        touched_at: instant('When it happened.'),
        share: Type.Number({ description: 'Its part of the conversion, from 0 to 1, with six decimals.' }),
        revenue: Money,
        commission: Money,
      }),
      {
        description:
          'What it is credited to, the earliest first. Shares sum to 1, amounts to those of the event.',
      },
    ),
  },
  { description: 'Of an accepted conversion: to whom it is credited.' },
);

const EvidenceResource = Type.Object(
  {
    user_agent: text('The agent that sent it.'),
    referrer: text('The page before it.'),
    url: text('The page that it happened on.'),
    address: text('Its network address, anonymised: IPv4 cut to /24, IPv6 to /48.'),
    flags: Type.Array(words<EvidenceFlag>(EVIDENCE_FLAGS), {
      description: 'What was noticed about it; flagged events count.',
    }),
  },
  { description: 'Where the event came from.' },
);

export const EventResource = Type.Object(
  {
    event_id: Type.String({ description: 'Identifier.' }),
    type: words(EVENT_TYPES, 'What happened.'),
    campaign_id: Type.String({ description: 'The campaign.' }),
    partner_id: text('Who brought the traffic.'),
    content_id: text('The creative or post.'),
    click_id: text('Of a click its own, of a conversion that of its click.'),
    transaction_id: text("The advertiser's order."),
    goal: text('Kind of conversion.'),
    user_id: text('The user, as the sender knows them.'),
    anonymous_id: text('The visitor, as the sender knows them.'),
    session_id: text('The session, as the sender knows it.'),
    decision: DecisionResource,
    unique: Type.Boolean({ description: "Whether it is a click that was its visitor's first." }),
    value: Type.Optional(Money),
    spend: Money,
    commission: Money,
    attribution: Type.Optional(AttributionResource),
    occurred_at: instant('When it happened, as its sender says.'),
    recorded_at: instant('When it was recorded.'),
    evidence: EvidenceResource,
    parameters: Type.Record(Type.String(), Type.String(), {
      description: 'Tracking parameters as sent: source_id, sub1 … sub5, utm_…, gclid and the like.',
    }),
    properties: Type.Record(Type.String(), Type.Unknown(), { description: 'Properties as sent.' }),
  },
  { $id: 'TrackedEvent', description: 'An event with what was decided on it.' },
);
export type EventResource = Static<typeof EventResource>;

export const EventListResource = Type.Object(
  {
    events: Type.Array(shared(EventResource), {
      description: 'The newest first, by when they were recorded.',
    }),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'TrackedEventList', description: "A page of a campaign's events." },
);
export type EventListResource = Static<typeof EventListResource>;

export const EventAccountResource = Type.Object(
  {
    event: shared(EventResource),
    repeats: Type.Array(shared(EventResource), {
      description:
        'Later arrivals with the same id, in order. Repeats that the filter stops are counted only.',
    }),
  },
  {
    $id: 'EventAccount',
    description: 'All that was decided on an event, from the first time it arrived on.',
  },
);
export type EventAccountResource = Static<typeof EventAccountResource>;

export const CreditsQuery = Type.Object({
  from: text('RFC 3339: only conversions recorded at or after it.'),
  to: text('RFC 3339: only conversions recorded before it.'),
  page_size: Type.Optional(
    Type.Integer({
      default: limits.defaultPageSize,
      description: `Partners on a page, at most ${limits.pageSize}.`,
    }),
  ),
  page_token: text('next_page_token of the page before; same times.'),
});

export const PartnerCreditsList = Type.Object(
  {
    campaign_id: Type.String({ description: 'The campaign.' }),
    partners: Type.Array(
      Type.Object({
        partner_id: text('The partner; absent: what nobody is credited with.'),
        conversions: Type.Number({ description: 'The sum of its shares of conversions, with six decimals.' }),
        clicks: count('Clicks that it is credited for.'),
        views: count('Views that it is credited for.'),
        direct: count('Conversions that it is credited for because they name it, without click or view.'),
        revenue: Money,
        commission: Money,
      }),
      { description: 'In the order of their identifiers.' },
    ),
    next_page_token: Type.String({ description: 'Asks for the next page; empty on the last one.' }),
  },
  { $id: 'PartnerCreditsList', description: 'A page of what partners are credited with.' },
);
export type PartnerCreditsList = Static<typeof PartnerCreditsList>;

export function eventListResource({ events, nextPageToken }: EventPage): EventListResource {
  return { events: events.map(eventResource), next_page_token: nextPageToken ?? '' };
}

export function eventAccountResource({ event, repeats }: EventAccount): EventAccountResource {
  return { event: eventResource(event), repeats: repeats.map(eventResource) };
}

function eventResource(event: TrackedEvent): EventResource {
  const { decision, value } = event;
  return {
    event_id: event.eventId,
    type: event.type,
    campaign_id: event.campaignId,
    ...(event.partnerId !== undefined && { partner_id: event.partnerId }),
    ...(event.contentId !== undefined && { content_id: event.contentId }),
    ...(event.clickId !== undefined && { click_id: event.clickId }),
    ...(event.transactionId !== undefined && { transaction_id: event.transactionId }),
    ...(event.goal !== undefined && { goal: event.goal }),
    ...(event.userId !== undefined && { user_id: event.userId }),
    ...(event.anonymousId !== undefined && { anonymous_id: event.anonymousId }),
    ...(event.sessionId !== undefined && { session_id: event.sessionId }),
    decision: {
      id: decision.id,
      status: decision.outcome,
      reason_code: decision.reasonCode,
      reason: decision.reason,
    },
    unique: event.isUnique,
    ...(value && { value: money(value) }),
    spend: money(event.spend),
    commission: money(event.commission),
    ...(event.attribution && { attribution: attributionResource(event.attribution) }),
    occurred_at: formatInstant(event.occurredAt),
    recorded_at: formatInstant(event.recordedAt),
    evidence: evidenceOf(event.evidence),
    parameters: { ...event.parameters },
    properties: { ...event.properties },
  };
}

function attributionResource({ model, touches }: EventAttribution): Static<typeof AttributionResource> {
  return {
    model: model as AttributionModel,
    touches: touches.map((touch) => ({
      kind: touch.kind as TouchKind,
      ...(touch.partnerId !== undefined && { partner_id: touch.partnerId }),
      ...(touch.contentId !== undefined && { content_id: touch.contentId }),
      touched_at: formatInstant(touch.touchedAt),
      share: touch.share,
      revenue: money(touch.revenue),
      commission: money(touch.commission),
    })),
  };
}

export function partnerCreditsList(
  campaignId: string,
  { partners, nextPageToken }: CreditsPage,
): PartnerCreditsList {
  return {
    campaign_id: campaignId,
    partners: partners.map((partner) => ({
      ...(partner.partnerId !== undefined && { partner_id: partner.partnerId }),
      conversions: partner.conversions,
      clicks: partner.clicks,
      views: partner.views,
      direct: partner.direct,
      revenue: money(partner.revenue),
      commission: money(partner.commission),
    })),
    next_page_token: nextPageToken ?? '',
  };
}

function evidenceOf({ userAgent, referrer, url, address, flags }: Evidence): EventResource['evidence'] {
  return {
    ...(userAgent !== undefined && { user_agent: userAgent }),
    ...(referrer !== undefined && { referrer }),
    ...(url !== undefined && { url }),
    ...(address !== undefined && { address }),
    flags: [...flags],
  };
}

const money = ({ micros, currency }: Amount) => moneyJson(micros, currency);

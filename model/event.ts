/**
 * A tracking event as the collector has parsed, checked and completed it.
 *
 * The string fields are listed once, in `STRING_FIELDS`; the record codec, the warehouse rows and the
 * documentation follow that list. Its order is part of the record format: append, never reorder.
 */

export const EventType = { impression: 1, click: 2, conversion: 3 } as const;
export type EventTypeCode = (typeof EventType)[keyof typeof EventType];
export type EventTypeName = keyof typeof EventType;

export const EVENT_TYPES = ['impression', 'click', 'conversion'] as const satisfies readonly EventTypeName[];

export const EVENT_TYPE_NAMES: Readonly<Record<EventTypeCode, EventTypeName>> = {
  1: 'impression',
  2: 'click',
  3: 'conversion',
};

/** String fields of an event: `repeats` says that neighbours often share the value (dictionary-coded). */
export const STRING_FIELDS = [
  { name: 'eventId', column: 'event_id', repeats: false },
  { name: 'campaignId', column: 'campaign_id', repeats: true },
  { name: 'partnerId', column: 'partner_id', repeats: true },
  { name: 'contentId', column: 'content_id', repeats: true },
  { name: 'clickId', column: 'click_id', repeats: false },
  { name: 'transactionId', column: 'transaction_id', repeats: false },
  { name: 'goal', column: 'goal', repeats: true },
  { name: 'currency', column: 'currency', repeats: true },
  { name: 'userId', column: 'user_id', repeats: false },
  { name: 'anonymousId', column: 'anonymous_id', repeats: false },
  { name: 'sessionId', column: 'session_id', repeats: false },
  { name: 'sourceId', column: 'source_id', repeats: true },
  { name: 'sub1', column: 'sub1', repeats: true },
  { name: 'sub2', column: 'sub2', repeats: true },
  { name: 'sub3', column: 'sub3', repeats: true },
  { name: 'sub4', column: 'sub4', repeats: true },
  { name: 'sub5', column: 'sub5', repeats: true },
  { name: 'utmSource', column: 'utm_source', repeats: true },
  { name: 'utmMedium', column: 'utm_medium', repeats: true },
  { name: 'utmCampaign', column: 'utm_campaign', repeats: true },
  { name: 'utmTerm', column: 'utm_term', repeats: true },
  { name: 'utmContent', column: 'utm_content', repeats: true },
  { name: 'gclid', column: 'gclid', repeats: false },
  { name: 'fbclid', column: 'fbclid', repeats: false },
  { name: 'msclkid', column: 'msclkid', repeats: false },
  { name: 'ttclid', column: 'ttclid', repeats: false },
  { name: 'url', column: 'url', repeats: true },
  { name: 'referrer', column: 'referrer', repeats: true },
  { name: 'userAgent', column: 'user_agent', repeats: true },
  { name: 'ip', column: 'ip', repeats: true },
  { name: 'properties', column: 'properties', repeats: true },
] as const;

export type StringField = (typeof STRING_FIELDS)[number]['name'];

/**
 * What was noticed about an event: bits of `flags`. The first five the collector sets, the others the campaign.
 * Flagged events count; they are not dropped. See docs/fraud.md.
 */
export const EventFlag = {
  /** The agent is a known robot. */
  bot: 1,
  /** A `HEAD` request: a link checker or a preview. */
  head: 2,
  /** The event's own timestamp was over the allowed skew ahead and was replaced. */
  clockAhead: 4,
  /** Whether a click was the visitor's first could not be asked of the filter. */
  uncertain: 8,
  /** Its address is one of a data centre, as the collector's list of their networks has it. */
  dataCentre: 16,
  /** A conversion sooner after its click than the campaign takes for possible. */
  tooFast: 32,
  /** The user is the partner. */
  selfReferral: 64,
  /** A click beyond what its partner's earlier minutes lead one to expect. */
  flood: 128,
} as const;

/** A checked event. Absent strings are `undefined`; the others are non-empty and well-formed Unicode. */
export interface TrackingEvent extends Readonly<Partial<Record<StringField, string>>> {
  readonly type: EventTypeCode;
  readonly eventId: string;
  readonly campaignId: string;
  /** Milliseconds since the epoch at which it happened, as the client says within the allowed skew. */
  readonly occurredAt: number;
  /** Value of a conversion in micros of `currency`: an integer of at most `limits.amountMicros`; 0 if none. */
  readonly valueMicros: number;
  /** Bits of `EventFlag`. */
  readonly flags: number;
}

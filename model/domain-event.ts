/** Domain events: what has happened to a campaign, for others to act on. In their envelope, CloudEvents 1.0. */

export const DOMAIN_EVENT_TYPES = [
  'campaign.created',
  'campaign.updated',
  'campaign.targeting_configured',
  'campaign.scheduled',
  'campaign.activated',
  'campaign.paused',
  'campaign.resumed',
  'campaign.completed',
  'campaign.cancelled',
  'budget.created',
  'budget.threshold_reached',
  'budget.exhausted',
] as const;
export type DomainEventType = (typeof DOMAIN_EVENT_TYPES)[number];

/** JSON as it is published: amounts as decimal strings, times in RFC 3339. */
export type DomainEventData = Readonly<Record<string, unknown>>;

export interface DomainEvent {
  /** Made of the campaign and the event's place in the log: a replay gives it the same one. */
  readonly id: string;
  readonly type: DomainEventType;
  readonly campaignId: string;
  /** Record time, milliseconds since the epoch. */
  readonly time: number;
  readonly data: DomainEventData;
}

/** A domain event as it is published (CloudEvents 1.0, structured JSON). */
export interface CloudEvent {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: 'turnpike';
  readonly type: DomainEventType;
  /** The campaign. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: DomainEventData;
}

export function cloudEventOf({ id, type, campaignId, time, data }: DomainEvent): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: 'turnpike',
    type,
    subject: campaignId,
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    data,
  };
}

/** The id of the `index`-th event that a campaign gives rise to with the record of a sequence. */
export function domainEventId(campaignId: string, sequence: number, index: number): string {
  return `${campaignId}-${sequence.toString(36)}-${index}`;
}

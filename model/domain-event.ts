/** Domain events: what has happened to a campaign or a partner, for others to act on. In their envelope, CloudEvents 1.0. */
import type { ActorKind } from './command.ts';

export const DOMAIN_EVENT_TYPES = [
  'campaign.created',
  'campaign.updated',
  'campaign.metrics_updated',
  'campaign.targeting_configured',
  'campaign.scheduled',
  'campaign.activated',
  'campaign.paused',
  'campaign.resumed',
  'campaign.completed',
  'campaign.cancelled',
  'impression.recorded',
  'click.recorded',
  'conversion.recorded',
  'conversion.rejected',
  'budget.created',
  'budget.allocated',
  'budget.extra_authorised',
  'budget.spend_recorded',
  'budget.spend_refused',
  'budget.threshold_reached',
  'budget.exhausted',
  'kpi.threshold_reached',
  'tracking.failed',
  'partner.registered',
  'partner.updated',
  'partner.associated',
  'content.associated',
  'conversion.refunded',
  'commission.assigned',
  'commission.approved',
  'commission.reversed',
  'commission.paid',
  'payout.pending',
  'payout.processing',
  'payout.succeeded',
  'payout.failed',
] as const;
export type DomainEventType = (typeof DOMAIN_EVENT_TYPES)[number];

/** JSON as it is published: amounts as decimal strings, times in RFC 3339. */
export type DomainEventData = Readonly<Record<string, unknown>>;

export interface DomainEvent {
  /** Made of whom it happened to and its place in the log: a replay gives it the same one. */
  readonly id: string;
  readonly type: DomainEventType;
  /** Whom it happened to. */
  readonly actorKind: ActorKind;
  readonly actorId: string;
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
  /** The id of whom it happened to. */
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: DomainEventData;
}

export function cloudEventOf({ id, type, actorId, time, data }: Omit<DomainEvent, 'actorKind'>): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: 'turnpike',
    type,
    subject: actorId,
    time: new Date(time).toISOString(),
    datacontenttype: 'application/json',
    data,
  };
}

/**
 * The id of the `index`-th event that an actor gives rise to with the record of a sequence. That of a campaign
 * begins with its own id, that of any other with its kind too: two actors of one id may meet in a record.
 */
export function domainEventId(kind: ActorKind, actorId: string, sequence: number, index: number): string {
  const subject = kind === 'campaign' ? actorId : `${kind}:${actorId}`;
  return `${subject}-${sequence.toString(36)}-${index}`;
}

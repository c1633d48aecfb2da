/** An event with what was decided on it, as the warehouse keeps it. */
import { decisionId, type Outcome, outcomeOf, type ReasonCode } from '../../../model/decision.ts';
import { EVENT_TYPE_NAMES, type EventTypeCode, type EventTypeName } from '../../../model/event.ts';
import type { Amount } from '../amount.ts';
import type { EventAttribution } from './credits.ts';
import { EVIDENCE_FLAGS, type EvidenceFlag, FLAG_BITS } from './evidence-flags.ts';
import { storedReasonName } from './reasons.ts';
import type { EventRow } from './tracking-query.ts';

/** Strings of an event that only pass through: each under its name, if it was sent. */
const PARAMETERS = [
  'source_id',
  ...(['sub1', 'sub2', 'sub3', 'sub4', 'sub5'] as const),
  ...(['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content'] as const),
  ...(['gclid', 'fbclid', 'msclkid', 'ttclid'] as const),
] as const;

export interface EventDecisionRecord {
  readonly id: string;
  readonly outcome: Outcome;
  readonly reasonCode: number;
  readonly reason: string;
}

/** Where an event came from. */
export interface Evidence {
  readonly userAgent?: string;
  readonly referrer?: string;
  readonly url?: string;
  /** Without what tells a household from its neighbours: IPv4 cut to /24, IPv6 to /48. */
  readonly address?: string;
  readonly flags: readonly EvidenceFlag[];
}

/** Times are milliseconds since the epoch. */
export interface TrackedEvent {
  readonly eventId: string;
  readonly type: EventTypeName;
  readonly campaignId: string;
  readonly partnerId?: string;
  readonly contentId?: string;
  readonly clickId?: string;
  readonly transactionId?: string;
  readonly goal?: string;
  readonly userId?: string;
  readonly anonymousId?: string;
  readonly sessionId?: string;
  readonly decision: EventDecisionRecord;
  /** A click that was its visitor's first. */
  readonly isUnique: boolean;
  /** What a conversion was worth, as it was sent. */
  readonly value?: Amount;
  readonly spend: Amount;
  readonly commission: Amount;
  /** Of an accepted conversion: to whom it is credited. */
  readonly attribution?: EventAttribution;
  /** When it happened, as its sender says. */
  readonly occurredAt: number;
  /** When the log took it. */
  readonly recordedAt: number;
  readonly evidence: Evidence;
  readonly parameters: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

/**
 * @param currency the campaign's
 * @param attribution to whom it is credited, if it is an accepted conversion
 */
export function trackedEvent(row: EventRow, currency: string, attribution?: EventAttribution): TrackedEvent {
  const { type, reason } = row;
  const name = EVENT_TYPE_NAMES[type as EventTypeCode];
  return {
    eventId: row.event_id,
    type: name,
    campaignId: row.campaign_id,
    ...present('partnerId', row.partner_id),
    ...present('contentId', row.content_id),
    ...present('clickId', row.click_id),
    ...present('transactionId', row.transaction_id),
    ...present('goal', row.goal),
    ...present('userId', row.user_id),
    ...present('anonymousId', row.anonymous_id),
    ...present('sessionId', row.session_id),
    decision: {
      id: decisionId(row.partition, Number(row.sequence), row.row),
      // The hundreds alone make the outcome, also of a reason that a later version has stored.
      outcome: outcomeOf(reason as ReasonCode),
      reasonCode: reason,
      reason: storedReasonName(reason),
    },
    isUnique: row.is_unique === 1,
    ...(name === 'conversion' && {
      value: { micros: BigInt(row.value_micros), currency: row.currency || currency },
    }),
    spend: { micros: BigInt(row.spend_micros), currency },
    commission: { micros: BigInt(row.commission_micros), currency },
    ...(attribution && { attribution }),
    occurredAt: Number(row.occurred_ms),
    recordedAt: Number(row.recorded_ms),
    evidence: {
      ...present('userAgent', row.user_agent),
      ...present('referrer', row.referrer),
      ...present('url', row.url),
      ...present('address', row.ip),
      flags: EVIDENCE_FLAGS.filter((flag) => (row.flags & FLAG_BITS[flag]) !== 0),
    },
    parameters: Object.fromEntries(
      PARAMETERS.filter((parameter) => row[parameter] !== '').map((parameter) => [parameter, row[parameter]]),
    ),
    properties: row.properties === '' ? {} : (JSON.parse(row.properties) as Record<string, unknown>),
  };
}

/** An absent string is an empty column. */
function present<Name extends string>(name: Name, text: string): { readonly [Key in Name]?: string } {
  return (text === '' ? {} : { [name]: text }) as { readonly [Key in Name]?: string };
}

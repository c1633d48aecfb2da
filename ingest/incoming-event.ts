/** An event on its way through the collector: what was sent, what was made of it, what is answered. */
import type { CampaignSummary } from '../model/campaign.ts';
import { REASONS, type ReasonCode } from '../model/decision.ts';
import { EventType, type EventTypeCode, STRING_FIELDS } from '../model/event.ts';
import { type EventRow, FIELD, UNDECIDED } from '../model/event-batch.ts';
import type { Denial } from './access.ts';
import type { Submission } from './submission.ts';

const NO_STRINGS: readonly undefined[] = new Array(STRING_FIELDS.length).fill(undefined);

/** What an event says of where it came from. It counts only if a secret key vouches for it. */
export interface Testimony {
  address?: string;
  userAgent?: string;
  url?: string;
  referrer?: string;
  /** What is wrong with it. */
  problem?: string;
}

/**
 * What became of an event on its way into the log: it is there; certainly not; perhaps. Only the first
 * may be told as a success.
 */
export type Fate = 'waiting' | 'stored' | 'lost' | 'unknown';

export class IncomingEvent implements EventRow {
  /** The request it came in. */
  submission: Submission | undefined;

  // --- the row, see `EventRow` ------------------------------------------------------------------
  type: EventTypeCode = EventType.impression;
  occurredAt = 0;
  valueMicros = 0;
  flags = 0;
  readonly strings: (string | undefined)[] = NO_STRINGS.slice();
  presence = 0;

  /** Whether it is an event at all: what cannot be read gets no id. */
  isReadable = true;

  // --- as sent ----------------------------------------------------------------------------------
  /** Whether it names its type. */
  hasType = false;
  /** Its own time in milliseconds since the epoch; −1 if it names none. */
  sentAt = -1;
  /** The write key that it carries itself. */
  writeKey: string | undefined;
  testimony: Testimony | undefined;

  // --- as judged --------------------------------------------------------------------------------
  /** Its campaign, if there is one and it may be counted there. */
  campaign: CampaignSummary | undefined;
  /** Whether a secret key of the campaign vouches for what it says of itself. */
  isTrusted = false;
  /** Partition of its campaign; −1 if it does not go into the log. */
  partition = -1;
  /** Why its sender may not have it counted. */
  denial: Denial | undefined;
  /** What the collector says of it; `UNDECIDED` leaves it to the actor. */
  verdict: ReasonCode | typeof UNDECIDED = UNDECIDED;
  /** What makes its visitor the same, for clicks. */
  visitor = '';

  // --- as answered ------------------------------------------------------------------------------
  /** What is told of it. */
  reason: ReasonCode = REASONS.accepted;
  /** What is wrong, and where, in words. */
  message: string | undefined;
  fate: Fate = 'waiting';
  /** Record and row in which it lies, once it does; sequence 0: in none. */
  sequence = 0;
  row = -1;

  get(field: number): string | undefined {
    return this.strings[field];
  }

  set(field: number, text: string): void {
    this.strings[field] = text;
    this.presence |= 1 << field;
  }

  remove(field: number): void {
    this.strings[field] = undefined;
    this.presence &= ~(1 << field);
  }

  get eventId(): string | undefined {
    return this.strings[FIELD.eventId];
  }

  get campaignId(): string | undefined {
    return this.strings[FIELD.campaignId];
  }

  get partnerId(): string | undefined {
    return this.strings[FIELD.partnerId];
  }

  /** Notes that the event is wrong. The first thing that is wrong is what is told. */
  refuse(reason: ReasonCode, message: string): void {
    if (this.verdict === UNDECIDED) this.overrule(reason, message);
  }

  /** Refuses the event for this reason, whatever was said of it before. */
  overrule(reason: ReasonCode, message: string): void {
    this.verdict = reason;
    this.reason = reason;
    this.message = message;
  }
}

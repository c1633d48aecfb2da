/** What clients have sent and what they were told: all that the oracle believes. */

export type EventType = 'impression' | 'click' | 'conversion';

export interface EventFacts {
  readonly eventId: string;
  readonly campaignId: string;
  readonly type: EventType;
  readonly transactionId?: string;
  /** The click that a conversion brings back. */
  readonly clickEventId?: string;
  readonly goal?: string;
}

/** What an answer says of an event; `stored`: that it was taken, and no more. */
export type Told = 'accepted' | 'duplicate' | 'rejected' | 'pending' | 'stored';

/** A decision as a postback's answer tells it. */
export interface ToldDecision {
  /** Partition, sequence and row, base 36, joined by `-`. */
  readonly decisionId: string;
  /** Name of the reason. */
  readonly reason: string;
}

/** One event and its story. */
export interface SentEvent extends EventFacts {
  /** Times it was sent such that it may have arrived. */
  attempts: number;
  /** Times an answer came. */
  answers: number;
  /** What the answers said. */
  readonly told: Set<Told>;
  readonly decisions: ToldDecision[];
  /** Click ids that it was told to have. */
  readonly clickIds: Set<string>;
  /** Moments by this machine's clock, in milliseconds since the epoch. */
  firstSentAt: number;
  lastAnsweredAt: number;
}

/** What one answer says of one event. */
export interface Answer {
  readonly told: Told;
  readonly reason?: string;
  readonly decisionId?: string;
  readonly clickId?: string;
}

export class Ledger {
  readonly events = new Map<string, SentEvent>();
  /** Answers that no client should have got, and what else was wrong while the run went on. */
  readonly complaints: string[] = [];
  /** Events of each campaign in all attempts that may have arrived, and in all answers. */
  readonly attempts = new Map<string, number>();
  readonly answers = new Map<string, number>();
  #answered = 0;

  /** Different events that were answered. */
  get answered(): number {
    return this.#answered;
  }

  /** Events are about to be sent. */
  sending(events: readonly EventFacts[], now: number): void {
    for (const facts of events) {
      const event = this.events.get(facts.eventId) ?? this.#add(facts, now);
      event.attempts++;
      count(this.attempts, event.campaignId);
    }
  }

  /** The last attempt cannot have arrived. */
  unsent(events: readonly EventFacts[]): void {
    for (const { eventId, campaignId } of events) {
      (this.events.get(eventId) as SentEvent).attempts--;
      count(this.attempts, campaignId, -1);
    }
  }

  /** An event that was sent once has not been taken, and will not be sent again. */
  forget({ eventId, campaignId }: EventFacts): void {
    this.events.delete(eventId);
    count(this.attempts, campaignId, -1);
  }

  /** An event was answered. */
  answer({ eventId }: EventFacts, answer: Answer, now: number): void {
    const event = this.events.get(eventId) as SentEvent;
    if (event.answers++ === 0) this.#answered++;
    count(this.answers, event.campaignId);
    event.lastAnsweredAt = now;
    event.told.add(answer.told);
    if (answer.clickId !== undefined) event.clickIds.add(answer.clickId);
    if (answer.decisionId !== undefined)
      event.decisions.push({ decisionId: answer.decisionId, reason: answer.reason ?? '' });
  }

  complain(text: string): void {
    this.complaints.push(text);
  }

  #add(facts: EventFacts, now: number): SentEvent {
    const event: SentEvent = {
      ...facts,
      attempts: 0,
      answers: 0,
      told: new Set(),
      decisions: [],
      clickIds: new Set(),
      firstSentAt: now,
      lastAnsweredAt: 0,
    };
    this.events.set(facts.eventId, event);
    return event;
  }
}

function count(counts: Map<string, number>, key: string, times = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + times);
}

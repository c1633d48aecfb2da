/** What an actor makes known: domain events, until the block takes them. */
import type { ActorKind } from '../model/command.ts';
import {
  type DomainEvent,
  type DomainEventData,
  type DomainEventType,
  domainEventId,
} from '../model/domain-event.ts';

/** Makes something known. */
export type Announce = (type: DomainEventType, data: DomainEventData) => void;

/** Domain events of one actor that are not in a block yet, in the order in which they happened. */
export class Announcements {
  readonly #kind: ActorKind;
  readonly #actorId: string;
  #events: DomainEvent[] = [];
  #sequence = 0;
  #index = 0;

  constructor(kind: ActorKind, actorId: string) {
    this.#kind = kind;
    this.#actorId = actorId;
  }

  /** @param sequence the record that gives rise to what is announced, and its record time */
  at(sequence: number, time: number): Announce {
    return (type, data) => {
      if (sequence !== this.#sequence) this.#index = 0;
      this.#sequence = sequence;
      const id = domainEventId(this.#kind, this.#actorId, sequence, this.#index++);
      this.#events.push({ id, type, actorKind: this.#kind, actorId: this.#actorId, time, data });
    };
  }

  take(): readonly DomainEvent[] {
    if (this.#events.length === 0) return NOTHING;
    const events = this.#events;
    this.#events = [];
    return events;
  }
}

const NOTHING: readonly DomainEvent[] = [];

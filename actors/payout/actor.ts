/** The payout actor. */
import type { Query, QueryAnswers } from '../../model/actor-gateway.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Message } from '../../model/message.ts';
import type { Actor, ActorDocument, ActorFactory } from '../actor.ts';

class PayoutActor implements Actor {
  readonly id: string;
  readonly applied = 0;
  readonly exists = false;

  constructor(id: string) {
    this.id = id;
  }

  command({ name }: Command): CommandAnswer {
    return {
      ok: false,
      failure: { code: 'invalid_argument', message: `a payout knows no command ${name}` },
    };
  }

  receive({ name }: Message): void {
    throw new Error(`a payout knows no message ${name}`);
  }

  query<K extends Query['kind']>(): QueryAnswers[K] {
    return undefined as QueryAnswers[K];
  }

  dueAt(): undefined {
    return undefined;
  }

  onTime(): void {}

  takeSummary(): undefined {
    return undefined;
  }

  takeDomainEvents(): readonly DomainEvent[] {
    return [];
  }

  takeMessages(): readonly Message[] {
    return [];
  }

  save(): ActorDocument[] {
    return [];
  }
}

/** Makes payout actors. */
export function payoutActors(): ActorFactory {
  return { load: async (id) => new PayoutActor(id) };
}

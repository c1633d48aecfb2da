/** The partner actor: its state and what it makes known, held together for the runtime. */
import type { Query, QueryAnswers } from '../../model/actor-gateway.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Message } from '../../model/message.ts';
import type { PartnerStatus, PartnerSummary } from '../../model/partner.ts';
import type { StandingPayload } from '../../model/payout-messages.ts';
import { type Actor, type ActorDocument, type ActorFactory, STATE_DOCUMENT } from '../actor.ts';
import { Announcements } from '../announcements.ts';
import { decodeSnapshot, encodeSnapshot, type PartnerSnapshot } from './codec.ts';
import { handleCommand } from './commands.ts';
import type { PartnerState } from './state.ts';
import { campaignsOf, summaryOf, viewOf } from './view.ts';

class PartnerActor implements Actor {
  readonly id: string;
  readonly #announcements: Announcements;
  #state: PartnerState | undefined;
  #applied = 0;
  #summaryRevision = 0;
  #messages: Message[] = [];

  constructor(id: string) {
    this.id = id;
    this.#announcements = new Announcements('partner', id);
  }

  get applied(): number {
    return this.#applied;
  }

  get exists(): boolean {
    return this.#state !== undefined;
  }

  command(command: Command, time: number, sequence: number): CommandAnswer {
    const announce = this.#announcements.at(sequence, time);
    const before = statusOf(this.#state);
    const outcome = handleCommand(this.#state, { command, time, sequence, announce });
    this.#state = outcome.state;
    this.#tellStanding(before);
    this.#applied = sequence;
    return outcome.answer;
  }

  receive({ name }: Message): void {
    throw new Error(`a partner knows no message ${name}`);
  }

  takeMessages(): readonly Message[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  query<K extends Query['kind']>(kind: K): QueryAnswers[K] {
    const state = this.#state;
    const answers: Partial<{ [Kind in Query['kind']]: () => QueryAnswers[Kind] }> = {
      partner: () => state && viewOf(state),
      partner_campaigns: () => state && campaignsOf(state),
      partner_contents: () => state && [...state.contents],
    };
    return answers[kind]?.() as QueryAnswers[K];
  }

  dueAt(): undefined {
    return undefined;
  }

  onTime(_time: number, sequence: number): void {
    this.#applied = sequence;
  }

  takeSummary(): PartnerSummary | undefined {
    const state = this.#state;
    if (!state || state.revision === this.#summaryRevision) return undefined;
    this.#summaryRevision = state.revision;
    return summaryOf(state);
  }

  takeDomainEvents(): readonly DomainEvent[] {
    return this.#announcements.take();
  }

  save(applied: number): ActorDocument[] {
    if (!this.#state) return [];
    return [{ name: STATE_DOCUMENT, value: encodeSnapshot({ state: this.#state, applied }) }];
  }

  restore({ state, applied }: PartnerSnapshot): void {
    this.#state = state;
    this.#applied = applied;
    this.#summaryRevision = state.revision;
  }

  /** A partner that is suspended is paid nothing: its account must know. */
  #tellStanding(before: PartnerStatus): void {
    const status = statusOf(this.#state);
    if (status === before) return;
    const payload: StandingPayload = { isSuspended: status === 'SUSPENDED' };
    this.#messages.push({ actorKind: 'account', actorId: this.id, name: 'standing', payload });
  }
}

/** Whether it is suspended; one that is not known is not. */
function statusOf(state: PartnerState | undefined): PartnerStatus {
  return state?.definition.status ?? 'ACTIVE';
}

/** Makes partner actors. */
export function partnerActors(): ActorFactory {
  return {
    async load(id, read) {
      const actor = new PartnerActor(id);
      const document = await read(STATE_DOCUMENT);
      if (document) actor.restore(decodeSnapshot(document.value));
      return actor;
    },
  };
}

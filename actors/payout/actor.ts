/** The payout actor: its state and what it wants done outside, held together for the runtime. */
import type { Query, QueryAnswers } from '../../model/actor-gateway.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Message } from '../../model/message.ts';
import type { OpenPayload, RefusedPayload, ReservedPayload } from '../../model/payout-messages.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import { type Actor, type ActorDocument, type ActorFactory, STATE_DOCUMENT } from '../actor.ts';
import { Announcements } from '../announcements.ts';
import { decodeSnapshot, encodeSnapshot, type PayoutSnapshot } from './codec.ts';
import { handleCommand } from './commands.ts';
import type { Effects } from './effects.ts';
import { open, refused, reserved } from './request.ts';
import { attempt } from './settlement.ts';
import type { PayoutState } from './state.ts';
import { viewOf } from './view.ts';

class PayoutActor implements Actor {
  readonly id: string;
  readonly #announcements: Announcements;
  #state: PayoutState | undefined;
  #applied = 0;
  #messages: Message[] = [];
  #orders: TransferOrder[] = [];

  constructor(id: string) {
    this.id = id;
    this.#announcements = new Announcements('payout', id);
  }

  get applied(): number {
    return this.#applied;
  }

  get exists(): boolean {
    return this.#state !== undefined;
  }

  command(command: Command, time: number, sequence: number): CommandAnswer {
    const outcome = handleCommand(this.#state, command, this.#effects(time, sequence));
    this.#state = outcome.state;
    this.#applied = sequence;
    return outcome.answer;
  }

  receive({ name, payload }: Message, time: number, sequence: number): void {
    const effects = this.#effects(time, sequence);
    const state = this.#state;
    switch (name) {
      case 'open':
        // Its reference is that of a schedule, which nobody else may use: one that is there is this one.
        this.#state ??= open(this.id, payload as OpenPayload, effects);
        break;
      case 'reserved':
        reserved(this.#known(state, name), payload as ReservedPayload, effects);
        break;
      case 'refused':
        refused(this.#known(state, name), payload as RefusedPayload, effects);
        break;
      default:
        throw new Error(`a payout knows no message ${name}`);
    }
    this.#applied = sequence;
  }

  query<K extends Query['kind']>(kind: K): QueryAnswers[K] {
    const view = kind === 'payout' && this.#state ? viewOf(this.#state) : undefined;
    return view as QueryAnswers[K];
  }

  dueAt(): number | undefined {
    return this.#state?.nextAttemptAt;
  }

  onTime(time: number, sequence: number): void {
    const state = this.#state;
    if (state?.nextAttemptAt !== undefined && state.nextAttemptAt <= time)
      attempt(state, this.#effects(time, sequence));
    this.#applied = sequence;
  }

  takeSummary(): undefined {
    return undefined;
  }

  takeDomainEvents(): readonly DomainEvent[] {
    return this.#announcements.take();
  }

  takeMessages(): readonly Message[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  takeTransfers(): readonly TransferOrder[] {
    const orders = this.#orders;
    this.#orders = [];
    return orders;
  }

  awaitsTransfer(attempt: number): boolean {
    return this.#state?.awaited === attempt;
  }

  save(applied: number): ActorDocument[] {
    if (!this.#state) return [];
    return [{ name: STATE_DOCUMENT, value: encodeSnapshot({ state: this.#state, applied }) }];
  }

  restore({ state, applied }: PayoutSnapshot): void {
    this.#state = state;
    this.#applied = applied;
  }

  #known(state: PayoutState | undefined, message: string): PayoutState {
    if (!state) throw new Error(`there is no payout ${this.id} to tell of ${message}`);
    return state;
  }

  #effects(time: number, sequence: number): Effects {
    return {
      time,
      announce: this.#announcements.at(sequence, time),
      tell: (message) => this.#messages.push(message),
      order: (order) => this.#orders.push(order),
    };
  }
}

/** Makes payout actors. */
export function payoutActors(): ActorFactory {
  return {
    async load(id, read) {
      const actor = new PayoutActor(id);
      const document = await read(STATE_DOCUMENT);
      if (document) actor.restore(decodeSnapshot(document.value));
      return actor;
    },
  };
}

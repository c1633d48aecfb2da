/** The account actor: a partner's books, what it makes known and what it tells others, held together for the runtime. */
import type { Query, QueryAnswers } from '../../model/actor-gateway.ts';
import type { TableRows } from '../../model/columns/table-rows.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Message, MessageOrigin } from '../../model/message.ts';
import { type Actor, type ActorDocument, type ActorFactory, STATE_DOCUMENT } from '../actor.ts';
import { Announcements } from '../announcements.ts';
import { type LoadedAccount, loadState, saveState } from './codec.ts';
import { handleCommand } from './commands.ts';
import { Journal } from './journal.ts';
import { addEntry } from './ledger-row.ts';
import { Parts } from './parts.ts';
import type { Given } from './payouts.ts';
import { dueAt, onTime, receive } from './receive.ts';
import { type AccountState, emptyAccount } from './state.ts';
import { lotsOf, viewOf } from './view.ts';

class AccountActor implements Actor {
  readonly id: string;
  readonly #announcements: Announcements;
  readonly #journal = new Journal();
  #messages: Message[] = [];
  #state: AccountState | undefined;
  #parts = new Parts();
  #applied = 0;

  constructor(id: string) {
    this.id = id;
    this.#announcements = new Announcements('account', id);
  }

  get applied(): number {
    return this.#applied;
  }

  get exists(): boolean {
    return this.#state !== undefined;
  }

  command(command: Command, time: number, sequence: number): CommandAnswer {
    const state = this.#state ?? emptyAccount(this.id);
    const answer = handleCommand(state, command, time);
    if (answer.ok) this.#state = state;
    this.#applied = sequence;
    return answer;
  }

  receive(message: Message, time: number, sequence: number, from: MessageOrigin): void {
    const state = this.#state ?? emptyAccount(this.id);
    receive(state, message, this.#given(time, sequence, from));
    this.#state = state;
    this.#applied = sequence;
  }

  query<K extends Query['kind']>(kind: K): QueryAnswers[K] {
    const state = this.#state;
    const answers: Partial<{ [Kind in Query['kind']]: () => QueryAnswers[Kind] }> = {
      account: () => state && viewOf(state),
      lots: () => state && lotsOf(state),
    };
    return answers[kind]?.() as QueryAnswers[K];
  }

  dueAt(): number | undefined {
    return this.#state && dueAt(this.#state);
  }

  onTime(time: number, sequence: number): void {
    if (this.#state) onTime(this.#state, this.#given(time, sequence, undefined));
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

  writeLedger(rows: TableRows, partition: number): void {
    for (const entry of this.#journal.take()) addEntry(rows, entry, this.id, partition);
  }

  save(applied: number): ActorDocument[] {
    return this.#state ? saveState(this.#state, this.#parts, applied) : [];
  }

  restore({ state, parts, applied }: LoadedAccount): void {
    this.#state = state;
    this.#parts = parts;
    this.#applied = applied;
  }

  #given(time: number, sequence: number, origin: MessageOrigin | undefined): Given {
    this.#journal.begin(sequence, time, origin);
    return {
      journal: this.#journal,
      announce: this.#announcements.at(sequence, time),
      time,
      send: (message) => this.#messages.push(message),
    };
  }
}

/** Makes account actors. */
export function accountActors(): ActorFactory {
  return {
    async load(id, read) {
      const actor = new AccountActor(id);
      const document = await read(STATE_DOCUMENT);
      if (document) actor.restore(await loadState(document.value, read));
      return actor;
    },
  };
}

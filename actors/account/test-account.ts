/** An account in memory, for tests. */
import type { AccountBalance, AccountLots, AccountView, PayoutTerms } from '../../model/account.ts';
import { readNative } from '../../model/columns/native-reader.ts';
import { TableRows } from '../../model/columns/table-rows.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import type { AssignedCommissions, ReversedCommission } from '../../model/commissions.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { Message } from '../../model/message.ts';
import { LEDGER_ENTRIES } from '../../storage/warehouse/schema.ts';
import type { Actor } from '../actor.ts';
import { command, NOON } from '../test-support.ts';
import { accountActors } from './actor.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const PARTNER = 'p1';
const PARTITION = 7;

/** An entry of the warehouse's table, as far as tests look at it. */
export interface EntryRow {
  readonly currency: string;
  readonly account: string;
  readonly micros: bigint;
  readonly cause: string;
  readonly campaignId: string;
  readonly releaseAt: number;
  readonly payoutId: string;
  readonly decisionId: string;
  readonly source: number;
}

/** An account actor, its documents, and all that has come of it. */
export class TestAccount {
  readonly documents = new Map<string, Uint8Array>();
  readonly events: DomainEvent[] = [];
  readonly messages: Message[] = [];
  readonly entries: EntryRow[] = [];
  time = NOON;
  #actor: Actor | undefined;
  #sequence = 0;

  static async create(): Promise<TestAccount> {
    const account = new TestAccount();
    await account.reload();
    return account;
  }

  /** Forgets the actor and makes it anew from what was saved. */
  async reload(): Promise<void> {
    this.#actor = await accountActors().load(PARTNER, async (name) => {
      const value = this.documents.get(name);
      return value && { value, revision: 1 };
    });
  }

  get actor(): Actor {
    if (!this.#actor) throw new Error('the account is not loaded');
    return this.#actor;
  }

  /** A message of this sender, as the partition would bring it. */
  tell(name: string, payload: unknown): this {
    const message = JSON.parse(JSON.stringify({ actorKind: 'account', actorId: PARTNER, name, payload }));
    this.#fire();
    this.actor.receive(message, this.time, ++this.#sequence, { from: 3, upTo: this.#sequence * 10 });
    return this.#take();
  }

  do(name: string, payload: unknown, more: Partial<Command> = {}): CommandAnswer {
    this.#fire();
    const sent = command(name, { actorKind: 'account', actorId: PARTNER, payload, ...more });
    const answer = this.actor.command(sent, this.time, ++this.#sequence);
    this.#take();
    return answer;
  }

  setTerms(terms: Partial<PayoutTerms>): CommandAnswer {
    return this.do('set_terms', { schedule: 'NONE', minimums: [], ...terms });
  }

  /** Lets record time go on, with whatever falls due in between at the end of it. */
  advance(ms: number): this {
    this.time += ms;
    this.#sequence++;
    this.#fire();
    return this.#take();
  }

  /** Commissions of a campaign, `hours` of release from the present hour on. */
  earn(micros: number | bigint, hours = 0, campaignId = 'c1', currency = 'USD'): this {
    const releaseAt = Math.floor(this.time / HOUR) * HOUR + hours * HOUR;
    const assigned: AssignedCommissions[] = [
      { releaseAt, micros: String(micros), conversions: 1, clicks: 0, impressions: 0 },
    ];
    return this.tell('commissions', { campaignId, currency, assigned, reversed: [] });
  }

  refund(micros: number | bigint, releaseAt: number, campaignId = 'c1', currency = 'USD'): this {
    const reversed: ReversedCommission[] = [
      { releaseAt, micros: String(micros), decisionId: 'd1', reason: 'returned' },
    ];
    return this.tell('commissions', { campaignId, currency, assigned: [], reversed });
  }

  /** Asks for money for a payout; gives the answer. */
  reserve(payoutId: string, micros?: number | bigint, isAdvance = false, currency = 'USD'): Message {
    const amount = micros === undefined ? {} : { micros: String(micros) };
    this.tell('reserve', { payoutId, currency, isAdvance, ...amount });
    return this.messages.at(-1) as Message;
  }

  settle(payoutId: string, isPaid: boolean): this {
    return this.tell('settle', { payoutId, isPaid });
  }

  get view(): AccountView {
    return this.actor.query('account', this.time) as AccountView;
  }

  get lots(): AccountLots['lots'] {
    return this.actor.query('lots', this.time)?.lots ?? [];
  }

  /** None, if there is no account yet. */
  get balances(): AccountView['balances'] {
    return this.actor.query('account', this.time)?.balances ?? [];
  }

  balance(currency = 'USD'): AccountBalance {
    const found = this.view.balances.find((balance) => balance.currency === currency);
    if (!found) throw new Error(`there is no balance in ${currency}`);
    return found;
  }

  eventsOf(type: DomainEvent['type']): DomainEvent['data'][] {
    return this.events.filter((event) => event.type === type).map(({ data }) => data);
  }

  /** Saves the block; gives the bytes of the state. */
  save(): Uint8Array {
    let state = new Uint8Array(0);
    for (const { name, value } of this.actor.save(this.#sequence)) {
      if (value === undefined) this.documents.delete(name);
      else this.documents.set(name, value);
      if (name === 'state' && value) state = Uint8Array.from(value);
    }
    return state;
  }

  #fire(): void {
    const due = this.actor.dueAt();
    if (due !== undefined && due <= this.time) this.actor.onTime(this.time, this.#sequence);
  }

  #take(): this {
    this.events.push(...this.actor.takeDomainEvents());
    this.messages.push(...this.actor.takeMessages());
    const rows = new TableRows(LEDGER_ENTRIES);
    this.actor.writeLedger?.(rows, PARTITION);
    this.entries.push(...entriesOf(rows.take()));
    return this;
  }
}

function entriesOf(data: Uint8Array): EntryRow[] {
  return readNative(LEDGER_ENTRIES, data).map((values) => {
    const row = new Map(LEDGER_ENTRIES.map(({ name }, index) => [name, String(values[index])]));
    const text = (name: string): string => row.get(name) as string;
    return {
      currency: text('currency'),
      account: text('account'),
      micros: BigInt(text('amount_micros')),
      cause: text('cause'),
      campaignId: text('campaign_id'),
      releaseAt: Number(text('release_at')),
      payoutId: text('payout_id'),
      decisionId: text('decision_id'),
      source: Number(text('source_sequence')),
    };
  });
}

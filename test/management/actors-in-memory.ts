/**
 * A gateway to actors without log or threads: the real actors of every kind, a sequence number and a clock of the
 * test's own. What actors tell each other arrives at once; what they ask of the payment gateway waits for `pay`.
 * For tests of management alone.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ActorDocument } from '../../actors/actor.ts';
import { actorFactories } from '../../actors/actors.ts';
import { decodeSnapshot, encodeSlow, encodeSnapshot } from '../../actors/campaign/codec.ts';
import { Decision } from '../../actors/campaign/decide.ts';
import { type EventInput, eventsRecord, KEY } from '../../actors/test-support.ts';
import {
  type ActorGateway,
  type ActorObserver,
  ASKED_KIND,
  type EventDecision,
  type Query,
  type QueryAnswers,
  type Seen,
} from '../../model/actor-gateway.ts';
import type { Totals } from '../../model/campaign.ts';
import type { CampaignDirectory } from '../../model/campaign-directory.ts';
import type { ActorKind, Command, CommandAnswer } from '../../model/command.ts';
import { REPLAY_LETTER } from '../../model/dead-letter.ts';
import { type ReasonName, reasonName } from '../../model/decision.ts';
import type { DomainEvent } from '../../model/domain-event.ts';
import type { TurnpikeError } from '../../model/errors.ts';
import { EventBatch } from '../../model/event-batch.ts';
import type { Message } from '../../model/message.ts';
import { NOTHING_OUTGOING, type OutboxStatistics, sumOfOutboxes } from '../../model/outbox.ts';
import { PartnerDirectory } from '../../model/partner-directory.ts';
import { isCampaignSummary } from '../../model/summary.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import { ActorStore } from './actor-store.ts';
import { WaitingRows } from './waiting-rows.ts';

/** Who reports what the payment gateway has said. */
const SYSTEM = { subject: 'system' };

/** For how long nothing may happen to what is watched, and how often that is looked at. */
const WATCH_MS = 200;
const LOOK_EVERY_MS = 5;

/** All actors are of one. */
const PARTITION = 0;

/** Of a record that only brings the time. */
const noEffect = (): Promise<void> => Promise.resolve();

export class ActorsInMemory implements ActorGateway, ActorObserver {
  /** Every command that was sent by others than the actors, in order. */
  readonly commands: Command[] = [];
  /** What has happened to the actors, in order. */
  readonly events: DomainEvent[] = [];
  /** Transfers that nobody has asked the payment gateway for yet. */
  readonly orders: TransferOrder[] = [];
  /** Campaigns whose settlement was awaited; `*`: that of all. */
  readonly settlements: string[] = [];
  /** Partitions whose saving was awaited; `*`: that of all. */
  readonly savings: (number | '*')[] = [];
  /** What replays of dead letters are answered. */
  replay: (command: Command) => CommandAnswer = () => {
    throw new Error('no replay was expected');
  };
  /** Where rows go when their settlement is awaited; nowhere unless set. */
  warehouse: Pick<Warehouse, 'insert'> | undefined;
  /** What every call fails with, while set: an expected failure, or a bug. */
  failure: TurnpikeError | Error | undefined;
  /** What actors have been told and do not know yet. */
  readonly #messages: Message[] = [];
  /** What is to be inserted into the warehouse. */
  readonly #rows = new WaitingRows(PARTITION);
  readonly #store = new ActorStore(actorFactories(KEY));
  readonly #directory: CampaignDirectory;
  readonly #partnerDirectory: PartnerDirectory;
  readonly #now: () => number;
  #sequence = 0;
  /** The sequence of what `count` has added last. */
  #counted = 0;
  /** What was begun last: records are applied one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    directory: CampaignDirectory,
    now: () => number,
    partnerDirectory: PartnerDirectory = new PartnerDirectory(),
  ) {
    this.#directory = directory;
    this.#now = now;
    this.#partnerDirectory = partnerDirectory;
  }

  async execute(command: Command): Promise<CommandAnswer> {
    if (this.failure) throw this.failure;
    // What goes through the log is JSON.
    const sent = JSON.parse(JSON.stringify(command)) as Command;
    this.commands.push(sent);
    if (sent.name === REPLAY_LETTER) return this.replay(sent);
    return this.#inTurn(() => this.#command(sent));
  }

  async query<K extends Query['kind']>(actorId: string, { kind }: { kind: K }): Promise<QueryAnswers[K]> {
    if (this.failure) throw this.failure;
    return this.#inTurn(async () => {
      await this.#record(noEffect);
      const actor = await this.#store.actor(ASKED_KIND[kind], actorId);
      return actor.query(kind, this.#now());
    });
  }

  async changed<K extends Query['kind']>(
    actorId: string,
    queries: readonly K[],
    after = -1,
  ): Promise<Seen<K> | undefined> {
    const end = performance.now() + WATCH_MS;
    do {
      if (this.failure) throw this.failure;
      const seen = await this.#inTurn(() => this.#look(actorId, queries));
      if (seen.at > after) return seen;
      await delay(LOOK_EVERY_MS);
    } while (performance.now() < end);
    return undefined;
  }

  async #look<K extends Query['kind']>(actorId: string, queries: readonly K[]): Promise<Seen<K>> {
    const actors = await Promise.all(queries.map((kind) => this.#store.actor(ASKED_KIND[kind], actorId)));
    const answers = queries.map((kind, index) => [kind, actors[index]?.query(kind, this.#now())]);
    const at = Math.max(this.#counted, ...actors.map(({ applied }) => applied));
    return { at, answers: Object.fromEntries(answers) };
  }

  async decision(): Promise<EventDecision | undefined> {
    return undefined;
  }

  async settled(campaignId = '*'): Promise<void> {
    if (this.failure) throw this.failure;
    this.settlements.push(campaignId);
    if (this.warehouse) for (const block of this.#rows.take()) await this.warehouse.insert(block);
  }

  async saved(partition?: number): Promise<void> {
    if (this.failure) throw this.failure;
    this.savings.push(partition ?? '*');
  }

  async outbox(): Promise<OutboxStatistics> {
    if (this.failure) throw this.failure;
    return { ...sumOfOutboxes([]), transfers: { ...NOTHING_OUTGOING, pending: this.orders.length } };
  }

  /** What the campaigns say of these events, which come now. */
  async track(events: readonly EventInput[]): Promise<ReasonName[]> {
    const batch = new EventBatch(eventsRecord(events));
    const decision = new Decision();
    return this.#inTurn(() =>
      this.#record(async () => {
        const reasons: ReasonName[] = [];
        for (const [row, { campaignId = 'c1' }] of events.entries()) {
          const actor = await this.#store.actor('campaign', campaignId);
          batch.seek(row);
          actor.event(batch, false, this.#now(), this.#sequence, decision);
          this.#rows.addEvent(batch, decision, this.#sequence, row, this.#now());
          reasons.push(reasonName(decision.reason));
        }
        for (const { campaignId = 'c1' } of events) await this.#settle('campaign', campaignId);
        return reasons;
      }),
    );
  }

  /** Tells an actor something in the place of another one, and lets what follows happen. */
  async tell(message: Message): Promise<void> {
    await this.#inTurn(() => this.#deliver(message));
  }

  /** Lets what is due by the clock happen. */
  async tick(): Promise<void> {
    await this.#inTurn(() => this.#record(noEffect));
  }

  /**
   * Asks a payment gateway for the transfers that wait, and reports what it said of each.
   *
   * @returns the orders that it was given
   */
  async pay(gateway: Pick<Gateway, 'transfer'>): Promise<TransferOrder[]> {
    const orders = this.orders.splice(0);
    for (const order of orders) {
      const outcome = await gateway.transfer(order);
      const payload = JSON.parse(JSON.stringify({ attempt: order.attempt, outcome }));
      const commandId = `transfer-${order.payoutId}-${order.attempt}`;
      const report = { commandId, actorKind: 'payout', actorId: order.payoutId, principal: SYSTEM } as const;
      await this.#inTurn(() => this.#command({ ...report, name: 'report_transfer', payload }));
    }
    return orders;
  }

  /** Has all actors read again from what they have saved, as after a crash. */
  restart(): void {
    this.#store.passivate();
  }

  /** Forgets all actors. */
  reset(): void {
    this.#store.clear();
    this.orders.length = 0;
    this.events.length = 0;
  }

  /** Adds to a campaign's figures what events would have added. */
  count(campaignId: string, totals: Partial<Totals>): void {
    this.#counted = ++this.#sequence;
    this.#store.change('campaign', campaignId, (saved) => {
      const snapshot = decodeSnapshot(saved);
      Object.assign(snapshot.state.totals, totals);
      return encodeSnapshot(snapshot, encodeSlow(snapshot.state));
    });
  }

  /** Begins `work` when everything that was begun before is done; ends it when what it has brought about is done. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const done = await work();
      for (let next = this.#messages.shift(); next; next = this.#messages.shift()) await this.#deliver(next);
      return done;
    });
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #command(command: Command): Promise<CommandAnswer> {
    const { actorKind, actorId } = command;
    return this.#record(async () => {
      const actor = await this.#store.actor(actorKind, actorId);
      await actor.prepare?.(command, this.#store.readerOf(actorKind, actorId));
      const answer = actor.command(command, this.#now(), this.#sequence);
      await this.#settle(actorKind, actorId);
      return answer;
    });
  }

  /** Applies a record, after what is due by its time. */
  async #record<T>(apply: () => Promise<T>): Promise<T> {
    this.#sequence++;
    const now = this.#now();
    for (const [kind, id] of this.#store.due(now)) {
      (await this.#store.actor(kind, id)).onTime(now, this.#sequence);
      await this.#settle(kind, id);
    }
    return apply();
  }

  /** What follows a change of an actor: it is saved, and what it says to others is told to them. */
  async #settle(kind: ActorKind, id: string): Promise<void> {
    const actor = await this.#store.actor(kind, id);
    const summary = actor.takeSummary();
    if (summary && isCampaignSummary(summary)) this.#directory.put(summary);
    else if (summary) this.#partnerDirectory.put(summary);
    const happened = actor.takeDomainEvents();
    this.events.push(...happened);
    this.#rows.addDomainEvents(happened, this.#sequence);
    // What goes through the log is JSON.
    const messages = JSON.stringify(actor.takeMessages());
    this.orders.push(...(actor.takeTransfers?.() ?? []));
    actor.writeLedger?.(this.#rows.ledger, PARTITION);
    const documents: readonly ActorDocument[] = actor.save(this.#sequence);
    this.#store.save(kind, id, documents);
    this.#messages.push(...(JSON.parse(messages) as Message[]));
  }

  async #deliver(message: Message): Promise<void> {
    const { actorKind, actorId } = message;
    await this.#record(async () => {
      const actor = await this.#store.actor(actorKind, actorId);
      actor.receive(message, this.#now(), this.#sequence, { from: PARTITION, upTo: this.#sequence - 1 });
      await this.#settle(actorKind, actorId);
    });
  }
}

/** A partition worker: several partitions on one thread, and their side of the messages. */
import type { Logger } from 'pino';
import type { Clock } from '../../model/clock.ts';
import { type Failure, failureOf } from '../../model/errors.ts';
import type { Summary } from '../../model/summary.ts';
import type { EventBus } from '../../storage/events/port.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log } from '../../storage/log/port.ts';
import type { Snapshots } from '../../storage/snapshots/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import type { ActorFactories } from '../actor.ts';
import { Partition } from '../partition/partition.ts';
import { ToldAnswers } from './known-answers.ts';
import type { Asked, FromWorker } from './thread-messages.ts';

/** How often a worker looks whether a partition needs a tick, and says how far it is. */
const HEARTBEAT_MS = 100;
const TICK_RETRY_MS = 1_000;

export interface WorkerOptions {
  readonly log: Pick<Log, 'partitions' | 'read' | 'lastSequence' | 'append'>;
  readonly snapshots: Snapshots;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly gateway: Pick<Gateway, 'transfer'>;
  readonly factories: ActorFactories;
  readonly send: (message: FromWorker) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PartitionWorker {
  readonly #partitions = new Map<number, Partition>();
  readonly #options: WorkerOptions;
  readonly #told = new ToldAnswers();
  #heartbeat: Promise<void> | undefined;
  readonly #abort = new AbortController();
  /** When a tick was last asked for, by partition, wall-clock: one at a time, and again if it gets lost. */
  readonly #ticks = new Map<number, { readonly after: number; readonly at: number }>();

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#heartbeat ??= this.#live();
  }

  /** Begins to work a partition. */
  take(partition: number): void {
    if (this.#partitions.has(partition) || this.#abort.signal.aborted) return;
    const events = {
      summary: (summary: Summary) => this.#options.send({ kind: 'summary', summary }),
    };
    const taken = new Partition({ ...this.#options, partition, events });
    this.#partitions.set(partition, taken);
    taken.start();
  }

  /** Lets a partition finish what it is writing, gives it up, and says so. */
  async give(partition: number): Promise<void> {
    await this.#partitions.get(partition)?.stop();
    this.#partitions.delete(partition);
    this.#ticks.delete(partition);
    this.#options.send({ kind: 'given', partition });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([...this.#partitions.values()].map((partition) => partition.stop()));
    await this.#heartbeat;
  }

  /** Puts a question to a partition, and sends the reply. */
  ask(asked: Asked): void {
    const { send } = this.#options;
    const { id, partition, question } = asked;
    const answering = this.#partitions.get(partition);
    if (!answering) {
      const failure: Failure = { code: 'unavailable', message: `partition ${partition} is not here` };
      send({ kind: 'reply', id, failure });
      return;
    }
    answering.ask(question).then(
      (value) => send(this.#told.reply(asked, value)),
      (error: unknown) => send({ kind: 'reply', id, failure: failureOf(error) }),
    );
  }

  async #live(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      this.#beat();
      await this.#options.clock.sleep(HEARTBEAT_MS, signal);
    }
  }

  #beat(): void {
    const now = this.#options.clock.now();
    const progress = [];
    for (const partition of this.#partitions.values()) {
      partition.endWatches(now);
      const own = partition.progress;
      if (!own) continue;
      progress.push(own);
      if (!partition.needsTick(now)) continue;
      const asked = this.#ticks.get(own.partition);
      if (asked?.after === own.applied && now - asked.at < TICK_RETRY_MS) continue;
      this.#ticks.set(own.partition, { after: own.applied, at: now });
      this.#options.send({ kind: 'tick', partition: own.partition, after: own.applied });
    }
    this.#options.send({ kind: 'progress', progress });
  }
}

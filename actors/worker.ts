/** A partition worker: several partitions on one thread, and their side of the messages. */
import type { Logger } from 'pino';
import type { Clock } from '../model/clock.ts';
import type { ActorKind } from '../model/command.ts';
import { type Failure, TurnpikeError } from '../model/errors.ts';
import type { Log } from '../storage/log/port.ts';
import type { Snapshots } from '../storage/snapshots/port.ts';
import type { Warehouse, WarehouseBlock } from '../storage/warehouse/port.ts';
import type { ActorFactory } from './actor.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { Partition } from './partition.ts';

/** How often a worker looks whether a partition needs a tick, and says how far it is. */
const HEARTBEAT_MS = 100;
const TICK_RETRY_MS = 1_000;

export interface WorkerOptions {
  readonly partitions: readonly number[];
  readonly log: Pick<Log, 'read'>;
  readonly snapshots: Snapshots;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly factories: Readonly<Record<ActorKind, ActorFactory>>;
  readonly send: (message: FromWorker) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class PartitionWorker {
  readonly #partitions = new Map<number, Partition>();
  readonly #options: WorkerOptions;
  #heartbeat: Promise<void> | undefined;
  readonly #abort = new AbortController();
  /** When a tick was last asked for, by partition, wall-clock: one at a time, and again if it gets lost. */
  readonly #ticks = new Map<number, { readonly after: number; readonly at: number }>();

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { send } = options;
    const events = {
      summary: (summary) => send({ kind: 'summary', summary }),
      answer: (commandId, answer) => send({ kind: 'answer', commandId, answer }),
    } satisfies ConstructorParameters<typeof Partition>[0]['events'];
    for (const partition of options.partitions)
      this.#partitions.set(partition, new Partition({ ...options, partition, events }));
  }

  start(): void {
    for (const partition of this.#partitions.values()) partition.start();
    this.#heartbeat ??= this.#live();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([...this.#partitions.values()].map((partition) => partition.stop()));
    await this.#heartbeat;
  }

  /** Handles a query, a request for a decision, or a wait for the warehouse. */
  handle(message: Exclude<ToWorker, { kind: 'stop' | 'inserted' }>): void {
    const { send } = this.#options;
    const partition = this.#partitions.get(message.partition);
    const { id } = message;
    if (!partition) {
      const failure: Failure = { code: 'unavailable', message: `partition ${message.partition} is not here` };
      send({ kind: 'reply', id, failure });
      return;
    }
    switch (message.kind) {
      case 'query':
        partition.query(message.sequence, message.campaignId, message.query, (answer) => {
          answer.then(
            (value) => send({ kind: 'reply', id, ...(value === undefined ? {} : { value }) }),
            (error: unknown) => send({ kind: 'reply', id, failure: failureOf(error) }),
          );
        });
        break;
      case 'decision':
        partition.decision(message.sequence, message.row, (value) =>
          send({ kind: 'reply', id, ...(value === undefined ? {} : { value }) }),
        );
        break;
      case 'settled':
        partition.settled(message.sequence, () => send({ kind: 'reply', id }));
        break;
    }
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

export function failureOf(error: unknown): Failure {
  if (error instanceof TurnpikeError) return error.failure;
  return { code: 'unavailable', message: error instanceof Error ? error.message : String(error) };
}

/**
 * The warehouse as seen from a thread that must not open it itself: blocks are handed to the main thread,
 * and its answer is awaited.
 */
export class WarehouseProxy implements Pick<Warehouse, 'insert'> {
  readonly #send: (message: FromWorker) => void;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #nextId = 1;

  constructor(send: (message: FromWorker) => void) {
    this.#send = send;
  }

  insert(block: WarehouseBlock): Promise<void> {
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#send({ kind: 'insert', id, block });
    });
  }

  /** The main thread's answer. */
  inserted(id: number, failure: Failure | undefined): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure) waiting?.reject(new TurnpikeError(failure));
    else waiting?.resolve();
  }
}

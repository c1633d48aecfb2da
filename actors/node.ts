/**
 * The actors of this process as the rest of it sees them: worker threads that share out the partitions,
 * and the gateway to them. A thread that dies is replaced; its partitions go on from their cursors.
 */
import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { limits } from '../limits.ts';
import type { ActorGateway, EventDecision, Query, QueryAnswers } from '../model/actor-gateway.ts';
import type { CampaignDirectory } from '../model/campaign-directory.ts';
import type { Command, CommandAnswer } from '../model/command.ts';
import { TurnpikeError } from '../model/errors.ts';
import { partitionOf } from '../model/fingerprint.ts';
import { encodeCommand, TICK_RECORD } from '../model/record.ts';
import type { Log } from '../storage/log/port.ts';
import type { Warehouse } from '../storage/warehouse/port.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { PartitionProgress } from './partition.ts';
import { Requests } from './requests.ts';
import { failureOf } from './worker.ts';

const RESPAWN_MS = 500;

export interface ActorNodeOptions {
  readonly log: Log;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly directory: CampaignDirectory;
  /** Threads; each gets every n-th partition. */
  readonly workers: number;
  /** Starts a worker thread for these partitions. */
  readonly spawn: (partitions: readonly number[]) => Worker;
  readonly logger: Logger;
}

export class ActorNode implements ActorGateway {
  readonly #options: ActorNodeOptions;
  readonly #workers: (Worker | undefined)[] = [];
  readonly #requests = new Requests();
  readonly #answers = new Map<string, (answer: CommandAnswer) => void>();
  readonly #progress = new Map<number, PartitionProgress>();
  #progressed: (() => void)[] = [];
  #stopping = false;

  constructor(options: ActorNodeOptions) {
    this.#options = options;
  }

  /** Starts the threads; resolves when every partition has applied what its log held. */
  async start(): Promise<void> {
    const { log, workers } = this.#options;
    for (let index = 0; index < workers; index++) this.#spawn(index);
    for (let partition = 0; partition < log.partitions; partition++) {
      const tail = await log.lastSequence(partition);
      while ((this.#progress.get(partition)?.applied ?? -1) < tail)
        await new Promise<void>((resolve) => this.#progressed.push(resolve));
    }
  }

  /** Lets the threads finish what they are writing, and ends them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const ended = this.#workers.map(
      (worker) => worker && new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    );
    for (const worker of this.#workers) worker?.postMessage({ kind: 'stop' } satisfies ToWorker);
    await Promise.all(ended);
  }

  /** How far each partition is. */
  get progress(): Iterable<PartitionProgress> {
    return this.#progress.values();
  }

  async execute(command: Command): Promise<CommandAnswer> {
    if (this.#answers.size >= limits.commandsInFlight)
      throw new TurnpikeError({
        code: 'resource_exhausted',
        message: 'too many commands under way; try again',
      });
    const partition = this.#partitionOf(command.actorId);
    let timer: NodeJS.Timeout | undefined;
    // Registered before the append: the answer may come before the append is known to be durable.
    const promise = new Promise<CommandAnswer | undefined>((resolve) => {
      this.#answers.set(command.commandId, resolve);
      timer = setTimeout(() => resolve(undefined), limits.commandMs);
    });
    try {
      await this.#options.log.append(partition, command.commandId, encodeCommand(command));
      const answer = await promise;
      if (answer) return answer;
    } finally {
      clearTimeout(timer);
      this.#answers.delete(command.commandId);
    }
    throw new TurnpikeError({
      code: 'deadline_exceeded',
      message: 'the command was taken but its outcome is not known yet; repeat it with the same request id',
    });
  }

  async query<K extends Query['kind']>(campaignId: string, { kind }: { kind: K }): Promise<QueryAnswers[K]> {
    const partition = this.#partitionOf(campaignId);
    const sequence = await this.#options.log.lastSequence(partition);
    return this.#ask<QueryAnswers[K]>(
      partition,
      limits.queryMs,
      (id) => ({ kind: 'query', id, partition, sequence, campaignId, query: kind }),
      () => tooSlow('the actor did not answer in time'),
    );
  }

  decision(partition: number, sequence: number, row: number): Promise<EventDecision | undefined> {
    return this.#ask<EventDecision | undefined>(
      partition,
      limits.decisionMs,
      (id) => ({ kind: 'decision', id, partition, sequence, row }),
      () => undefined,
    );
  }

  async settled(campaignId: string): Promise<void> {
    const partition = this.#partitionOf(campaignId);
    const sequence = await this.#options.log.lastSequence(partition);
    await this.#ask<void>(
      partition,
      limits.commandMs,
      (id) => ({ kind: 'settled', id, partition, sequence }),
      () => tooSlow('the warehouse is behind'),
    );
  }

  #partitionOf(actorId: string): number {
    return partitionOf(actorId, this.#options.log.partitions);
  }

  #ask<T>(partition: number, ms: number, message: (id: number) => ToWorker, expired: () => T): Promise<T> {
    if (this.#requests.size >= limits.queriesInFlight)
      return Promise.reject(
        new TurnpikeError({ code: 'resource_exhausted', message: 'too many queries under way; try again' }),
      );
    const index = partition % this.#options.workers;
    const worker = this.#workers[index];
    if (!worker)
      return Promise.reject(
        new TurnpikeError({ code: 'unavailable', message: 'the actors are restarting; try again' }),
      );
    return this.#requests.ask(index, ms, (id) => worker.postMessage(message(id)), expired);
  }

  #spawn(index: number): void {
    const { log, workers, spawn, logger } = this.#options;
    const partitions = Array.from({ length: log.partitions }, (_, partition) => partition).filter(
      (partition) => partition % workers === index,
    );
    const worker = spawn(partitions);
    this.#workers[index] = worker;
    worker.on('message', (message: FromWorker) => this.#receive(worker, message));
    worker.on('error', (error) => logger.error({ err: error, worker: index }, 'actor thread failed'));
    worker.on('exit', (code) => {
      this.#workers[index] = undefined;
      this.#requests.abandon(index);
      if (this.#stopping) return;
      logger.error({ worker: index, code }, 'actor thread ended; starting another');
      setTimeout(() => this.#stopping || this.#spawn(index), RESPAWN_MS);
    });
  }

  #receive(worker: Worker, message: FromWorker): void {
    switch (message.kind) {
      case 'summary':
        this.#options.directory.put(message.summary);
        break;
      case 'answer':
        this.#answers.get(message.commandId)?.(message.answer);
        break;
      case 'reply':
        this.#requests.reply(message.id, message.value, message.failure);
        break;
      case 'insert':
        this.#options.warehouse.insert(message.block).then(
          () => worker.postMessage({ kind: 'inserted', id: message.id } satisfies ToWorker),
          (error: unknown) =>
            worker.postMessage({
              kind: 'inserted',
              id: message.id,
              failure: failureOf(error),
            } satisfies ToWorker),
        );
        break;
      case 'tick':
        this.#tick(message.partition, message.after);
        break;
      case 'progress':
        this.#note(message.progress);
        break;
    }
  }

  /** A tick has the id of what it follows, so that asking twice appends once. */
  #tick(partition: number, after: number): void {
    const { log, logger } = this.#options;
    log.append(partition, `tick-${partition}-${after}`, TICK_RECORD).catch((error: unknown) => {
      logger.warn({ err: error, partition }, 'tick not appended; the worker asks again');
    });
  }

  #note(progress: readonly PartitionProgress[]): void {
    for (const one of progress) this.#progress.set(one.partition, one);
    const progressed = this.#progressed;
    this.#progressed = [];
    for (const resolve of progressed) resolve();
  }
}

function tooSlow(message: string): never {
  throw new TurnpikeError({ code: 'deadline_exceeded', message: `${message}; try again` });
}

/**
 * An actor node: worker threads that share out the partitions this process works. It takes and gives up
 * partitions, and answers the questions that are put to them. A thread that dies is replaced; its
 * partitions go on from their cursors.
 */
import type { Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import { failureOf, TurnpikeError } from '../../model/errors.ts';
import { TICK_RECORD } from '../../model/record.ts';
import type { Calls } from '../../storage/calls/port.ts';
import type { EventBus } from '../../storage/events/port.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log } from '../../storage/log/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import type { PartitionProgress } from '../partition/partition.ts';
import { Gathered } from './gathered.ts';
import { KnownAnswers } from './known-answers.ts';
import { Requests, tooMany } from './requests.ts';
import type { Asked, FromThread, Question, ToWorker } from './thread-messages.ts';

const RESPAWN_MS = 500;

export interface ActorNodeOptions {
  readonly log: Pick<Log, 'append' | 'lastSequence'>;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly gateway: Pick<Gateway, 'transfer'>;
  readonly calls: Pick<Calls, 'serve' | 'announce'>;
  /** Threads. */
  readonly workers: number;
  /** Starts a worker thread. */
  readonly spawn: () => Worker;
  readonly logger: Logger;
}

/** A partition that this node works. */
interface Tenure {
  /** Index of the thread. */
  readonly worker: number;
  readonly stopServing: () => void;
  isLeaving: boolean;
  /** Called when the thread has given the partition up, or died. */
  given: () => void;
}

export class ActorNode {
  readonly #options: ActorNodeOptions;
  readonly #workers: (Worker | undefined)[] = [];
  /** For each thread, questions of this turn of the event loop. */
  readonly #asked: readonly Gathered<Asked>[];
  readonly #tenures = new Map<number, Tenure>();
  readonly #requests = new Requests(limits.commandMs);
  readonly #known = new KnownAnswers();
  /** Requests that wait for something to happen. */
  #watches = 0;
  readonly #progress = new Map<number, PartitionProgress>();
  #progressed: (() => void)[] = [];
  #stopping = false;

  constructor(options: ActorNodeOptions) {
    this.#options = options;
    this.#asked = Array.from(
      { length: options.workers },
      (_, index) =>
        new Gathered<Asked>(setImmediate, (asked) =>
          this.#workers[index]?.postMessage({ kind: 'ask', asked } satisfies ToWorker),
        ),
    );
    for (let index = 0; index < options.workers; index++) this.#spawn(index);
  }

  /** Begins to work a partition, on the thread that has the fewest. */
  take(partition: number): void {
    if (this.#tenures.has(partition) || this.#stopping) return;
    const counts = this.#workers.map(() => 0);
    for (const { worker } of this.#tenures.values()) counts[worker] = (counts[worker] as number) + 1;
    const index = counts.indexOf(Math.min(...counts));
    const stopServing = this.#options.calls.serve(partition, (question) =>
      this.#ask(partition, question as Question),
    );
    this.#tenures.set(partition, { worker: index, stopServing, isLeaving: false, given: () => undefined });
    this.#post(index, { kind: 'take', partition });
  }

  /** Gives a partition up; resolves when nothing more is written of it. What is not saved is in the log. */
  async give(partition: number): Promise<void> {
    const tenure = this.#tenures.get(partition);
    if (!tenure || tenure.isLeaving) return;
    tenure.isLeaving = true;
    tenure.stopServing();
    const given = new Promise<void>((resolve) => {
      tenure.given = resolve;
    });
    if (this.#workers[tenure.worker]) this.#post(tenure.worker, { kind: 'give', partition });
    else tenure.given();
    await given;
    this.#tenures.delete(partition);
    this.#progress.delete(partition);
  }

  /** Resolves when the partitions worked here have applied what the log held when this was called. */
  async caughtUp(): Promise<void> {
    for (const partition of [...this.#tenures.keys()]) {
      const tail = await this.#options.log.lastSequence(partition);
      while (this.#tenures.has(partition) && (this.#progress.get(partition)?.applied ?? -1) < tail)
        await new Promise<void>((resolve) => this.#progressed.push(resolve));
    }
  }

  /** Lets the threads finish what they are writing, and ends them. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const { stopServing } of this.#tenures.values()) stopServing();
    const ended = this.#workers.map(
      (worker) => worker && new Promise<void>((resolve) => worker.once('exit', () => resolve())),
    );
    for (const index of this.#workers.keys()) this.#post(index, { kind: 'stop' });
    await Promise.all(ended);
  }

  /** How far each partition is. */
  get progress(): Iterable<PartitionProgress> {
    return this.#progress.values();
  }

  async #ask(partition: number, question: Question): Promise<unknown> {
    const { worker: index } = this.#tenures.get(partition) as Tenure;
    if (!this.#workers[index])
      throw new TurnpikeError({ code: 'unavailable', message: 'the actors are restarting; try again' });
    if (question.kind === 'watch') return this.#watch(index, partition, question);
    if (this.#requests.size - this.#watches >= limits.questionsInFlight) throw tooMany('queries');
    return this.#put(index, partition, question);
  }

  /** Questions that wait for something to happen have bounds of their own: they must not keep others out. */
  async #watch(index: number, partition: number, question: Question): Promise<unknown> {
    if (this.#watches >= limits.watchers) throw tooMany('watchers');
    this.#watches++;
    try {
      return await this.#put(index, partition, question);
    } finally {
      this.#watches--;
    }
  }

  #put(index: number, partition: number, question: Question): Promise<unknown> {
    const known = this.#known.of(question);
    const learnt = known && known.as > 0 ? { known: known.as } : undefined;
    return this.#requests.ask(
      index,
      (id) => this.#asked[index]?.add({ id, partition, question, ...learnt }),
      known,
    );
  }

  #post(index: number, message: ToWorker): void {
    this.#asked[index]?.flush();
    this.#workers[index]?.postMessage(message);
  }

  #spawn(index: number): void {
    const { spawn, logger } = this.#options;
    const worker = spawn();
    this.#workers[index] = worker;
    worker.on('message', (message: FromThread) => this.#receive(worker, message));
    worker.on('error', (error) => logger.error({ err: error, worker: index }, 'actor thread failed'));
    worker.on('exit', (code) => {
      this.#workers[index] = undefined;
      this.#requests.abandon(index);
      for (const tenure of this.#tenures.values()) if (tenure.worker === index) tenure.given();
      if (this.#stopping) return;
      logger.error({ worker: index, code }, 'actor thread ended; starting another');
      setTimeout(() => this.#stopping || this.#spawn(index), RESPAWN_MS);
    });
    for (const [partition, tenure] of this.#tenures)
      if (tenure.worker === index && !tenure.isLeaving) this.#post(index, { kind: 'take', partition });
  }

  #receive(worker: Worker, message: FromThread): void {
    switch (message.kind) {
      case 'given':
        this.#tenures.get(message.partition)?.given();
        break;
      case 'summary':
        this.#options.calls.announce(message.summary);
        break;
      case 'replies':
        for (const reply of message.replies) this.#requests.reply(reply);
        break;
      case 'insert':
        this.#do(worker, message.id, this.#options.warehouse.insert(message.block));
        break;
      case 'publish':
        this.#do(worker, message.id, this.#options.bus.publish(message.events));
        break;
      case 'append':
        this.#do(
          worker,
          message.id,
          this.#options.log.append(message.partition, message.recordId, message.data),
        );
        break;
      case 'transfer':
        this.#do(worker, message.id, this.#options.gateway.transfer(message.order));
        break;
      case 'tick':
        this.#tick(message.partition, message.after);
        break;
      case 'progress':
        this.#note(message.progress);
        break;
    }
  }

  /** Tells a thread when what it has left to this one is done. */
  #do(worker: Worker, id: number, work: Promise<unknown>): void {
    work.then(
      (value) => worker.postMessage({ kind: 'done', id, value } satisfies ToWorker),
      (error: unknown) =>
        worker.postMessage({ kind: 'done', id, failure: failureOf(error) } satisfies ToWorker),
    );
  }

  /** A tick has the id of what it follows, so that asking twice appends once. */
  #tick(partition: number, after: number): void {
    const { log, logger } = this.#options;
    log.append(partition, `tick-${partition}-${after}`, TICK_RECORD).catch((error: unknown) => {
      logger.warn({ err: error, partition }, 'tick not appended; the worker asks again');
    });
  }

  #note(progress: readonly PartitionProgress[]): void {
    for (const one of progress) if (this.#tenures.has(one.partition)) this.#progress.set(one.partition, one);
    const progressed = this.#progressed;
    this.#progressed = [];
    for (const resolve of progressed) resolve();
  }
}

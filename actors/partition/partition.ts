/**
 * A partition at work: it reads its log from the cursor on, applies record after record, and hands closed
 * blocks to the writer. An actor that throws does not stop it: the partition starts again from its cursor
 * with the row marked as poison, so nothing half-changed survives.
 */
import type { Logger } from 'pino';
import { limits } from '../../limits.ts';
import { ASKED_KIND, type EventDecision, type Query } from '../../model/actor-gateway.ts';
import type { Clock } from '../../model/clock.ts';
import { decisionId, outcomeOf, reasonName } from '../../model/decision.ts';
import { fail } from '../../model/errors.ts';
import type { OutboxStatistics } from '../../model/outbox.ts';
import type { Summary } from '../../model/summary.ts';
import type { EventBus } from '../../storage/events/port.ts';
import type { Gateway } from '../../storage/gateway/port.ts';
import type { Log, LogReader } from '../../storage/log/port.ts';
import { RevisionConflict, type Snapshots } from '../../storage/snapshots/port.ts';
import type { Warehouse } from '../../storage/warehouse/port.ts';
import type { ActorFactories } from '../actor.ts';
import { keys } from '../keys.ts';
import { Outgoing } from '../messaging/outgoing.ts';
import type { Question, QuestionAnswer } from '../node/thread-messages.ts';
import { BlockWriter } from './block-writer.ts';
import type { Cell } from './cell.ts';
import { Cells } from './cells.ts';
import { CursorStore } from './cursor.ts';
import { EventIdWindow } from './event-id-window.ts';
import { KeptLetters } from './kept-letters.ts';
import { type PartitionEvents, PartitionState } from './partition-state.ts';
import { forget, type Poison, PoisonedRow } from './poison.ts';
import { RecentAnswers } from './recent-answers.ts';
import { Spool } from './spool.ts';
import { Waiters } from './waiters.ts';
import { type Actors, Watches } from './watches.ts';

const RESTART_MS = 1_000;

export interface PartitionOptions {
  readonly partition: number;
  readonly log: Pick<Log, 'partitions' | 'read' | 'lastSequence' | 'append'>;
  readonly snapshots: Snapshots;
  readonly warehouse: Pick<Warehouse, 'insert'>;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly gateway: Pick<Gateway, 'transfer'>;
  readonly factories: ActorFactories;
  readonly events: Pick<PartitionEvents, 'summary'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How far a partition is. */
export interface PartitionProgress {
  readonly partition: number;
  /** Sequences: applied, saved, and inserted into the warehouse. */
  readonly applied: number;
  readonly committed: number;
  readonly inserted: number;
  /** Record time of the applied sequence. */
  readonly time: number;
  readonly epoch: number;
  /** Events decided since the partition was taken over. */
  readonly events: number;
  readonly actorsInMemory: number;
  readonly spoolBytes: number;
  /** Dead letters that were not replayed. */
  readonly deadLetters: number;
  /** What is to be done outside, and how it goes. */
  readonly outbox: OutboxStatistics;
}

/** One life of the partition, from the cursor on. */
interface Run {
  readonly state: PartitionState;
  readonly cells: Cells;
  readonly writer: BlockWriter;
  readonly cursor: CursorStore;
  readonly spool: Spool;
  readonly outgoing: Outgoing;
  readonly letters: KeptLetters;
  readonly reader: LogReader;
}

export class Partition {
  readonly partition: number;
  readonly #options: PartitionOptions;
  readonly #poison: Poison = new Map();
  readonly #applied = new Waiters();
  readonly #saved = new Waiters();
  readonly #inserted = new Waiters();
  readonly #watches = new Watches();
  /** They outlive the lives: what is saved is not applied again. */
  readonly #answers = new RecentAnswers();
  /** Summaries that were told and are not saved yet, by their keys. */
  readonly #unsaved = new Map<string, Summary>();
  #run: Run | undefined;
  #life: Promise<void> | undefined;
  readonly #abort = new AbortController();
  #stopped = false;
  #eventsBefore = 0;
  /** Letters of messages that were not replayed, when the last life ended. */
  #messageLetters = 0;

  constructor(options: PartitionOptions) {
    this.partition = options.partition;
    this.#options = options;
  }

  /** Begins to work; problems are retried until `stop`. */
  start(): void {
    this.#life ??= this.#live();
  }

  /** Stops; what is not saved yet is in the log. */
  async stop(): Promise<void> {
    this.#stopped = true;
    // Whoever waits here for something to happen asks the next owner.
    this.#watches.end();
    this.#abort.abort();
    this.#run?.reader.close();
    await this.#life;
  }

  get progress(): PartitionProgress | undefined {
    const run = this.#run;
    if (!run) return undefined;
    return {
      partition: this.partition,
      applied: run.state.sequence,
      committed: run.writer.committedSequence,
      inserted: this.#insertedSequence(run),
      time: run.state.time,
      epoch: run.cursor.epoch,
      events: this.#eventsBefore + run.state.appliedRows,
      actorsInMemory: run.cells.size,
      spoolBytes: run.spool.bytes,
      deadLetters: run.letters.waiting,
      outbox: run.outgoing.statistics,
    };
  }

  /**
   * Whether only a tick will bring the partition on: an open block has lasted its time, or something is
   * due, and no record comes.
   *
   * @param now wall-clock time, milliseconds since the epoch
   */
  needsTick(now: number): boolean {
    const state = this.#run?.state;
    if (!state) return false;
    const { blockOpenedAt } = state;
    return (blockOpenedAt !== undefined && now - blockOpenedAt >= limits.blockMs) || state.nextTimer <= now;
  }

  /** Answers a question once the partition has come to its sequence, however long that takes. */
  ask(question: Question): Promise<QuestionAnswer> {
    const waiters = this.#waitersOf(question.kind);
    return new Promise((resolve, reject) =>
      waiters.when(question.sequence, () => {
        // A question that fails is the matter of whoever asked it, not of the partition.
        try {
          resolve(this.#answer(question));
        } catch (error) {
          reject(error);
        }
      }),
    );
  }

  /** Answers questions that have waited in vain. @param now wall-clock time, milliseconds since the epoch */
  endWatches(now: number): void {
    this.#watches.expire(now);
  }

  #waitersOf(kind: Question['kind']): Waiters {
    switch (kind) {
      case 'settled':
        return this.#inserted;
      case 'saved':
        return this.#saved;
      default:
        return this.#applied;
    }
  }

  /** Answers by what the partition has come to at this moment. */
  #answer(question: Question): QuestionAnswer | Promise<QuestionAnswer> {
    const run = this.#run as Run;
    switch (question.kind) {
      case 'query':
        return query(run, question.actorId, question.query);
      case 'watch':
        return this.#watches.watch(question, actorsOf(run), this.#options.clock.now());
      case 'decision':
        return this.#decisionOf(run, question.sequence, question.row);
      case 'command':
        return this.#answers.get(question.commandId);
      case 'summaries':
        return [...this.#unsaved.values()];
      case 'outbox':
        return run.outgoing.statistics;
      case 'saved':
      case 'settled':
        return undefined;
    }
  }

  #decisionOf({ state }: Run, sequence: number, row: number): EventDecision | undefined {
    const reason = state.decisions.get(sequence, row);
    return (
      reason && {
        outcome: outcomeOf(reason),
        reason: reasonName(reason),
        decisionId: decisionId(this.partition, sequence, row),
      }
    );
  }

  /** Life after life, until the partition is stopped or lost. */
  async #live(): Promise<void> {
    const { logger } = this.#options;
    while (!this.#stopped) {
      try {
        await this.#liveOnce();
      } catch (error) {
        if (error instanceof PoisonedRow && this.#maySetAside(error)) {
          this.#poison.set(error.key, String(error.cause));
          logger.error({ partition: this.partition, row: error.key, err: error.cause }, 'event set aside');
        } else {
          // That somebody else has taken it over is as it should be.
          if (error instanceof RevisionConflict) logger.warn({ partition: this.partition }, 'partition lost');
          else logger.error({ partition: this.partition, err: error }, 'partition restarts');
          await this.#options.clock.sleep(RESTART_MS, this.#abort.signal);
        }
      }
    }
  }

  /** What a message says must not be lost: it is set aside as long as letters of messages are kept. */
  #maySetAside({ isMessage }: PoisonedRow): boolean {
    return !isMessage || this.#messageLetters + this.#poison.size < limits.messageLettersPerPartition;
  }

  async #liveOnce(): Promise<void> {
    const run = await this.#open();
    this.#run = run;
    this.#report(run);
    let failure: { error: unknown } | undefined;
    this.#onFailure = (error) => {
      failure = { error };
      run.reader.close();
    };
    try {
      if (this.#stopped) return;
      for await (const records of run.reader) {
        for (const record of records) {
          // Sequences may be left out; but so are records that a later owner has saved and given up.
          if (record.sequence !== run.state.sequence + 1) await run.cursor.confirm(this.#options.snapshots);
          const closed = run.state.closeBefore(record);
          if (closed) await run.writer.put(closed.block, closed.cursor);
          await run.state.apply(record);
        }
        this.#report(run);
        if (this.#stopped || failure) break;
      }
    } finally {
      run.reader.close();
      await run.writer.stop();
      await run.outgoing.stop();
      await run.letters.stop();
      this.#applied.suspend();
      this.#eventsBefore += run.state.appliedRows;
      this.#messageLetters = run.letters.waitingMessages;
      this.#run = undefined;
    }
    if (failure) throw failure.error;
  }

  #onFailure: (error: unknown) => void = () => undefined;

  async #open(): Promise<Run> {
    const { partition, log, snapshots, warehouse, bus, gateway, factories, events, clock, logger } =
      this.#options;
    const cursor = await CursorStore.open(partition, snapshots);
    refuseShortLog(partition, await log.lastSequence(partition), cursor.saved.sequence);
    const spool = await Spool.open(partition, snapshots, cursor.saved);
    const eventIds = await EventIdWindow.load(cursor.saved.eventIds, (name) =>
      snapshots.get(keys.partitionDocument(partition, name)),
    );
    const cells = new Cells(partition, snapshots, factories);
    const state = new PartitionState(partition, cursor.saved, cells, eventIds, this.#poison, {
      summary: (summary) => {
        this.#unsaved.set(keys.summary(summary), summary);
        events.summary(summary);
      },
      answer: (commandId, answer) => this.#answers.put(commandId, answer),
    });
    const failed = (error: unknown): void => this.#onFailure(error);
    const outgoing = await Outgoing.open(
      { partition, snapshots, bus, log, gateway, cells, clock, failed },
      cursor.saved.sequence,
    );
    const letters = await KeptLetters.open({ partition, snapshots, failed });
    const writer = new BlockWriter({
      partition,
      logger,
      snapshots,
      warehouse,
      cursor,
      spool,
      clock,
      saved: (block) => {
        outgoing.saved(block);
        letters.saved(block.documents);
        forget(this.#poison, block.lastSequence);
        for (const [key, { revision }] of this.#unsaved)
          if (revision <= block.lastSequence) this.#unsaved.delete(key);
      },
      progressed: () => this.#run && this.#report(this.#run),
      failed,
    });
    const reader = log.read(partition, cursor.saved.sequence + 1);
    return { state, cells, writer, cursor, spool, outgoing, letters, reader };
  }

  /** Tells those who wait how far the partition is. */
  #report(run: Run): void {
    this.#applied.reached(run.state.sequence);
    this.#watches.progressed(actorsOf(run));
    this.#saved.reached(this.#savedSequence(run));
    this.#inserted.reached(this.#insertedSequence(run));
  }

  /** With no block open or waiting, whatever was applied has nothing that is still to be saved. */
  #savedSequence({ state, writer }: Run): number {
    return state.blockOpenedAt === undefined && writer.isQueueEmpty
      ? state.sequence
      : writer.committedSequence;
  }

  /** With no block open or waiting, whatever was applied has nothing that the warehouse still lacks. */
  #insertedSequence({ state, writer }: Run): number {
    return state.blockOpenedAt === undefined && writer.isIdle ? state.sequence : writer.insertedSequence;
  }
}

/**
 * New records of a log that has lost its end would get sequences that are done already, and nobody would ever
 * look at them.
 */
function refuseShortLog(partition: number, lastSequence: number, savedSequence: number): void {
  if (lastSequence >= savedSequence) return;
  fail(
    'failed_precondition',
    `the log of partition ${partition} ends at ${lastSequence}, before ${savedSequence}, which is saved: ` +
      'it has lost records, or is older than the snapshots; see docs/operations.md, When parts are lost',
  );
}

function actorsOf({ cells, state: { time } }: Run): Actors {
  return { cells, time };
}

/** Asks an actor: one that is in memory at once, so that questions that come together are answered together. */
function query(run: Run, actorId: string, kind: Query['kind']): QuestionAnswer | Promise<QuestionAnswer> {
  const cell = run.cells.get(ASKED_KIND[kind], actorId);
  return cell ? answerOf(run, cell, kind) : load(run, actorId, kind);
}

async function load(run: Run, actorId: string, kind: Query['kind']): Promise<QuestionAnswer> {
  return answerOf(run, await run.cells.load(ASKED_KIND[kind], actorId), kind);
}

function answerOf(run: Run, cell: Cell, kind: Query['kind']): QuestionAnswer {
  const answer = cell.actor.query(kind, run.state.time);
  run.cells.forget(cell);
  return answer;
}

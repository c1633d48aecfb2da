/**
 * The way to the actors: a command or a question first goes to the log, or learns how far the log has
 * come, and then to whoever works the partition. While a partition changes hands it is asked again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { limits } from '../../limits.ts';
import type {
  ActorGateway,
  ActorObserver,
  EventDecision,
  Query,
  QueryAnswers,
  Seen,
} from '../../model/actor-gateway.ts';
import type { Command, CommandAnswer } from '../../model/command.ts';
import { TurnpikeError } from '../../model/errors.ts';
import { partitionOf } from '../../model/fingerprint.ts';
import { type OutboxStatistics, sumOfOutboxes } from '../../model/outbox.ts';
import { encodeCommand } from '../../model/record.ts';
import type { Calls } from '../../storage/calls/port.ts';
import type { Log } from '../../storage/log/port.ts';
import { tooMany } from './requests.ts';
import type { Question } from './thread-messages.ts';

/** An answer that is not there by then was perhaps asked of an owner who is no longer one. */
const ATTEMPT_MS = 2_000;
const PAUSE_MS = 100;

export interface PartitionGatewayOptions {
  readonly log: Pick<Log, 'partitions' | 'append' | 'lastSequence'>;
  readonly calls: Pick<Calls, 'ask'>;
}

export class PartitionGateway implements ActorGateway, ActorObserver {
  readonly #options: PartitionGatewayOptions;
  #commands = 0;
  #questions = 0;
  #watches = 0;

  constructor(options: PartitionGatewayOptions) {
    this.#options = options;
  }

  async execute(command: Command): Promise<CommandAnswer> {
    if (this.#commands >= limits.commandsInFlight)
      throw new TurnpikeError({
        code: 'resource_exhausted',
        message: 'too many commands under way; try again',
      });
    this.#commands++;
    try {
      const deadline = performance.now() + limits.commandMs;
      const { commandId, actorId } = command;
      const partition = this.#partitionOf(actorId);
      const sequence = await this.#options.log.append(partition, commandId, encodeCommand(command));
      const answer = await this.#ask(partition, { kind: 'command', sequence, commandId }, deadline).catch(
        unknownOutcome,
      );
      if (answer !== undefined) return answer as CommandAnswer;
      return unknownOutcome();
    } finally {
      this.#commands--;
    }
  }

  async query<K extends Query['kind']>(actorId: string, { kind }: { kind: K }): Promise<QueryAnswers[K]> {
    const deadline = performance.now() + limits.queryMs;
    const partition = this.#partitionOf(actorId);
    const sequence = await this.#options.log.lastSequence(partition);
    const answer = await this.#ask(partition, { kind: 'query', sequence, actorId, query: kind }, deadline);
    return answer as QueryAnswers[K];
  }

  async changed<K extends Query['kind']>(
    actorId: string,
    queries: readonly K[],
    after: number | undefined,
  ): Promise<Seen<K> | undefined> {
    if (this.#watches >= limits.watchers) throw tooMany('watchers');
    this.#watches++;
    try {
      const deadline = performance.now() + limits.queryMs;
      const partition = this.#partitionOf(actorId);
      const seen =
        after === undefined
          ? { sequence: await this.#options.log.lastSequence(partition) }
          : { sequence: 0, after };
      const question = { kind: 'watch', actorId, queries, ...seen } as const;
      return (await this.#attempt(partition, question, deadline)) as Seen<K> | undefined;
    } finally {
      this.#watches--;
    }
  }

  async decision(partition: number, sequence: number, row: number): Promise<EventDecision | undefined> {
    const deadline = performance.now() + limits.decisionMs;
    try {
      return (await this.#ask(partition, { kind: 'decision', sequence, row }, deadline)) as
        | EventDecision
        | undefined;
    } catch (error) {
      // It is in the log and will be made; only who asks cannot be told yet.
      if (error instanceof TurnpikeError && error.retryable) return undefined;
      throw error;
    }
  }

  settled(actorId?: string): Promise<void> {
    return this.#await('settled', actorId === undefined ? undefined : this.#partitionOf(actorId));
  }

  saved(partition?: number): Promise<void> {
    return this.#await('saved', partition);
  }

  async outbox(): Promise<OutboxStatistics> {
    const deadline = performance.now() + limits.queryMs;
    const answers = await Promise.all(
      this.#partitions().map((partition) => this.#ask(partition, { kind: 'outbox', sequence: 0 }, deadline)),
    );
    return sumOfOutboxes(answers as OutboxStatistics[]);
  }

  /** Waits until a partition, or each, has come so far with what its log holds now. */
  async #await(kind: 'settled' | 'saved', only?: number): Promise<void> {
    const deadline = performance.now() + limits.commandMs;
    const { log } = this.#options;
    const partitions = only === undefined ? this.#partitions() : [only];
    await Promise.all(
      partitions.map(async (partition) => {
        const sequence = await log.lastSequence(partition);
        await this.#ask(partition, { kind, sequence }, deadline);
      }),
    );
  }

  #partitions(): number[] {
    return Array.from({ length: this.#options.log.partitions }, (_, partition) => partition);
  }

  #partitionOf(actorId: string): number {
    return partitionOf(actorId, this.#options.log.partitions);
  }

  /** Asks, where not too many questions are under way. */
  async #ask(partition: number, question: Question, deadline: number): Promise<unknown> {
    if (this.#questions >= limits.questionsInFlight) throw tooMany('queries');
    this.#questions++;
    try {
      return await this.#attempt(partition, question, deadline);
    } finally {
      this.#questions--;
    }
  }

  /** Asks until there is an answer, or a failure that is not of the moment. */
  async #attempt(partition: number, question: Question, deadline: number): Promise<unknown> {
    for (;;) {
      try {
        const leftMs = Math.max(1, deadline - performance.now());
        return await this.#options.calls.ask(partition, question, Math.min(leftMs, ATTEMPT_MS));
      } catch (error) {
        if (!(error instanceof TurnpikeError && isOfTheMoment(error))) throw error;
        if (performance.now() + PAUSE_MS >= deadline) throw error;
      }
      await delay(PAUSE_MS);
    }
  }
}

function isOfTheMoment({ failure: { code } }: TurnpikeError): boolean {
  return code === 'unavailable' || code === 'deadline_exceeded';
}

/** The command is in the log: whatever went wrong with asking, it will be carried out. */
function unknownOutcome(cause?: unknown): never {
  throw new TurnpikeError(
    {
      code: 'deadline_exceeded',
      message: 'the command was taken but its outcome is not known yet; repeat it with the same request id',
    },
    { cause },
  );
}

/**
 * Every message between the main thread and the partition workers, and the questions that are put to a
 * partition from anywhere. `postMessage` has no back-pressure of its own, so each kind is bounded by what
 * causes it: questions by `limits.questionsInFlight` and `limits.watchers`, inserts, publications and appends by one block per partition,
 * transfers by `limits.transfersPerPartition`, summaries by the commands under way.
 */
import type { EventDecision, Query, QueryAnswers, Seen } from '../../model/actor-gateway.ts';
import type { CommandAnswer } from '../../model/command.ts';
import type { CloudEvent } from '../../model/domain-event.ts';
import type { Failure } from '../../model/errors.ts';
import type { FingerprintKey } from '../../model/fingerprint.ts';
import type { OutboxStatistics } from '../../model/outbox.ts';
import type { Summary } from '../../model/summary.ts';
import type { TransferOrder } from '../../model/transfer.ts';
import type { WarehouseBlock } from '../../storage/warehouse/port.ts';
import type { PartitionProgress } from '../partition/partition.ts';

/** What a worker thread is started with. */
export interface WorkerStart<Engines> {
  /** Handles of the engines, as the worker's entry understands them. */
  readonly engines: Engines;
  readonly fingerprintKey: FingerprintKey;
  readonly logLevel: string;
}

/** A question to a partition; it is answered when the partition has come to `sequence`. */
export type Question = { readonly sequence: number } & (
  | { readonly kind: 'query'; readonly actorId: string; readonly query: Query['kind'] }
  /** What queries are answered once one of their actors has changed after a sequence, or that nothing happens. */
  | {
      readonly kind: 'watch';
      readonly actorId: string;
      readonly queries: readonly Query['kind'][];
      readonly after?: number;
    }
  /** What was decided of a row of the record. */
  | { readonly kind: 'decision'; readonly row: number }
  /** What the command was answered. */
  | { readonly kind: 'command'; readonly commandId: string }
  /** Summaries that were told and are not saved yet. */
  | { readonly kind: 'summaries' }
  /** How it goes with what is to be done outside. */
  | { readonly kind: 'outbox' }
  /** Whether everything up to the sequence is saved; the answer waits until it is. */
  | { readonly kind: 'saved' }
  /** Whether everything up to the sequence is in the warehouse; the answer waits until it is. */
  | { readonly kind: 'settled' }
);

/** What a partition answers; `undefined`: there is no such actor, or it is no longer known. */
export type QuestionAnswer =
  | QueryAnswers[Query['kind']]
  | Seen
  | EventDecision
  | CommandAnswer
  | readonly Summary[]
  | OutboxStatistics
  | undefined;

/** A question on its way to a thread. */
export interface Asked {
  readonly id: number;
  readonly partition: number;
  readonly question: Question;
  /** What the answer is known as that the main thread has; absent: none. */
  readonly known?: number;
}

/** What came of a question. */
export interface Reply {
  readonly kind: 'reply';
  readonly id: number;
  readonly value?: QuestionAnswer;
  /** What the value is known as from now on; without one: what is known as this still holds. */
  readonly as?: number;
  readonly failure?: Failure;
}

export type ToWorker =
  | { readonly kind: 'take'; readonly partition: number }
  | { readonly kind: 'give'; readonly partition: number }
  /** The questions of one turn: they wake the thread once. */
  | { readonly kind: 'ask'; readonly asked: readonly Asked[] }
  /** What was left to the main thread is done, or has failed. */
  | {
      readonly kind: 'done';
      readonly id: number;
      /** What came of it: the sequence of an append, the outcome of a transfer. */
      readonly value?: unknown;
      readonly failure?: Failure;
    }
  | { readonly kind: 'stop' };

export type FromWorker =
  /** A partition was given up: nothing more is written of it. */
  | { readonly kind: 'given'; readonly partition: number }
  | { readonly kind: 'summary'; readonly summary: Summary }
  | Reply
  | { readonly kind: 'insert'; readonly id: number; readonly block: WarehouseBlock }
  | { readonly kind: 'publish'; readonly id: number; readonly events: readonly CloudEvent[] }
  | {
      readonly kind: 'append';
      readonly id: number;
      readonly partition: number;
      readonly recordId: string;
      readonly data: Uint8Array;
    }
  | { readonly kind: 'transfer'; readonly id: number; readonly order: TransferOrder }
  | { readonly kind: 'tick'; readonly partition: number; readonly after: number }
  | { readonly kind: 'progress'; readonly progress: readonly PartitionProgress[] };

/** What comes from a thread: replies that are there at the same time come together, and wake the main thread once. */
export type FromThread =
  | Exclude<FromWorker, Reply>
  | { readonly kind: 'replies'; readonly replies: readonly Reply[] };

/**
 * What the runtime asks of an actor. An actor is deterministic: the same calls in the same order give the
 * same answers and the same bytes. It does no I/O; what it must remember leaves it by `save`.
 */

import type { Query, QueryAnswers } from '../model/actor-gateway.ts';
import type { TableRows } from '../model/columns/table-rows.ts';
import type { ActorKind, Command, CommandAnswer } from '../model/command.ts';
import type { EventLetter } from '../model/dead-letter.ts';
import type { DomainEvent } from '../model/domain-event.ts';
import type { Failure } from '../model/errors.ts';
import type { EventBatch, Stopped } from '../model/event-batch.ts';
import type { Message, MessageOrigin } from '../model/message.ts';
import type { Summary } from '../model/summary.ts';
import type { TransferOrder } from '../model/transfer.ts';
import type { Decision } from './campaign/decide.ts';
import type { DocumentChange, ReadDocument } from './stored.ts';

/** A document of an actor, by its name below the actor's own key. */
export interface ActorDocument extends DocumentChange {
  readonly name: string;
}

/** Gives a saved document by its name. */
export type DocumentReader = (name: string) => Promise<ReadDocument | undefined>;

/** For a document that must be there and is not: another owner has gone on meanwhile. */
export function missing(name: string): never {
  throw new Error(`the document ${name} is missing`);
}

export interface Actor {
  readonly id: string;
  /** Sequence of the last record whose effects are in the actor. */
  readonly applied: number;
  /** Whether there is anything to save: an actor that was asked for but never created has nothing. */
  readonly exists: boolean;

  /**
   * Reads what `command` will need of the actor's documents that it does not keep in memory. It must change nothing
   * that is saved. What it reads may be newer than the actor, by a later owner, or older than what the actor has
   * not saved yet. An error is taken for one of reading: the partition starts again from its cursor.
   */
  prepare?(command: Command, read: DocumentReader): Promise<void>;

  command(command: Command, time: number, sequence: number): CommandAnswer;

  /**
   * Takes what another actor tells it: each message once, those of one sender in the order in which they were sent.
   *
   * @param from the block that the message comes from
   */
  receive(message: Message, time: number, sequence: number, from: MessageOrigin): void;

  /** What it knows; `undefined` if it was never created, or if actors of another kind are meant. */
  query<K extends Query['kind']>(kind: K, asOf: number): QueryAnswers[K];

  /** Record time at which `onTime` must be called next. */
  dueAt(): number | undefined;
  onTime(time: number, sequence: number): void;

  /** The summary, if it has changed since the last call. */
  takeSummary(): Summary | undefined;

  /** What has happened since the last call, in order. */
  takeDomainEvents(): readonly DomainEvent[];

  /** What other actors are to be told, in order. Taken when the block is closed, just before `save`. */
  takeMessages(): readonly Message[];

  /** Of an actor that pays: transfers that the gateway is to be asked for. Taken when the block is closed. */
  takeTransfers?(): readonly TransferOrder[];

  /**
   * Of an actor that pays: whether the outcome of an attempt is still open. One that is settled is not handed to the
   * gateway again, which may have forgotten its key by then.
   */
  awaitsTransfer?(attempt: number): boolean;

  /** Of an actor that keeps books: adds entries posted since the last call to rows of `ledger_entries`. */
  writeLedger?(rows: TableRows, partition: number): void;

  /** Of an actor that counts: adds aggregates changed since the last call to rows of `aggregates`. */
  writeAggregates?(rows: TableRows, version: number): void;

  /** The state and the changed pages of the memories; the state comes last. */
  save(applied: number): ActorDocument[];
}

/** An actor that events of the traffic come to. */
export interface EventActor extends Actor {
  /** Decides on the current row of `batch` and counts it. */
  event(batch: EventBatch, isRepeat: boolean, time: number, sequence: number, out: Decision): void;

  /**
   * Counts a row whose handling threw, without asking the rules again. What comes under its event id from now on
   * is a repeat: only the replay of its letter may count it.
   */
  failedEvent(batch: EventBatch, letter: EventLetter, out: Decision): void;

  /** Whether the current row's event has failed before: then it waits, or has waited, in a letter. */
  hasFailed(batch: EventBatch): boolean;

  /** Takes a letter to be replayed, which it does once for ever; gives why not, if it may not be. */
  takeLetter(letterId: string, sequence: number): Failure | undefined;

  /** Counts repeats that the filter stopped. */
  stopped(stopped: Stopped, time: number, sequence: number): void;
}

/** What the actors of each kind can do. */
export interface ActorsByKind {
  readonly campaign: EventActor;
  readonly partner: Actor;
  readonly account: Actor;
  readonly payout: Actor;
}

/** Makes actors of one kind from what was saved. */
export interface ActorFactory<A extends Actor = Actor> {
  /**
   * @param read gives a saved document by name
   * @param partition of the actor; 0 if it does not matter
   */
  load(id: string, read: DocumentReader, partition?: number): Promise<A>;
}

export type ActorFactories = { readonly [Kind in ActorKind]: ActorFactory<ActorsByKind[Kind]> };

/** Name of the document that holds an actor's state. */
export const STATE_DOCUMENT = 'state';

/**
 * Messages: what one actor tells another. They travel through the log of the partition of whom they are for, as
 * commands do, but nobody waits for an answer.
 *
 * What the actors of a partition have to say in one block goes out together, one record for each partition that it
 * is for. Such a batch is named by where it comes from, and a partition takes the batches of each other one in
 * order: what it has had already it knows by two numbers, see `actors/messaging/inbox.ts`.
 */
import type { ActorKind } from './command.ts';

/** What an actor is told. */
export interface Message {
  readonly actorKind: ActorKind;
  readonly actorId: string;
  /** What it is about: a verb of the actor. */
  readonly name: string;
  /** Plain JSON, made by an actor: it is trusted, but what it asks for may still be refused. */
  readonly payload: unknown;
}

/** The block that messages come from. */
export interface MessageOrigin {
  /** The partition. */
  readonly from: number;
  /** Last sequence of the block there: it grows from batch to batch. */
  readonly upTo: number;
}

/** What the actors of one partition tell those of another with one block, or a part of it where it is too much for one record. */
export interface MessageBatch extends MessageOrigin {
  /** How many messages of the block to that partition lie in parts before this one. */
  readonly first: number;
  readonly messages: readonly Message[];
}
